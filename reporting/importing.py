"""The postcode table, loaded as a whole: from ONSPD and NSPL as published, or from the files that ship.

The new table is filled beside the old one, verified, compared, and takes its place in one step; until then, and
after any mistake, the site answers from the old one.
"""
# ruff: noqa: S608 (the only names put into SQL are those of our own tables)

import calendar
import csv
import io
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from itertools import islice
from pathlib import Path

from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from reporting.models import Authority, DataSource, FormerCode, Nation, Outcode, Postcode
from reporting.postcodes import NORTHERN_IRELAND_AREA, inward_key, key_of, outward_key

BATCH = 20_000
PROGRESS_EVERY = 100_000

# Fewer would be a part of the country: there were 2.7 million in November 2025, and none is ever taken out.
FEWEST_OF_A_WHOLE_FILE = 2_500_000
# Two in a thousand have no authority and are not on an island either; ten times as many is a broken column.
LARGEST_SHARE_WITHOUT_AUTHORITY = 0.03
# In every edition, with the nation that each is in for ever; councils may change.
KNOWN_POSTCODES = {"SS14 1TD": Nation.ENGLAND, "SE1 9ZZ": Nation.ENGLAND, "AB1 0AA": Nation.SCOTLAND}

ISLANDS = {"L99999999": Postcode.Place.CHANNEL_ISLANDS, "M99999999": Postcode.Place.ISLE_OF_MAN}

Row = tuple[int, int | None, int, int]  # key, authority, status, place: as the columns of Postcode
Progress = Callable[[int, float], None]  # rows so far, and which share of the file that is


class WrongFile(Exception):
    """Nothing was changed. The message is one sentence for the person who started the import."""


# --- Reading the file -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Columns:
    """Where in a row the four values stand that we read."""

    postcode: int
    authority: int
    ended: int
    user: int

    @classmethod
    def of(cls, header: list[str]) -> "Columns":
        """By name; names change with the edition and carry its year, and the order differs by product."""
        names = [name.strip().lstrip("\ufeff").lower() for name in header]

        def place(what: str, *patterns: str) -> int:
            """Of the first pattern that any column has, the newest year."""
            for pattern in patterns:
                found = [name for name in names if re.fullmatch(pattern, name)]
                if found:
                    return names.index(max(found))
            wanted = " or ".join(pattern.replace(r"\d\d", "26") for pattern in patterns)
            raise WrongFile(f"The file has no column for {what} ({wanted}): is it ONSPD or NSPL? Nothing was changed.")

        return cls(
            postcode=place("the postcode", "pcds", "pcd8", "pcd2", "pcd7", "pcd"),
            authority=place("the local authority", r"lad\d\dcd", "oslaua", "laua"),
            ended=place("the date of termination", "doterm"),
            user=place("large users", "usrtypind", "usertype"),
        )


@dataclass
class Census:
    """What was seen on the way, for the checks and the report."""

    rows: int = 0
    without_authority: int = 0
    outside_uk: int = 0
    northern_ireland: int = 0
    unknown_codes: Counter = field(default_factory=Counter)
    live_by_outcode: Counter = field(default_factory=Counter)  # (outcode, authority) → how many are in use


def authority_ids() -> dict[str, int]:
    """Each GSS code, former ones included, and the authority that it stands for today."""
    ids = dict(Authority.objects.filter(gss_code__isnull=False).values_list("gss_code", "pk"))
    former = list(FormerCode.objects.values_list("code", "authority"))
    split = {code for code, times in Counter(code for code, _ in former).items() if times > 1}
    return ids | {code: pk for code, pk in former if code not in split}


def rows_of(lines: Iterator[list[str]], columns: Columns, ids: dict[str, int], census: Census) -> Iterator[Row]:
    """The rows of an ONS file as rows of our table; ``census`` is counted on the way.

    Northern Ireland is left out: its rows are licensed apart, and BT leads to the trusts without them.
    """
    outward_of, inward_of = cache(outward_key), cache(inward_key)
    last = max(columns.postcode, columns.authority, columns.ended, columns.user)
    for line, row in enumerate(lines, 2):
        if len(row) <= last:
            raise WrongFile(f"Line {line:,} of the file is cut short. Nothing was changed.")
        postcode, code, ended = row[columns.postcode], row[columns.authority], bool(row[columns.ended])
        outward, inward = postcode[:-3].strip(), postcode[-3:]
        if outward.startswith(NORTHERN_IRELAND_AREA):
            census.northern_ireland += 1
            continue
        try:
            key = outward_of(outward) + inward_of(inward)
        except KeyError:
            key = 0
        if not key or not 2 <= len(outward) <= 4:
            raise WrongFile(f"Line {line:,} of the file holds no postcode. Nothing was changed.")
        authority, place = ids.get(code), Postcode.Place.UK
        census.rows += 1
        if authority:
            census.live_by_outcode[outward, authority] += not ended
        elif code in ISLANDS:
            place = ISLANDS[code]
            census.outside_uk += 1
        elif code:
            census.unknown_codes[code] += 1
        else:
            census.without_authority += 1
        yield key, authority, ended + 2 * (row[columns.user] == "1"), int(place)


