"""Files that editors upload with a topic: what is refused, who gets them, and how they are sent."""

import io
import zipfile

import pytest
from django.contrib.auth.models import Permission
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage
from django.core.files.uploadedfile import SimpleUploadedFile

from guidance.models import Resource
from safety_site.newsroom.gate import inspect
from safety_site.newsroom.uploads import KINDS, STORED_NAME, check_captions, check_upload, random_name
from tests import factories

pytestmark = pytest.mark.django_db

PDF = b"%PDF-1.4\n1 0 obj <</Type /Catalog>> endobj\ntrailer <</Root 1 0 R>>\n%%EOF\n"
MP3 = b"ID3\x03\x00\x00\x00\x00\x00\x0a" + b"\x00" * 10 + b"\xff\xfb\x90\x00" + b"\x00" * 400
BARE_MP3 = (b"\xff\xfb\x90\x00" + b"\x00" * 413) * 3
MP4 = b"\x00\x00\x00\x18ftypmp42\x00\x00\x00\x00mp42isom\x00\x00\x00\x08free" + b"\x00" * 200
VTT = "WEBVTT\n\n00:00.000 --> 00:02.000\nIt’s a <i>talk</i>.\n".encode()
TXT = "What is said: “Hello”.\n".encode()


def upload(name: str, content: bytes) -> SimpleUploadedFile:
    return SimpleUploadedFile(name, content)


def archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as packed:
        packed.writestr("a.txt", "words")
    return buffer.getvalue()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("leaflet.pdf", PDF),
        ("LEAFLET.PDF", PDF),
        ("talk.mp3", MP3),
        ("talk.mp3", BARE_MP3),
        ("film.mp4", MP4),
        ("film.vtt", VTT),
        ("film.vtt", b"\xef\xbb\xbf" + VTT),
        ("words.txt", TXT),
        ("words.txt", "Dŵr & <3\r\n\tCymraeg".encode()),
    ],
)
def test_file_that_is_what_it_says_is_taken(name, content):
    check_upload(upload(name, content))


PAGE = b"<!DOCTYPE html><script>alert(1)</script>"
DRAWING = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
PROGRAM = b"MZ\x90\x00" + b"\x00" * 100


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("page.html", PAGE, "and no other files"),
        ("drawing.svg", DRAWING, "and no other files"),
        ("program.exe", PROGRAM, "and no other files"),
        ("noname", PDF, "and no other files"),
        ("film.mp4.html", MP4, "and no other files"),
        ("archive.zip", archive(), "and no other files"),
        ("empty.pdf", b"", "The file is empty."),
        *[(f"x.{extension}", PAGE, "what is in it is no") for extension in KINDS],
        *[(f"x.{extension}", DRAWING, "what is in it is no") for extension in KINDS],
        *[(f"x.{extension}", PROGRAM, "what is in it is no") for extension in KINDS],
        *[(f"x.{extension}", archive(), "what is in it is no") for extension in KINDS],
        ("x.mp3", PDF, "what is in it is no MP3"),
        ("x.pdf", MP3, "what is in it is no PDF"),
        ("x.mp4", MP3, "what is in it is no MP4"),
        ("x.vtt", TXT, "what is in it is no WebVTT"),
        ("x.txt", b"caf\xe9", "what is in it is no plain text"),
        ("x.txt", b"a\x00b", "what is in it is no plain text"),
        ("x.pdf", b"%PDF-1.4 cut short", "what is in it is no PDF"),
        ("x.pdf", b"junk" + PDF, "what is in it is no PDF"),
        ("x.mp4", MP4.replace(b"ftypmp42", b"ftypheic"), "what is in it is no MP4"),
        ("x.pdf", PDF + archive(), "something else hidden"),
        ("x.pdf", PDF + b" " * 5_000, "what is in it is no PDF"),
        ("x.pdf", PDF[:20] + archive() + PDF[20:], "something else hidden"),
        ("x.mp3", MP3 + archive(), "something else hidden"),
        ("x.mp4", MP4 + archive(), "something else hidden"),
        ("x.pdf", PDF.replace(b"1 0 obj", PAGE), "something else hidden"),
        ("x.mp3", MP3.replace(b"\x00" * 40, PAGE, 1), "something else hidden"),
        ("x.pdf", PDF.replace(b"/Type", b"/OpenAction <</JS (alert)>> /Type"), "something else hidden"),
        ("x.pdf", PDF.replace(b"/Type", b"/Launch /Type"), "something else hidden"),
        ("x.pdf", PDF.replace(b"/Type", b"/EmbeddedFiles /Type"), "something else hidden"),
    ],
)
def test_anything_else_is_refused_in_words(name, content, said):
    with pytest.raises(ValidationError, match=said):
        check_upload(upload(name, content))


