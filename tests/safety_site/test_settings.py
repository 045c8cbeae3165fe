"""Settings that could harm a visitor, or that cannot work, stop the start with one sentence on what to set.

Each test starts a process of its own, as whoever runs the site would, in a copy of the code without ``.env``.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings

GOOD = {"SECRET_KEY": "only-for-tests-" + "0123456789" * 5, "ALLOWED_HOSTS": "families.example"}


@pytest.fixture(scope="module")
def code(tmp_path_factory) -> Path:
    """The code with no settings beside it: no .env, no database."""
    folder = tmp_path_factory.mktemp("code")
    for name in ("safety_site", "guidance", "reporting", "templates", "static"):
        shutil.copytree(settings.BASE_DIR / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(settings.BASE_DIR / "manage.py", folder)
    return folder


def start(code: Path, *command: str, **environment: str) -> subprocess.CompletedProcess:
    """Run one command of the site's with this environment and nothing else in it."""
    whole = {"PATH": os.environ["PATH"], "PYTHONDONTWRITEBYTECODE": "1", **environment}
    return subprocess.run(
        [sys.executable, *command], cwd=code, env=whole, capture_output=True, text=True, check=False, timeout=60
    )


def assert_stops(run: subprocess.CompletedProcess, *says: str):
    assert run.returncode != 0
    assert run.stdout == ""
    assert run.stderr.startswith("This site cannot start. ")
    assert run.stderr.count("\n") == 1, "one sentence, on one line"
    assert "Traceback" not in run.stderr
    assert [words for words in says if words not in run.stderr] == []


# --- What stops the start -------------------------------------------------------------------------------


@pytest.mark.parametrize("secret", [{}, {"SECRET_KEY": ""}])
def test_missing_secret_stops_the_start(code, secret):
    run = start(code, "manage.py", "check", ALLOWED_HOSTS="families.example", **secret)
    assert_stops(run, "SECRET_KEY is not set: put a long random value in the environment or in .env")


@pytest.mark.parametrize(
    "address",
    [
        "", "nonsense", "mysql://user:password@host/name", "postgres://", "postgres:///", "postgres://user:password@host:5432/",
        "postgres://user:password@host:port/name", "postgres://user:pass/word@host/name", "oracle://x/y", "http://x/y",
        "postgres://[::1/name", "://", "sqlite",
    ],
)  # fmt: skip
def test_database_address_that_cannot_be_used_stops_the_start(code, address):
    run = start(code, "manage.py", "check", **GOOD, DATABASE_URL=address)
    assert_stops(run, "DATABASE_URL", "postgres://user:password@host:5432/name")
    assert "pass/word" not in run.stderr


@pytest.mark.parametrize(
    ("address", "says"),
    [
        ("http://www.bbc.co.uk/weather", "must be a whole address that begins with https://"),
        ("www.bbc.co.uk/weather", "must be a whole address that begins with https://"),
        ("", "is empty"),
        ("https://www.bbc.co.uk/weather\n", "holds a space"),
        (" https://www.bbc.co.uk/weather", "holds a space"),
        ("https://www.bbc.co.uk/wéather", "odd character"),
        ("javascript:alert(1)", "must be a whole address that begins with https://"),
        ("//www.bbc.co.uk/weather", "must be a whole address that begins with https://"),
        ("https://", "must be a whole address that begins with https://"),
        ("https://[", "is not an address"),
        ("https://www.bbc.co.uk:port/", "set a plain address"),
        ("https://elsewhere.example/", "choose one of www.bbc.co.uk, "),
        ("https://www.bbc.co.uk.elsewhere.example/", "choose one of www.bbc.co.uk, "),
        ("https://bbc.co.uk/weather", "choose one of www.bbc.co.uk, "),
        ("https://somebody@www.bbc.co.uk/weather", "set a plain address"),
        ("https://www.bbc.co.uk:8443/weather", "set a plain address"),
        ("https://www.bbc.co.uk@elsewhere.example/", "set a plain address"),
        ("https://www.bbc.co.uk\\@elsewhere.example/", "set a plain address"),
    ],
)
def test_exit_address_that_may_not_be_used_stops_the_start(code, address, says):
    assert_stops(start(code, "manage.py", "check", **GOOD, QUICK_EXIT_URL=address), "QUICK_EXIT_URL", says)