def _members(archive: zipfile.ZipFile) -> list[zipfile.ZipInfo]:
    """The one big file of all postcodes, or its parts by area where that is all there is."""
    tables = [
        info
        for info in archive.infolist()
        if info.filename.lower().endswith(".csv") and "documents/" not in info.filename.lower()
    ]
    whole = [info for info in tables if "multi_csv" not in info.filename.lower()]
    return [max(whole, key=lambda info: info.file_size)] if whole else sorted(tables, key=lambda info: info.filename)


@contextmanager
def opened(path: Path) -> Iterator[tuple[list[tuple[io.BufferedIOBase, int]], str]]:
    """The tables in a zip or csv file as open streams with their sizes, and the name of the edition."""
    if not path.is_file():
        raise WrongFile(f"There is no file {path.name}. Nothing was changed.")
    if not zipfile.is_zipfile(path):
        with path.open("rb") as stream:
            yield [(stream, path.stat().st_size)], path.stem
        return
    with zipfile.ZipFile(path) as archive:
        members = _members(archive)
        if not members:
            raise WrongFile(f"{path.name} holds no table of postcodes (csv). Nothing was changed.")
        name = Path(members[0].filename).stem if len(members) == 1 else path.stem
        yield [(archive.open(info), info.file_size) for info in members], name


def lines_of(tables: list[tuple[io.BufferedIOBase, int]], progress: Progress) -> Iterator[list[str]]:
    """The header of the first table, then every line of all; each other table must have the same header."""
    total, before, count = sum(size for _, size in tables) or 1, 0, 0
    first_header = None
    for stream, size in tables:
        with io.TextIOWrapper(stream, encoding="utf-8-sig", errors="replace", newline="") as text:
            reader = csv.reader(text, strict=True)
            header = next(reader, [])
            if first_header is None:
                first_header = header
                yield header
            elif header != first_header:
                raise WrongFile("The tables in the file have different columns. Nothing was changed.")
            for row in reader:
                count += 1
                if count % PROGRESS_EVERY == 0:
                    progress(count, (before + stream.tell()) / total)
                yield row
        before += size


# --- The table ------------------------------------------------------------------------------------------

OLD = Postcode._meta.db_table
NEW = f"{OLD}_new"
COLUMNS = "key, authority_id, status, place"
NULL = r"\N"  # as COPY writes it


def _run(sql: str, params: Iterable = ()) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))


def _ask(sql: str, params: Iterable = ()) -> tuple:
    with connection.cursor() as cursor:
        cursor.execute(sql, list(params))
        return cursor.fetchone()


