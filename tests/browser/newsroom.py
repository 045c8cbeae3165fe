"""The editors' pages as they are served: gunicorn with two workers on a database of its own, and its people.

One for each worker of the tests, for all of its tests: a test makes the rows that it changes, or names the thing that
it works on, and leaves the rest as the site shipped it.
"""

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.browser.real_site import ROOT, _environment, _free_port, _manage, _served

PASSWORD = "correct-horse-battery-staple"

# Who works there: a name to log in with, and the group that tells what they may do.
PEOPLE = {
    "writer-1": "writer",
    "writer-2": "writer",
    "publisher-1": "publisher",
    "checker-1": "contact checker",
    "moderator-1": "moderator",
    "admin-1": "administrator",
}

MAKE_PEOPLE = f"""
from django.contrib.auth.hashers import make_password
from django.contrib.auth.models import Group, User
password = make_password("{PASSWORD}")
for name, role in {PEOPLE!r}.items():
    User.objects.create(username=name, password=password, is_staff=True).groups.add(Group.objects.get(name=role))
"""


@dataclass
class Newsroom:
    """The address of the editors' pages, and the ways into them; ``url`` has no closing slash."""

    url: str
    environment: dict[str, str]
    browser: object
    contexts: list = field(default_factory=list)
    cookies: dict[str, list] = field(default_factory=dict)

    @property
    def admin(self) -> str:
        return f"{self.url}/admin/"

    def login(self, page, name: str) -> None:
        """Log in by the form, as a person does; whoever was logged in in this window is not any more."""
        page.context.clear_cookies()
        page.goto(f"{self.admin}login/?next=/admin/")
        page.get_by_label("Username").fill(name)
        page.get_by_label("Password").fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        assert "/login/" not in page.url, f"{name} cannot log in"

    def window(self, name: str = "", width: int = 1280, height: int = 900, **options):
        """A page in a browser of its own, of somebody who is logged in there if a name is given."""
        self.contexts.append(self.browser.new_context(viewport={"width": width, "height": height}, **options))
        context = self.contexts[-1]
        page = context.new_page()
        if name and not self._is_in(context, name):
            self.login(page, name)
            self.cookies[name] = context.cookies()
        return page

    def _is_in(self, context, name: str) -> bool:
        """Whether an earlier sign-in of somebody is still good: checking a password takes long, by design."""
        context.add_cookies(self.cookies.get(name, []))
        return name in self.cookies and context.request.get(self.admin, max_redirects=0).status == 200

    def run(self, code: str) -> str:
        """What some Python prints that runs in ``manage.py shell`` of this site, for rows that a test needs."""
        command = [sys.executable, "manage.py", "shell", "-v0", "-c", code]
        done = subprocess.run(
            command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False, timeout=60
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout.strip()


@pytest.fixture(scope="session")
def newsroom_site(prepared, tmp_path_factory, browser) -> Iterator[Newsroom]:
    """Served once for all tests of a worker; tests use ``newsroom``."""
    database = tmp_path_factory.mktemp("newsroom") / "db.sqlite3"
    _copy(prepared / "db.sqlite3", database)
    environment = {**_environment(prepared, database, _free_port()), "WORKERS": "2"}
    _manage("shell", "-v0", "-c", MAKE_PEOPLE, environment=environment)
    with _served(environment) as address:
        yield Newsroom(address, environment, browser)


@pytest.fixture
def newsroom(newsroom_site) -> Iterator[Newsroom]:
    """The editors' pages; the windows that a test opens are closed after it."""
    yield newsroom_site
    while newsroom_site.contexts:
        newsroom_site.contexts.pop().close()


def _copy(source: Path, target: Path) -> None:
    """A database while others may use it: a plain copy of the file would miss what its log still holds."""
    with closing(sqlite3.connect(source)) as ours, closing(sqlite3.connect(target)) as theirs:
        ours.backup(theirs)
