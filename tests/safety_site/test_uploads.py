"""Files that editors upload with a topic: what is taken in, who may open it, how it is sent."""

from datetime import timedelta

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import timezone

from guidance.models import Resource
from safety_site import uploads
from safety_site.uploads import MOST_FILES, upload_fault
from tests import factories

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
# One frame of silence at 128 kbit/s, again and again: 26 ms each.
SILENCE = (b"\xff\xfb\x90\x64" + b"\0" * 413) * 200
TAGGED = b"ID3\x04\x00\x00\x00\x00\x00\x00" + SILENCE
FILM = b"\0\0\0\x20ftypisom\0\0\2\0isomiso2avc1mp41" + b"\0" * 200
CAPTIONS = b"WEBVTT\n\n00:00.000 --> 00:01.000\nHello\n"
TEXT = "Hello. It’s the words of the film.\n".encode()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leaflet.pdf", PDF),
        ("LEAFLET.PDF", PDF),
        ("talk.mp3", SILENCE),
        ("talk.mp3", TAGGED),
        ("film.mp4", FILM),
        ("film.vtt", CAPTIONS),
        ("film.vtt", b"\xef\xbb\xbf" + CAPTIONS),
        ("words.txt", TEXT),
    ],
)
def test_file_that_is_what_its_name_says_is_taken(name, content):
    assert upload_fault(upload(name, content)) == ""


REFUSED = {
    "web page": ("page.html", b"<script>alert(1)</script>", "not .html"),
    "picture with script": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "not .svg"),
    "program": ("setup.exe", b"MZ\x90\0", "not .exe"),
    "no ending": ("leaflet", PDF, "without an ending"),
    "two endings": ("leaflet.pdf.html", PDF, "not .html"),
    "ending of nothing": ("leaflet.", PDF, "without an ending"),
    "web page as PDF": ("a.pdf", b"<html><script>alert(1)</script>", "not a PDF"),
    "program as PDF": ("a.pdf", b"MZ\x90\0" + PDF, "not a PDF"),
    "web page before a PDF": ("a.pdf", b"<script>alert(1)</script>" + PDF, "not a PDF"),
    "archive behind a PDF": ("a.pdf", PDF + b"PK\x03\x04 evil PK\x05\x06" + b"\0" * 18, "archive"),
    "broken PDF": ("a.pdf", PDF[:40], "breaks off"),
    "PDF with a program": ("a.pdf", PDF.replace(b"/Type", b"/OpenAction<</S/JavaScript/JS(x())>>/Type"), "program"),
    "PDF that starts one": ("a.pdf", PDF.replace(b"/Type", b"/A<</S/Launch/F(cmd.exe)>>/Type"), "program"),
    "PDF with a file in it": ("a.pdf", PDF.replace(b"/Type", b"/EmbeddedFiles 2 0 R/Type"), "program"),
    "web page as sound": ("a.mp3", b"<html><body>" + SILENCE, "not a sound"),
    "archive as sound": ("a.mp3", b"PK\x03\x04" + b"\0" * 400, "not a sound"),
    "film as sound": ("a.mp3", FILM, "not a sound"),
    "sound as film": ("a.mp4", SILENCE, "not a film"),
    "QuickTime as film": ("a.mp4", b"\0\0\0\x14ftypqt  \0\0\2\0qt  " + b"\0" * 200, "not a film"),
    "picture as film": ("a.mp4", b"\x89PNG\r\n\x1a\n" + b"\0" * 200, "not a film"),
    "captions without their word": ("a.vtt", b"1\n00:00:00,000 --> 00:00:01,000\nHello\n", "WEBVTT"),
    "captions with another word": ("a.vtt", b"WEBVTTX\n\n", "WEBVTT"),
    "program as text": ("a.txt", b"MZ\x90\0\3\0", "UTF-8"),
    "NUL in text": ("a.txt", b"Hello\0", "characters"),
    "old encoding": ("a.txt", "It’s".encode("cp1252"), "UTF-8"),
    "nothing in it": ("a.pdf", b"", "empty"),
}  # fmt: skip


@pytest.mark.parametrize("case", REFUSED)
def test_hostile_or_broken_file_is_refused_in_words(case):
    name, content, words = REFUSED[case]
    assert words in upload_fault(upload(name, content))


def test_program_in_a_pdf_is_found_across_the_blocks_in_which_it_is_read(monkeypatch):
    monkeypatch.setattr(uploads, "MB", 64)
    for shift in range(64):
        content = PDF.replace(b"/Type", b" " * shift + b"/JavaScript 2 0 R /Type")
        assert "program" in upload_fault(upload("a.pdf", content)), shift