@pytest.mark.parametrize("path", ["", "/", "//"])
def test_empty_admin_path_stops_the_start(code, path):
    run = start(code, "manage.py", "check", **GOOD, ADMIN_PATH=path)
    assert_stops(run, "ADMIN_PATH is empty", "for example ADMIN_PATH=admin")


POSTGRESQL = "postgres://user:password@127.0.0.1:5432/name"


@pytest.mark.parametrize(
    ("primary", "replica", "says"),
    [
        (POSTGRESQL, "nonsense", "cannot be read"),
        (POSTGRESQL, "postgres://user:password@host:5432/", "names no database"),
        (POSTGRESQL, "sqlite:////srv/copy.sqlite3", "must name a PostgreSQL, and so must DATABASE_URL"),
        ("sqlite:////srv/site.sqlite3", POSTGRESQL, "must name a PostgreSQL, and so must DATABASE_URL"),
    ],
)
def test_replica_that_cannot_be_one_stops_the_start(code, primary, replica, says):
    run = start(code, "manage.py", "check", **GOOD, DATABASE_URL=primary, DATABASE_REPLICA_URL=replica)
    assert_stops(run, "DATABASE_REPLICA_URL", says)


def test_address_of_no_redis_stops_the_start(code):
    run = start(code, "manage.py", "check", **GOOD, CACHE_URL="memcached://host:11211")
    assert_stops(run, "CACHE_URL must be the address of a Redis or Valkey")


@pytest.mark.parametrize("name", ["DEBUG", "HTTPS_ONLY", "BEHIND_TLS_PROXY"])
def test_switch_that_is_neither_on_nor_off_stops_the_start(code, name):
    assert_stops(start(code, "manage.py", "check", **GOOD, **{name: "yse"}), f"{name} must be on or off")


@pytest.mark.parametrize("command", ["gunicorn", "prepare", "wsgi"])
def test_every_way_to_start_says_the_one_sentence(code, command):
    commands = {
        "gunicorn": ["-m", "gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"],
        "prepare": ["manage.py", "prepare"],
        "wsgi": ["-c", "import safety_site.wsgi"],
    }
    assert_stops(start(code, *commands[command], PORT="8999"), "SECRET_KEY is not set")


def test_prepare_with_a_dead_database_says_what_to_check(code):
    run = start(code, "manage.py", "prepare", **GOOD, DATABASE_URL="sqlite:////no/such/folder/db.sqlite3")
    assert run.returncode != 0
    assert run.stderr == (
        "CommandError: The database does not answer: check DATABASE_URL and that the server runs (OperationalError).\n"
    )


# --- What a good start gives ----------------------------------------------------------------------------


def settings_of(code: Path, *names: str, **environment: str) -> dict:
    show = "import json, sys, safety_site.settings as s; print(json.dumps({n: getattr(s, n) for n in sys.argv[1:]}))"
    run = start(code, "-c", show, *names, **{**GOOD, **environment})
    assert run.stderr == ""
    return json.loads(run.stdout)


def test_defaults_are_the_safe_ones(code):
    assert settings_of(code, "DEBUG", "HTTPS_ONLY", "QUICK_EXIT_URL", "ADMIN_PATH") == {
        "DEBUG": False, "HTTPS_ONLY": True, "QUICK_EXIT_URL": "https://www.bbc.co.uk/weather", "ADMIN_PATH": "admin",
    }  # fmt: skip


def test_exit_address_may_be_on_a_host_that_was_allowed(code):
    chosen = {"QUICK_EXIT_URL": "https://news.example/", "QUICK_EXIT_ALSO_ALLOWED_HOSTS": "other.example,news.example"}
    assert settings_of(code, "QUICK_EXIT_URL", **chosen) == {"QUICK_EXIT_URL": "https://news.example/"}


KEPT_BY_THREADS = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}


def test_postgresql_keeps_connections_and_looks_whether_they_stand(code):
    address = "postgres://user:secret%40word@db.example:5433/families?sslmode=require"
    (database,) = settings_of(code, "DATABASES", DATABASE_URL=address)["DATABASES"].values()
    assert database == {
        "ENGINE": "safety_site.databases.postgresql", "NAME": "families", "USER": "user", "PASSWORD": "secret@word",
        "HOST": "db.example", "PORT": 5433, "OPTIONS": {"sslmode": "require", "connect_timeout": 2}, **KEPT_BY_THREADS,
    }  # fmt: skip


