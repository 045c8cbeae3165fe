"""What the server in front needs of the site: pages of its own, names of what it may keep, gunicorn's settings."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from safety_site import front_pages
from safety_site.page_store.declared import RULES

ROOT = Path(__file__).resolve().parents[3]
DEPLOY = ROOT / "safety_site" / "deploy"


def test_pages_for_the_server_in_front_have_the_way_out_and_need_no_database(tmp_path):
    call_command("front_pages", tmp_path / "front", verbosity=0)
    names = {path.name for path in (tmp_path / "front").iterdir()}
    assert names == {"400.html", "413.html", "414.html", "429.html", "503.html", "headers.conf", "front.vcl"}
    for name in front_pages.PAGES:
        words = (tmp_path / "front" / f"{name}.html").read_text()
        assert 'id="quick-exit" href="https://www.bbc.co.uk/weather"' in words
        assert 'href="tel:999"' in words
        assert "0800 1111" in words
    for_varnish = (tmp_path / "front" / "front.vcl").read_text()
    for name, value in front_pages.security_headers().items():
        assert f'set resp.http.{name} = {{"{value}"}};' in for_varnish
    headers = (tmp_path / "front" / "headers.conf").read_text()
    assert "add_header X-Frame-Options 'DENY' always;" in headers
    assert "default-src \\'none\\'" in headers
    assert "$" not in headers


def test_pages_for_the_server_in_front_that_cannot_be_written_are_told_in_a_sentence(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CommandError, match="cannot be written: "):
        call_command("front_pages", tmp_path / "file")


@pytest.mark.parametrize("file", ["nginx/site.conf", "varnish/site.vcl"])
def test_what_is_kept_in_front_has_the_declared_parts_of_addresses(file):
    """A part that no page answers to is passed on; one that pages do answer to is kept."""
    named = re.search(r"\(?:?(age[a-z|]+section)\)", (DEPLOY / file).read_text())[1].split("|")
    assert set(named) == {name for rule in RULES.values() for name in rule.parameters}


@pytest.mark.parametrize(("path", "status"), [("/", 413), ("/contacts/find/", 413), ("/feedback/", 413)])
def test_a_body_that_no_form_has_is_refused_unread(client, db, path, status):
    said = client.post(path, b"a" * 1_000_001, content_type="application/x-www-form-urlencoded")
    assert said.status_code == status
    assert "too much to send" in said.text
    assert client.get("/about/").status_code == 200


def settings_of_gunicorn(**environment: str) -> subprocess.CompletedProcess:
    code = "from safety_site import server; print(server.bind)"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env={"PATH": os.environ["PATH"], **environment}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("environment", "bind"),
    [
        ({}, "127.0.0.1:8000"),
        ({"PORT": "8080"}, "127.0.0.1:8080"),
        ({"BIND": "0.0.0.0:9000", "PORT": "8080"}, "0.0.0.0:9000"),
        ({"BIND": "unix:/run/hearthside/site.sock"}, "unix:/run/hearthside/site.sock"),
    ],
)
def test_gunicorn_listens_where_it_is_told(environment, bind):
    assert settings_of_gunicorn(**environment).stdout.strip() == bind


@pytest.mark.parametrize("bind", ["9000", "host:", "unix:site.sock", ":80", "host:port"])
def test_a_place_that_nobody_can_listen_at_stops_the_start(bind):
    said = settings_of_gunicorn(BIND=bind)
    assert (said.returncode, said.stdout) == (1, "")
    assert said.stderr.startswith("This site cannot start. BIND must be ")
