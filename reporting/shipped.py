"""The places that ship with the project: authorities, outward codes, and the postcodes of Greater Essex and around."""

import csv
import gzip
import hashlib
from collections.abc import Iterator
from pathlib import Path

from auditlog.context import disable_auditlog
from django.conf import settings

from reporting.authority_data import import_authorities
from reporting.importing import Row, authority_ids, replace_postcodes, verify_loaded
from reporting.models import Authority, DataSource
from reporting.postcodes import inward_key, outward_key

FOLDER = Path(settings.BASE_DIR) / "fixtures" / "data"
AUTHORITIES, FORMER_CODES = FOLDER / "authorities.csv", FOLDER / "former_codes.csv"
OUTCODES, POSTCODES = FOLDER / "outcodes.csv.gz", FOLDER / "postcodes.csv.gz"
NAME, YEAR = "ONSPD November 2025, Greater Essex and around it", 2025


def version() -> str:
    """Changes when any of the files does."""
    digest = hashlib.sha256()
    for path in (AUTHORITIES, FORMER_CODES, OUTCODES, POSTCODES):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _rows(path: Path) -> Iterator[list[str]]:
    with gzip.open(path, "rt", encoding="utf-8", newline="") as stream:
        rows = csv.reader(stream)
        next(rows)
        yield from rows


def _postcodes(ids: dict[str, int]) -> Iterator[Row]:
    inward_keys: dict[str, int] = {}
    for outcode, code, status, inwards in _rows(POSTCODES):
        start, authority = outward_key(outcode), ids[code] if code else None
        for inward in inwards.split():
            key = inward_keys.get(inward) or inward_keys.setdefault(inward, inward_key(inward))
            yield start + key, authority, int(status), 0


@disable_auditlog()
def load_authorities() -> None:
    """Only the authorities and their former codes."""
    import_authorities(AUTHORITIES, FORMER_CODES)


def load_places() -> DataSource | None:
    """Load what ships, unless this version of it was loaded; None then. The postcodes of a whole import stay."""
    current, shipped_version = DataSource.objects.first(), version()
    if current and current.shipped_version == shipped_version and Authority.objects.exists():
        return None
    load_authorities()
    if current and current.is_whole:
        current.shipped_version = shipped_version
        current.save(update_fields=["shipped_version"])
        return current
    ids, loaded = authority_ids(), 0

    def counted() -> Iterator[Row]:
        nonlocal loaded
        for loaded, row in enumerate(_postcodes(ids), 1):  # noqa: B007
            yield row

    source = DataSource(name=NAME, year=YEAR, shipped_version=shipped_version)
    replace_postcodes(
        counted(),
        lambda: {(outcode, ids[code]): int(live) for outcode, code, live in _rows(OUTCODES)},
        source,
        lambda changes: verify_loaded(changes, loaded),
    )
    return source
