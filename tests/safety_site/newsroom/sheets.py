"""Sheets as an editor sends them: looked at first, then imported; for the tests of them."""

import csv
import hashlib
import io

from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.serializers import serialize

from guidance.models import UsefulLink
from reporting.models import Authority, ContactEdition, OpeningHours, OtherWay, Phone, ReportingContact
from safety_site.models import SearchEntry, SearchSynonym, SuggestedChange, WorryWords
from tests.safety_site.newsroom.roles import with_rights

LINKS, SYNONYMS, WORRIES = "guidance/usefullink", "safety_site/searchsynonym", "safety_site/worrywords"
CONTACTS, AUTHORITIES = "reporting/contactedition", "reporting/authority"
WATCHED = (
    UsefulLink, SearchSynonym, WorryWords, Authority, ReportingContact, ContactEdition, Phone, OpeningHours, OtherWay,
    SuggestedChange, SearchEntry,
)  # fmt: skip


def writer():
    rows = ["guidance.view_usefullink", "safety_site.view_searchsynonym", "safety_site.view_worrywords"]
    rows += ["reporting.view_authority", "reporting.view_contactedition", "reporting.add_contactedition"]
    return with_rights(*rows, "safety_site.add_suggestedchange", "safety_site.view_suggestedchange")


def everything() -> str:
    """A digest of every row that an import could touch."""
    rows = "".join(serialize("json", model.objects.order_by("pk")) for model in WATCHED)
    return hashlib.sha256(rows.encode()).hexdigest()


def sheet(*rows: list[str]) -> str:
    stream = io.StringIO()
    csv.writer(stream).writerows(rows)
    return stream.getvalue()


def look(client, what: str, content: str | bytes, name: str = "sheet.csv"):
    data = content if isinstance(content, bytes) else content.encode()
    return client.post(f"/admin/{what}/import/", {"import_file": SimpleUploadedFile(name, data)})


def do_import(client, what: str, content: str | bytes, name: str = "sheet.csv"):
    page = look(client, what, content, name)
    assert (page.status_code, page.context["form"].errors, page.context["faults"]) == (200, {}, [])
    return client.post(f"/admin/{what}/process_import/", {"waiting": page.context["waiting"].pk}, follow=True)


def exported(client, what: str, number: str = "0") -> bytes:
    return client.post(f"/admin/{what}/export/", {"format": number, "resource": "0"}).content


def rows_of(data: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline="")))


def file_faults(page) -> str:
    return " ".join(page.context["form"].errors.get("import_file", []))