@pytest.mark.parametrize("extension", KINDS)
def test_each_kind_has_a_largest_size(extension):
    file = upload(f"x.{extension}", TXT)
    file.size = KINDS[extension].most_bytes + 1
    with pytest.raises(ValidationError, match="Make it smaller first"):
        check_upload(file)


def test_captions_are_webvtt_alone():
    check_captions(upload("film.vtt", VTT))
    with pytest.raises(ValidationError, match=r"ends in \.vtt"):
        check_captions(upload("film.txt", TXT))


@pytest.mark.parametrize(
    "name", ["leaflet.pdf", "../../evil.PDF", "a b\x00.mp3", "x" * 300 + ".mp4", "noname", "x.php"]
)
def test_stored_name_is_random_and_plain(name):
    first, second = random_name(None, name), random_name(None, name)
    assert first != second
    assert STORED_NAME.fullmatch(first)
    assert "evil" not in first


@pytest.fixture
def kept_files(settings, tmp_path, monkeypatch):
    """Uploads lie in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    storage = FileSystemStorage(location=settings.MEDIA_ROOT)
    for field in ("file", "captions"):
        monkeypatch.setattr(Resource._meta.get_field(field), "storage", storage)


def resource(edition, name="leaflet.pdf", content=PDF, captions=b"", **fields) -> Resource:
    values = {"kind": "printable", "title": "A leaflet", "provider": "Us", "description": "See.", **fields}
    row = Resource(edition=edition, **values)
    row.file.save(name, ContentFile(content), save=False)
    if captions:
        row.captions.save("film.vtt", ContentFile(captions), save=False)
    row.save()
    return row


def fetch(client, address: str, **headers: str):
    """The answer, read to its end into ``body``; the test client closes its file then."""
    response = client.get(address, headers=headers)
    response.body = b"".join(response.streaming_content) if response.streaming else response.content
    return response


@pytest.fixture
def leaflet(kept_files):
    return resource(factories.topic_edition())


def test_uploaded_leaflet_can_be_saved_from_its_topic(client, leaflet):
    page = client.get(leaflet.edition.get_absolute_url()).content.decode()
    assert f'<a href="{leaflet.file.url}">A leaflet</a>' in page
    response = fetch(client, leaflet.file.url)
    assert response.status_code == 200
    assert response.body == PDF
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == f'attachment; filename="{leaflet.file.name.partition("/")[2]}"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    policy = set(response["Content-Security-Policy"].split("; "))
    assert policy == {"default-src 'none'", "frame-ancestors 'none'", "sandbox"}
    assert not response.cookies


@pytest.mark.parametrize(
    ("name", "content", "element", "content_type"),
    [("talk.mp3", MP3, "audio", "audio/mpeg"), ("film.mp4", MP4, "video", "video/mp4")],
)
def test_recording_is_played_on_the_page_and_sent_in_parts(client, kept_files, name, content, element, content_type):
    row = resource(factories.topic_edition(), name, content, VTT, kind="video")
    page = client.get(row.edition.get_absolute_url()).content.decode()
    assert f'<{element} class="player" controls' in page
    assert 'preload="none"' in page
    assert page.count("<track") == (element == "video")
    assert "autoplay" not in page
    whole = fetch(client, row.file.url)
    assert (whole.status_code, whole["Content-Type"], whole["Accept-Ranges"]) == (200, content_type, "bytes")
    assert whole["Content-Disposition"] == "inline"
    part = fetch(client, row.file.url, range="bytes=4-11", accept_encoding="gzip")
    assert part.status_code == 206
    assert part.body == content[4:12]
    assert part["Content-Range"] == f"bytes 4-11/{len(content)}"
    assert part["Content-Length"] == "8"
    assert "Content-Encoding" not in part
    beyond = fetch(client, row.file.url, range="bytes=999999-")
    assert (beyond.status_code, beyond["Content-Range"]) == (416, f"bytes */{len(content)}")
    captions = fetch(client, row.captions.url)
    assert (captions["Content-Type"], captions["Content-Disposition"]) == ("text/vtt; charset=utf-8", "inline")


def staff(*codenames):
    user = factories.editor()
    user.user_permissions.set(Permission.objects.filter(codename__in=codenames))
    return user


@pytest.mark.parametrize(
    ("fields", "reader", "editor"),
    [
        ({}, 200, 200),
        ({"state": "draft", "publish_at": None}, 404, 200),
        ({"state": "in-review", "publish_at": None}, 404, 200),
        ({"is_withdrawal": True, "withdrawal_reason": "Old."}, 404, 200),
    ],
)
def test_file_is_for_readers_while_its_page_is_live(client, kept_files, fields, reader, editor):
    row = resource(factories.topic_edition(**fields))
    assert fetch(client, row.file.url).status_code == reader
    client.force_login(staff())
    assert fetch(client, row.file.url).status_code == reader
    client.force_login(staff("view_topicedition"))
    assert fetch(client, row.file.url).status_code == editor


@pytest.mark.parametrize(
    "path",
    [
        "none.pdf",
        "",
        "resources/",
        "resources/none.pdf",
        "%00",
        "resources/%00.pdf",
        "../db.sqlite3",
        "..%2f..%2fmanage.py",
        "resources/..%2f..%2fdb.pdf",
        "resources/" + "x" * 5_000 + ".pdf",
    ],
)
def test_nothing_but_an_uploaded_file_is_served(client, leaflet, settings, path):
    (settings.MEDIA_ROOT.parent / "db.pdf").write_text("secret")
    client.force_login(factories.editor(is_superuser=True))
    response = client.get(f"/media/{path}")
    assert response.status_code == 404
    assert "<h1>We cannot find that page</h1>" in response.content.decode()


def test_file_that_no_page_has_and_page_whose_file_is_lost_are_404(client, leaflet, settings):
    orphan = settings.MEDIA_ROOT / "resources" / "orphan.pdf"
    orphan.write_bytes(PDF)
    assert client.get("/media/resources/orphan.pdf").status_code == 404
    (settings.MEDIA_ROOT / leaflet.file.name).unlink()
    assert fetch(client, leaflet.file.url).status_code == 404


def test_copied_edition_keeps_its_files_without_a_new_check(leaflet):
    row = Resource.objects.get(pk=leaflet.pk)
    row.full_clean()
    assert Resource.objects.with_file(leaflet.file.name).live().count() == 1


def test_page_with_too_many_files_is_stopped_by_the_gate(kept_files):
    edition = factories.topic_edition()
    for _ in range(12):
        resource(edition)
    assert [each.wrong for each in inspect(edition).faults if "uploaded" in each.wrong] == []
    resource(edition)
    assert [each.wrong for each in inspect(edition).faults if "uploaded" in each.wrong] == [
        "It has 13 uploaded files; a page may have 12."
    ]