def test_replica_is_a_second_database_with_a_router(code):
    addresses = {"DATABASE_URL": POSTGRESQL, "DATABASE_REPLICA_URL": "postgres://reader@copy.example/name"}
    found = settings_of(code, "DATABASES", "DATABASE_ROUTERS", **addresses)
    assert list(found["DATABASES"]) == ["default", "replica"]
    assert found["DATABASES"]["replica"] == {
        "ENGINE": "safety_site.databases.postgresql", "NAME": "name", "USER": "reader", "PASSWORD": "",
        "HOST": "copy.example", "PORT": "", "OPTIONS": {"connect_timeout": 2}, "TEST": {"MIRROR": "default"},
        **KEPT_BY_THREADS,
    }  # fmt: skip
    assert found["DATABASE_ROUTERS"] == ["safety_site.reading.Router"]


ASK_SQLITE = """
import django; django.setup()
from django.db import connection
with connection.cursor() as cursor:
    for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout"):
        print(name, cursor.execute(f"PRAGMA {name}").fetchone()[0])
"""


@pytest.mark.parametrize("address", [None, "sqlite:///{code}/elsewhere.sqlite3"])
def test_sqlite_writes_ahead_so_that_readers_never_wait(code, address):
    chosen = {"DATABASE_URL": address.format(code=code)} if address else {}
    run = start(code, "-c", ASK_SQLITE, **GOOD, **chosen, DJANGO_SETTINGS_MODULE="safety_site.settings")
    assert run.stdout.splitlines() == ["journal_mode wal", "synchronous 1", "foreign_keys 1", "busy_timeout 10000"]
    assert (code / ("elsewhere.sqlite3" if address else "db.sqlite3")).exists()


ASK_OVER_HTTPS = """
import django, json; django.setup()
from django.test import Client
client = Client(headers={"host": "families.example"})
https, http = client.get("/health/live", secure=True), client.get("/about/?age=teen")
health, proxied = client.get("/health/live"), client.get("/health/live", headers={"x-forwarded-proto": "https"})
header = "Strict-Transport-Security"
print(json.dumps([
    https.headers.get(header), http.status_code, http.headers.get("Location"), health.status_code,
    proxied.headers.get(header), https.headers.get("Content-Security-Policy", "").count("unsafe"),
]))
"""
TWO_YEARS = "max-age=63072000; includeSubDomains; preload"


def over_https(code: Path, **environment: str) -> list:
    run = start(code, "-c", ASK_OVER_HTTPS, **GOOD, **environment, DJANGO_SETTINGS_MODULE="safety_site.settings")
    return json.loads(run.stdout)


def test_https_only_sends_hsts_and_moves_http_to_https(code):
    assert over_https(code) == [TWO_YEARS, 301, "https://families.example/about/?age=teen", 200, None, 0]


def test_forwarded_protocol_counts_only_behind_a_proxy_that_sets_it(code):
    assert over_https(code, BEHIND_TLS_PROXY="on")[4] == TWO_YEARS


# --- Email ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("email", "says"),
    [
        ({"EMAIL_URL": "nonsense"}, "EMAIL_URL cannot be read"),
        ({"EMAIL_URL": "smtp://host:port"}, "EMAIL_URL cannot be read"),
        ({"EMAIL_URL": "smtp+tls://host:587"}, "DEFAULT_FROM_EMAIL must be the address that mail comes from"),
        ({"REVIEW_EMAIL": "the team"}, "REVIEW_EMAIL must be an email address"),
    ],
)
def test_email_that_cannot_work_stops_the_start(code, email, says):
    assert_stops(start(code, "manage.py", "check", **GOOD, **email), says)


def test_email_is_read_from_one_address(code):
    show = "from django.conf import settings as s; print(s.EMAIL_HOST, s.EMAIL_PORT, s.EMAIL_USE_TLS, s.EMAIL_BACKEND)"
    email = {"EMAIL_URL": "smtp+tls://me:word@mail.example:587", "DEFAULT_FROM_EMAIL": "site@families.example"}
    run = start(code, "manage.py", "shell", "-v", "0", "-c", show, **GOOD, **email)
    assert run.stdout == "mail.example 587 True django.core.mail.backends.smtp.EmailBackend\n", run.stderr