@pytest.mark.parametrize(("name", "content"), [("a.txt", TEXT), ("a.vtt", CAPTIONS)])
def test_file_over_its_size_is_refused_with_both_sizes(name, content):
    large = upload(name, content + b"x" * (2 * uploads.MB))
    assert "2 MB" in upload_fault(large)
    assert "1 MB at most" in upload_fault(large)


def test_each_place_takes_its_own_kinds_only():
    resource = Resource(kind="video", title="A film", provider="Us", description="Watch.", position=1)
    resource.file = upload("film.vtt", CAPTIONS)
    resource.captions = upload("film.mp4", FILM)
    resource.transcript_file = upload("talk.mp3", SILENCE)
    with pytest.raises(ValidationError) as refused:
        resource.clean_fields(exclude=["edition"])
    assert sorted(refused.value.message_dict) == ["captions", "file", "transcript_file"]


def test_captions_need_a_film_of_ours():
    resource = Resource(kind="podcast", title="A talk")
    resource.file, resource.captions = upload("talk.mp3", SILENCE), upload("talk.vtt", CAPTIONS)
    with pytest.raises(ValidationError, match="Captions belong to a film"):
        resource.clean()


def test_name_tells_nothing_and_keeps_its_ending():
    names = {uploads.random_name(None, "../Child’s case 12.PDF") for _ in range(50)}
    assert len(names) == 50
    assert all(name.startswith("resources/") and name.endswith(".pdf") and len(name) == 46 for name in names)


