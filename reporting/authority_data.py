"""Authorities and their former codes, from tables: the ones that ship, or newer ones.

An import adds and changes, and never takes away: an authority that ended stays, with its last day and its successor.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from django.core.exceptions import ValidationError
from django.core.validators import validate_slug
from django.db import transaction

from reporting.importing import WrongFile
from reporting.models import Authority, FormerCode, Nation, Tier
from safety_site.doors import audit

# Our name of a column, and what lists that others publish call it.
ALIASES = {
    "govuk_slug": "slug",
    "parent_gss": "parent",
    "children_services_gss": "children_services",
    "old_gss": "code",
    "old_name": "name",
    "new_gss": "authority",
    "source_end_date": "ended_on",
}
WORDS = ("gss_code", "name", "name_cy", "council_name", "nation", "tier")
DATES = ("started_on", "ended_on")
LINKS = ("parent", "children_services")
FIELDS = (*WORDS, *DATES, "parent_id", "children_services_id", "succeeded_by_id")


@dataclass
class AuthorityReport:
    """What an import of authorities did, by name."""

    added: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    not_in_file: list[str] = field(default_factory=list)
    former_codes: int = 0


def read_table(path: Path, needed: Iterable[str]) -> list[dict[str, str]]:
    """The rows of a csv file under our names of the columns; the names that they have elsewhere will do."""
    if not path.is_file():
        raise WrongFile(f"There is no file {path.name}. Nothing was changed.")
    try:
        with path.open(encoding="utf-8-sig", newline="") as stream:
            rows = [
                {ALIASES.get(name, name): (cell or "").strip() for name, cell in row.items() if isinstance(name, str)}
                for row in csv.DictReader(stream, strict=True, restval="")
            ]
    except (UnicodeDecodeError, csv.Error):
        raise WrongFile(f"{path.name} is not a csv file in UTF-8. Nothing was changed.") from None
    missing = [name for name in needed if not rows or name not in rows[0]]
    if missing:
        raise WrongFile(f"{path.name} has no rows or lacks the column {missing[0]}. Nothing was changed.")
    return rows


def _choice(text: str, choices, what: str) -> str:
    """A value of ours, whether written so, as its label, or with other signs between the words."""
    wanted = text.lower().replace("_", "-").replace(" ", "-")
    for value, label in choices.choices:
        if wanted in (value, label.lower().replace(" ", "-")):
            return value
    raise WrongFile(f"The file has an unknown {what}: {text!r}. Nothing was changed.")


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise WrongFile(f"The file has {text!r} for a date; write it as 2027-03-31. Nothing was changed.") from None


def _values(row: dict[str, str]) -> dict:
    """The columns of a row that stand for themselves; a column that the file does not have is left alone."""
    values = {name: row[name] for name in WORDS if name in row}
    values["gss_code"] = row["gss_code"] or None
    values["nation"] = _choice(row["nation"], Nation, "nation")
    values["tier"] = _choice(row["tier"], Tier, "tier")
    for name in DATES:
        if name in row:
            values[name] = _day(row[name])
    return values


class _Names:
    """Authorities by slug and by code, which is how a file may name them."""

    def __init__(self, authorities: Iterable[Authority]):
        self.ids = {}
        for authority in authorities:
            self.ids[authority.slug] = self.ids[authority.gss_code] = authority.pk

    def id_of(self, name: str) -> int | None:
        if not name:
            return None
        if name not in self.ids:
            raise WrongFile(
                f"The file speaks of {name!r}, which no row and no authority of ours is. Nothing was changed."
            )
        return self.ids[name]


def _check(rows: list[dict[str, str]]) -> None:
    for name in ("slug", "gss_code"):
        seen = [row[name] for row in rows if row[name]]
        twice = {value for value in seen if seen.count(value) > 1}
        if twice:
            raise WrongFile(f"The file has {min(twice)!r} twice. Nothing was changed.")
    for row in rows:
        try:
            validate_slug(row["slug"])
        except ValidationError:
            raise WrongFile(f"{row['slug']!r} cannot be part of an address. Nothing was changed.") from None
        for name in ("name", "council_name"):
            if not row[name] or len(row[name]) > Authority._meta.get_field(name).max_length:
                raise WrongFile(f"The {name} of {row['slug']!r} is empty or too long. Nothing was changed.")


@transaction.atomic
def import_authorities(path: Path, former_codes: Path | None = None) -> AuthorityReport:
    """Add and change authorities as a table says; all of it or, with WrongFile, nothing."""
    rows = read_table(path, ("slug", "gss_code", "name", "council_name", "nation", "tier"))
    _check(rows)
    report = AuthorityReport()
    known = {authority.slug: authority for authority in Authority.objects.all()}
    before = {slug: [getattr(authority, name) for name in FIELDS] for slug, authority in known.items()}
    values = {row["slug"]: _values(row) for row in rows}
    # First those that are new, without what links them; a link needs both ends.
    new = [
        Authority(slug=slug, **{name: value for name, value in fields.items() if name != "ended_on"})
        for slug, fields in values.items()
        if slug not in known
    ]
    known |= {authority.slug: authority for authority in Authority.objects.bulk_create(new)}
    audit.note_added(new)
    names = _Names(known.values())
    also: dict[str, list[int]] = {}
    for row in rows:
        authority = known[row["slug"]]
        for name, value in values[row["slug"]].items():
            setattr(authority, name, value)
        for name in LINKS:
            if name in row:
                setattr(authority, f"{name}_id", names.id_of(row[name]))
        if "succeeded_by" in row:
            successors = [names.id_of(name) for name in row["succeeded_by"].split()] or [None]
            authority.succeeded_by_id, also[row["slug"]] = successors[0], successors[1:]
        if authority.ended_on and not authority.succeeded_by_id:
            raise WrongFile(f"{row['slug']!r} has a last day but no successor. Nothing was changed.")
    changed = [
        authority for slug, authority in known.items() if before.get(slug) != [getattr(authority, n) for n in FIELDS]
    ]
    for authority in changed:
        authority.save()  # quicker for some hundred rows than one statement with a case for each
    for slug, ids in also.items():
        if ids:
            known[slug].also_succeeded_by.set(ids)
    if former_codes:
        report.former_codes = _import_former_codes(former_codes, names)
    report.added = sorted(authority.name for authority in new)
    report.changed = sorted(authority.name for authority in changed if authority.slug in before)
    report.not_in_file = sorted(known[slug].name for slug in before.keys() - values.keys())
    return report


def _import_former_codes(path: Path, names: _Names) -> int:
    """Returns how many were new."""
    rows = read_table(path, ("code", "name", "authority", "change", "ended_on"))
    known = set(FormerCode.objects.values_list("code", "authority"))
    new = [
        FormerCode(
            code=row["code"],
            name=row["name"],
            authority_id=names.id_of(row["authority"]),
            change=row["change"],
            ended_on=_day(row["ended_on"]),
        )
        for row in rows
        if (row["code"], names.id_of(row["authority"])) not in known
    ]
    audit.note_added(FormerCode.objects.bulk_create(new))
    return len(new)
