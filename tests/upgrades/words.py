"""What every public page of a site shows at one moment: run as a script on a database, by any release of the code.

``python words.py FILE [N]`` with the site's folder on PYTHONPATH, its settings in DJANGO_SETTINGS_MODULE and its
database in TEST_DATABASE_URL. Writes JSON: by address, the status, the title, the words of ``main``, and a hash of the
bytes. With N, of the councils' pages only every Nth is asked for, and null stands for the others: they are
387, all from one template.
"""

import hashlib
import html
import importlib
import json
import re
import sys
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

import django
import time_machine

MOMENT = datetime(2026, 12, 1, 12, tzinfo=UTC)
# Pages that the sitemap does not name, or names only one of.
MORE = (
    "/topics/?age=teen",
    "/apps/?age=teen&minimum=13",
    "/apps/compare/?app=tiktok&app=roblox",
    "/finder/?age=pre-teen&about=worry-grooming&where=app-roblox",
    "/plan/?age=teen&app=tiktok&device=xbox&worry=grooming&council=essex",
    "/topics/sending-nudes/handout/?council=essex",
    "/topics/taken-down/",
    "/search/?q=nudes",
    "/contacts.csv",
    "/api/oruk/services",
    "/robots.txt",
)


# What stands in a page for its print alone.
HIDDEN = re.compile(r"<(span|p)\b[^>]* hidden>.*?</\1>", re.S)


def plain(text: str) -> str:
    text = HIDDEN.sub("", text)
    return " ".join(html.unescape(re.sub(r"<[^>]*>", " ", text)).split())


def shown(content: bytes) -> tuple[str, str]:
    """Title and words of ``main``; of what is no page, nothing and everything."""
    text = content.decode()
    title, main = re.search(r"<title>(.*?)</title>", text, re.S), re.search(r"<main.*</main>", text, re.S)
    return (plain(title[1]), plain(main[0])) if title and main else ("", text)


def all_pages(nth: int = 1) -> dict[str, list | None]:
    from django.conf import settings  # noqa: PLC0415 - which settings is known only when this runs
    from django.test import Client  # noqa: PLC0415

    with suppress(ImportError):  # as a serving process does, while nothing changes
        importlib.import_module("safety_site.unchanged").kept.known = "these pages"
    client = Client(raise_request_exception=False)
    with time_machine.travel(MOMENT, tick=False):
        listed = re.findall(r"<loc>([^<]+)</loc>", client.get("/sitemap.xml").content.decode())
        addresses = [each.removeprefix(settings.SITE_URL) for each in listed]
        councils = [each for each in addresses if re.fullmatch(r"/contacts/[^/]+/", each)]
        left_out = set(councils) - set(councils[::nth])
        pages = dict.fromkeys(sorted(left_out))
        for address in [*(each for each in addresses if each not in left_out), *MORE]:
            response = client.get(address)
            content = b"".join(response.streaming_content) if response.streaming else response.content
            digest = hashlib.sha256(content).hexdigest()
            pages[address] = [response.status_code, *shown(content), digest]
    return pages


if __name__ == "__main__":
    django.setup()
    Path(sys.argv[1]).write_text(json.dumps(all_pages(*map(int, sys.argv[2:])), indent=0), encoding="utf-8")