@pytest.fixture
def store(settings, tmp_path, monkeypatch, db):
    """The folder of the uploads, of this test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    for name in ("file", "captions", "transcript_file"):
        field = Resource._meta.get_field(name)
        monkeypatch.setattr(field, "storage", FileSystemStorage(location=settings.MEDIA_ROOT))
    return settings.MEDIA_ROOT


def resource_with(content: bytes, name: str, edition=None, **fields) -> Resource:
    values = {"kind": "printable", "title": "A leaflet", "provider": "Us", "description": "Print it.", **fields}
    resource = Resource(edition=edition or factories.topic_edition(), position=1, **values)
    resource.file.save(name, ContentFile(content), save=True)
    return resource


def fetch(client, url: str, **headers: str):
    """An answer and its bytes; read in this way, the test client closes the file behind it."""
    response = client.get(url, headers=headers)
    return response, b"".join(response.streaming_content) if response.streaming else response.content


def test_uploaded_leaflet_is_downloaded_from_its_topic(client, store):
    leaflet = resource_with(PDF, "leaflet.pdf")
    page = client.get(leaflet.edition.get_absolute_url()).content.decode()
    assert f'<a href="{leaflet.file.url}">A leaflet</a>' in page
    response, content = fetch(client, leaflet.file.url, accept_encoding="gzip")
    assert (response.status_code, content) == (200, PDF)
    headers = {
        "Content-Type": "application/pdf",
        "Content-Length": str(len(PDF)),
        "Content-Disposition": f'attachment; filename="{leaflet.file.name.removeprefix("resources/")}"',
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        "Content-Security-Policy": "default-src 'none'; sandbox",
        "Cross-Origin-Resource-Policy": "same-origin",
        "X-Robots-Tag": "noindex",
    }
    assert {name: response[name] for name in headers} == headers
    assert "Content-Encoding" not in response
    assert not response.cookies


def test_recording_plays_on_the_page_without_foreign_parts(client, store):
    film = resource_with(FILM, "film.mp4", kind="video", title="A film")
    film.captions.save("film.vtt", ContentFile(CAPTIONS))
    film.transcript_file.save("film.txt", ContentFile(TEXT))
    page = client.get(film.edition.get_absolute_url()).content.decode()
    named = f'aria-label="A film" src="{film.file.url}"'
    assert f'<video class="no-print" controls preload="none" playsinline {named}>' in page
    assert f'<track kind="captions" srclang="en" label="English" src="{film.captions.url}">' in page
    assert f'<a href="{film.transcript_file.url}">Download what is said, as text</a>' in page
    assert fetch(client, film.captions.url)[0]["Content-Type"] == "text/vtt; charset=utf-8"
    assert fetch(client, film.file.url)[0]["Content-Disposition"].startswith("inline;")


@pytest.mark.parametrize(
    ("asked", "status", "content", "content_range"),
    [
        ("bytes=0-9", 206, TAGGED[:10], f"bytes 0-9/{len(TAGGED)}"),
        ("bytes=100-199", 206, TAGGED[100:200], f"bytes 100-199/{len(TAGGED)}"),
        ("bytes=-10", 206, TAGGED[-10:], f"bytes {len(TAGGED) - 10}-{len(TAGGED) - 1}/{len(TAGGED)}"),
        (f"bytes={len(TAGGED)}-", 416, b"", f"bytes */{len(TAGGED)}"),
        ("bytes=x-y", 200, TAGGED, None),
    ],
)
def test_recording_can_be_wound_forward(client, store, asked, status, content, content_range):
    talk = resource_with(TAGGED, "talk.mp3", kind="podcast")
    response, sent = fetch(client, talk.file.url, range=asked, accept_encoding="gzip")
    assert (response.status_code, sent) == (status, content)
    assert response.get("Content-Range") == content_range


@pytest.mark.parametrize(
    "path", ["none.pdf", "", "resources/", "%00", "../db.sqlite3", "..%2f..%2fmanage.py", "a" * 3_000 + ".pdf"]
)
def test_nothing_but_an_uploaded_file_is_sent(client, store, path):
    resource_with(PDF, "leaflet.pdf")
    (store.parent / "db.sqlite3").write_text("secret")
    response = client.get(f"/media/{path}")
    assert response.status_code == 404
    assert "<h1>We cannot find that page</h1>" in response.content.decode()


def test_file_that_is_in_the_folder_and_on_no_page_is_not_sent(client, store):
    resource_with(PDF, "leaflet.pdf")
    (store / "resources" / "stray.pdf").write_bytes(PDF)
    assert client.get("/media/resources/stray.pdf").status_code == 404


def test_file_that_got_lost_is_a_plain_404(client, store):
    leaflet = resource_with(PDF, "leaflet.pdf")
    (store / leaflet.file.name).unlink()
    assert client.get(leaflet.file.url).status_code == 404


def _who(client, who: str) -> None:
    if who == "stranger":
        return
    user = factories.editor()
    if who == "reader of drafts":
        user.user_permissions.add(Permission.objects.get(codename="view_resource"))
    client.force_login(user)


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("plain staff", 404), ("reader of drafts", 200)])
def test_file_of_a_page_that_is_not_live_is_for_its_editors_only(client, store, who, status):
    _who(client, who)
    tomorrow = timezone.now() + timedelta(days=1)
    for fields in ({"state": "draft"}, {"state": "in-review"}, {"publish_at": tomorrow}):
        leaflet = resource_with(PDF, "leaflet.pdf", factories.topic_edition(**fields))
        assert fetch(client, leaflet.file.url)[0].status_code == status, fields
    shown = resource_with(PDF, "leaflet.pdf")
    factories.withdrawal(shown.edition)
    assert fetch(client, shown.file.url)[0].status_code == status


def test_asking_for_a_live_file_reads_no_session(client, store):
    talk = resource_with(TAGGED, "talk.mp3")
    client.cookies["sessionid"] = "planted" * 4
    response, content = fetch(client, talk.file.url)
    assert content == TAGGED
    assert "Cookie" not in response.get("Vary", "")


def test_page_with_too_many_files_is_told_so(client, store):
    """Through the edit screen, as an editor meets it."""
    admin = factories.editor(is_superuser=True)
    client.force_login(admin)
    edition = factories.topic_edition(state="draft")
    for position in range(1, MOST_FILES + 2):
        Resource.objects.create(
            edition=edition, position=position, kind="printable", title="x", provider="x", description="x",
            file=f"resources/{position}.pdf",
        )  # fmt: skip
    address = reverse("admin:guidance_topicedition_change", args=[edition.pk])
    form = client.get(address).context
    data = {}
    for each in (form["adminform"].form, *(f for i in form["inline_admin_formsets"] for f in i.formset.forms)):
        data |= {each.add_prefix(name): each[name].value() for name in each.fields if each[name].value() is not None}
    for inline in form["inline_admin_formsets"]:
        management = inline.formset.management_form
        data |= {management.add_prefix(name): management[name].value() for name in management.fields}
    files = ("-file", "-captions", "-transcript_file")
    data = {name: value for name, value in data.items() if not name.endswith(files) and "__prefix__" not in name}
    page = client.post(address, data).content.decode()
    assert f"A page may have {MOST_FILES} uploaded files; here are {MOST_FILES + 1}." in page