def _make_table() -> None:
    """The same table under another name."""
    _run(f"DROP TABLE IF EXISTS {NEW}")
    if connection.vendor == "postgresql":
        # The key is made after the rows are in, which is quicker.
        _run(f"CREATE TABLE {NEW} (LIKE {OLD} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        return
    [sql] = _ask("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [OLD])
    # Only a key of type "integer" is the row's own address in SQLite; "bigint" has an index beside the table.
    _run(sql.replace(f'"{OLD}"', f'"{NEW}"', 1).replace('"key" bigint', '"key" integer', 1))


def _fill(rows: Iterator[Row]) -> None:
    if connection.vendor == "postgresql":
        with transaction.atomic(), connection.cursor() as cursor:
            with cursor.copy(f"COPY {NEW} ({COLUMNS}) FROM STDIN") as copy:
                while batch := list(islice(rows, BATCH)):
                    lines = (f"{key}\t{a or NULL}\t{status}\t{place}\n" for key, a, status, place in batch)
                    copy.write("".join(lines))
            cursor.execute(f"ALTER TABLE {NEW} ADD CONSTRAINT {NEW}_pkey PRIMARY KEY (key)")
            cursor.execute(f"ANALYZE {NEW}")
        return
    insert = f"INSERT INTO {NEW} ({COLUMNS}) VALUES (%s, %s, %s, %s)"
    while batch := list(islice(rows, BATCH)):
        # One transaction for each batch, so that an editor who saves meanwhile need not wait for the whole file.
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.executemany(insert, batch)


def _swap() -> None:
    _run(f"DROP TABLE {OLD}")
    _run(f"ALTER TABLE {NEW} RENAME TO {OLD}")
    if connection.vendor == "postgresql":
        _run(f"ALTER TABLE {OLD} RENAME CONSTRAINT {NEW}_pkey TO {OLD}_pkey")


# --- Verify, compare, swap ------------------------------------------------------------------------------


@dataclass(frozen=True)
class Changes:
    """The new table beside the old."""

    rows: int
    added: int
    removed: int
    moved: int  # to another authority
    status: int  # came into use, went out of use, or became a business's


def _changes() -> Changes:
    moved = "COALESCE(o.authority_id, 0) <> COALESCE(n.authority_id, 0) OR o.place <> n.place"
    rows, kept, moved, status = _ask(
        f"SELECT COUNT(*), COUNT(o.key), COALESCE(SUM(CASE WHEN o.key IS NOT NULL AND ({moved}) THEN 1 ELSE 0 END), 0),"
        " COALESCE(SUM(CASE WHEN o.status <> n.status THEN 1 ELSE 0 END), 0)"
        f" FROM {NEW} n LEFT JOIN {OLD} o ON o.key = n.key"
    )
    [before] = _ask(f"SELECT COUNT(*) FROM {OLD}")
    return Changes(rows=rows, added=rows - kept, removed=before - kept, moved=moved, status=status)


def verify_loaded(changes: Changes, rows_read: int) -> None:
    if changes.rows != rows_read:
        raise WrongFile(f"Of {rows_read:,} rows {changes.rows:,} arrived in the database. Nothing was changed.")


def verify_whole(changes: Changes, census: Census) -> None:
    """That a file is all of ONSPD or NSPL, with what anybody can check."""
    if changes.rows < FEWEST_OF_A_WHOLE_FILE:
        raise WrongFile(
            f"The file has only {changes.rows:,} postcodes of Great Britain and the islands, so it is a part, "
            f"not all of them (at least {FEWEST_OF_A_WHOLE_FILE:,}). Nothing was changed."
        )
    if changes.removed > changes.rows // 100:
        raise WrongFile(
            f"The file lacks {changes.removed:,} postcodes that we have, though none is ever taken out. "
            "Nothing was changed."
        )
    for postcode, nation in KNOWN_POSTCODES.items():
        found = _ask(f"SELECT authority_id FROM {NEW} WHERE key = %s", [key_of(postcode)])
        if not found or not Authority.objects.filter(pk=found[0], nation=nation).exists():
            raise WrongFile(f"The file does not have {postcode} in {Nation(nation).label}. Nothing was changed.")


def verify_authorities(census: Census) -> None:
    """That we know where the postcodes are; for a part of the country as well."""
    if census.unknown_codes:
        named = ", ".join(sorted(census.unknown_codes)[:5])
        raise WrongFile(
            f"The file names {len(census.unknown_codes)} authorities that we do not know ({named}): "
            "add them with import_authorities first. Nothing was changed."
        )
    if census.without_authority > max(census.rows * LARGEST_SHARE_WITHOUT_AUTHORITY, 10):
        raise WrongFile(
            f"{census.without_authority:,} of {census.rows:,} postcodes have no authority, which is too many: "
            "the column may be broken. Nothing was changed."
        )


def replace_postcodes(
    rows: Iterator[Row],
    outcodes: Callable[[], dict[tuple[str, int], int]],
    source: DataSource,
    verify: Callable[[Changes], None],
) -> Changes:
    """Load, verify, and put in place of what is there, postcodes and outward codes together or neither."""
    _make_table()
    try:
        try:
            _fill(rows)
        except IntegrityError:
            raise WrongFile("The file has a postcode twice. Nothing was changed.") from None
        changes = _changes()
        verify(changes)
        source.rows, source.imported_at = changes.rows, timezone.now()
        with transaction.atomic():
            _swap()
            Outcode.objects.all().delete()
            Outcode.objects.bulk_create(
                (Outcode(outcode=o, authority_id=a, live_postcodes=live) for (o, a), live in outcodes().items()),
                batch_size=1_000,
            )
            source.save()
        return changes
    finally:
        _run(f"DROP TABLE IF EXISTS {NEW}")


def edition_of(stem: str) -> tuple[str, int]:
    """``ONSPD_NOV_2025_UK`` → "ONSPD November 2025" and its year; another name stays as it is, with this year."""
    months = {name[:3].upper(): name for name in calendar.month_name if name}
    match = re.search(r"(ONSPD|NSPL(?:21)?)_([A-Z]{3})[A-Z]*_(20\d\d)", stem.upper())
    if match and match[2] in months:
        return f"{match[1]} {months[match[2]]} {match[3]}", int(match[3])
    return stem[:120], timezone.localdate().year


@dataclass(frozen=True)
class Report:
    """What an import did."""

    name: str
    changes: Changes
    census: Census


def import_postcodes(path: Path, *, is_part: bool = False, progress: Progress = lambda rows, share: None) -> Report:
    """Put the postcodes of an ONSPD or NSPL file in place of those that are there; WrongFile changes nothing."""
    ids = authority_ids()
    if not ids:
        raise WrongFile("There are no authorities yet: run load_places or import_authorities first.")
    census = Census()

    def verify(changes: Changes) -> None:
        verify_loaded(changes, census.rows)
        verify_authorities(census)
        if not is_part:
            verify_whole(changes, census)

    try:
        with opened(path) as (tables, stem):
            lines = lines_of(tables, progress)
            columns = Columns.of(next(lines, []))
            name, year = edition_of(stem)
            before = DataSource.objects.first()
            source = DataSource(
                name=name, year=year, is_whole=not is_part, shipped_version=before.shipped_version if before else ""
            )
            rows = rows_of(lines, columns, ids, census)
            changes = replace_postcodes(rows, lambda: census.live_by_outcode, source, verify)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, csv.Error, OSError, RuntimeError) as problem:
        raise WrongFile(f"The file cannot be read ({problem}). Nothing was changed.") from problem
    return Report(name=name, changes=changes, census=census)
