"""Files that editors upload with a topic."""

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import FileSystemStorage

from guidance.models import Resource
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def leaflet(settings, tmp_path, monkeypatch):
    """A topic with an uploaded leaflet; the file lies in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "media"
    monkeypatch.setattr(Resource._meta.get_field("file"), "storage", FileSystemStorage(location=settings.MEDIA_ROOT))
    edition = factories.topic_edition()
    resource = Resource(edition=edition, kind="printable", title="A leaflet", provider="Us", description="Print it.")
    resource.file.save("leaflet.pdf", ContentFile(b"%PDF-1.4 our leaflet"), save=True)
    return resource


def test_uploaded_leaflet_can_be_opened_from_its_topic(client, leaflet):
    page = client.get(leaflet.edition.get_absolute_url()).content.decode()
    assert f'<a href="{leaflet.file.url}">A leaflet</a>' in page
    response = client.get(leaflet.file.url)
    assert response.status_code == 200
    assert b"".join(response.streaming_content) == b"%PDF-1.4 our leaflet"
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Cache-Control"] == "no-store"
    assert "default-src 'none'" in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("path", "status", "heading"),
    [
        ("none.pdf", 404, "We cannot find that page"),
        ("", 404, "We cannot find that page"),
        ("resources/", 404, "We cannot find that page"),
        ("%00", 404, "We cannot find that page"),
        ("../db.sqlite3", 400, "We could not read that request"),
        ("..%2f..%2fmanage.py", 400, "We could not read that request"),
    ],
)
def test_nothing_but_an_uploaded_file_is_served(client, leaflet, settings, path, status, heading):
    (settings.MEDIA_ROOT.parent / "db.sqlite3").write_text("secret")
    response = client.get(f"/media/{path}")
    assert response.status_code == status
    assert f"<h1>{heading}</h1>" in response.content.decode()
