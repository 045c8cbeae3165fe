"""All content as YAML files that load again to the same site, in the layout of ``fixtures/``.

What readers see and what editors have in work goes out: every edition with its parts (drafts say ``state: draft``),
rows without editions, former addresses. What tells of a person does not: users, who wrote or approved, what readers
sent in. An edition that an editor approved says so in ``imported_from``, in place of the name.

Rows are named by what they are (their natural key), never by a number of one database; the order is fixed, so that
two exports of the same content are the same bytes.
"""

import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from datetime import time
from pathlib import Path

import yaml
from django.apps import apps
from django.conf import settings
from django.db import connection, models, transaction

from safety_site.editions import Edition, EditionPart

# File → models, each after those that it names where it cannot be without them.
FILES = {
    "00_places": ["reporting.Authority", "reporting.FormerCode"],
    "00_things": [
        "guidance.Topic",
        "guidance.AppProfile",
        "guidance.ControlGuide",
        "reporting.ReportingContact",
        "reporting.Concern",
    ],
    "01_ages": ["guidance.AgeBand", "guidance.AgeBandFact"],
    "02_notes": ["guidance.SharedNote"],
    "agreement": ["guidance.AgreementLine"],
    "banned_phrases": ["safety_site.BannedPhrase"],
    "banners": ["safety_site.EmergencyBanner"],
    "closed_days": ["reporting.ClosedDay"],
    "comments": ["guidance.PageComments"],
    "former_slugs": ["safety_site.FormerSlug"],
    "links": ["guidance.UsefulLink"],
    "old_names": ["guidance.OldName"],
    "platforms": ["reporting.PlatformRoute", "reporting.PlatformLink"],
    "search": ["safety_site.SearchSynonym", "safety_site.WorryWords"],
}
# Folder → editions; one file for each thing.
FOLDERS = {
    "topics": "guidance.TopicEdition",
    "apps": "guidance.AppProfileEdition",
    "controls": "guidance.ControlGuideEdition",
    "contacts": "reporting.ContactEdition",
    "concerns": "reporting.ConcernEdition",
}
# What stays where it is, and why.
NOT_EXPORTED = {
    "guidance.Feedback": "what readers sent in",
    "guidance.FeedbackDay": "counts of senders",
    "guidance.FeedbackSender": "counts of senders",
    "reporting.Postcode": "from the official files: load_places",
    "reporting.Outcode": "from the official files: load_places",
    "reporting.DataSource": "from the official files: load_places",
    "safety_site.AutoSave": "of one editor at work",
    "safety_site.ContentChange": "counted anew by the database",
    "safety_site.EditionEvent": "names who did what",
    "safety_site.KeptPart": "made anew from the editions",
    "safety_site.LinkCheck": "found out anew by check_links",
    "safety_site.PreviewLink": "lets a person in",
    "safety_site.SearchEntry": "made anew by index_search",
    "safety_site.SearchStem": "made anew by index_search",
    "safety_site.SearchWord": "made anew by index_search",
    "safety_site.SuggestedChange": "names who suggested what",
    "safety_site.WaitingImport": "of one editor at work",
}
README = """# Content of a Hearthside site

Written by `manage.py export_content`. To set up the same site in an empty database:

    manage.py migrate
    manage.py load_places
    manage.py load_content THIS_FOLDER --replace
    manage.py index_search

Drafts are here too (`state: draft`). Not here: users and passwords, who wrote or approved what, what readers sent in,
suggestions that wait, postcodes (`load_places` has them), and uploaded files: copy the folder `media/` beside this one.
A banner is here without its approval: somebody has to stand behind it anew.
"""


class _Key(list):
    """A natural key; it stands on one line."""


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data) -> bool:
        return True


def _words(dumper: _Dumper, text: str):
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|" if "\n" in text else None)


_Dumper.add_representer(str, _words)
_Dumper.add_representer(
    _Key, lambda dumper, key: dumper.represent_sequence("tag:yaml.org,2002:seq", key, flow_style=True)
)


def approved_there() -> str:
    """In place of the editor who approved an edition; the database asks for one of both."""
    return f"{settings.SITE_URL}, where an editor approved it"


def _names_a_user(field: models.Field) -> bool:
    return field.is_relation and field.related_model._meta.label == settings.AUTH_USER_MODEL


def _plain(value):
    return value.isoformat() if isinstance(value, time) else value


def _key(row: models.Model | None) -> _Key | None:
    return None if row is None else _Key(_plain(part) for part in row.natural_key())


def fields_of_row(row: models.Model) -> dict:
    """Every field of a row but its number and the users in it."""
    said = {}
    for field in row._meta.concrete_fields:
        if field.primary_key or _names_a_user(field):
            continue
        if field.is_relation:
            said[field.name] = _key(getattr(row, field.name))
        elif isinstance(field, models.FileField):
            said[field.name] = str(getattr(row, field.name))
        else:
            said[field.name] = _plain(getattr(row, field.name))
    for field in row._meta.many_to_many:
        said[field.name] = _Key(sorted(_key(other) for other in getattr(row, field.name).all()))
    return said


def _entry(row: models.Model) -> dict:
    fields = fields_of_row(row)
    if isinstance(row, Edition) and row.approved_by_id and not row.imported_from:
        fields["imported_from"] = approved_there()
    return {"model": row._meta.label_lower, "fields": fields}


def _former_slug(row: models.Model) -> dict | None:
    """A former slug names its thing by a number; here by its slug today."""
    model = apps.get_model(row.model)
    thing = model._base_manager.filter(pk=row.thing_id).first()
    if thing is None:
        return None
    fields = fields_of_row(row)
    del fields["thing_id"]
    return {"model": row._meta.label_lower, "fields": {**fields, "thing": thing.slug}}


def _banner(row: models.Model) -> dict:
    entry = _entry(row)
    entry["fields"]["approved_at"] = None
    return entry


SPECIAL: dict[str, Callable] = {"safety_site.FormerSlug": _former_slug, "safety_site.EmergencyBanner": _banner}


def _rows(model: type[models.Model]) -> list[models.Model]:
    """All rows in the order of their natural keys, which is the same on every database."""
    to_one = [field.name for field in model._meta.concrete_fields if field.is_relation and not _names_a_user(field)]
    many = [field.name for field in model._meta.many_to_many]
    rows = model._base_manager.select_related(*to_one).prefetch_related(*many) if to_one else model._base_manager.all()
    return _named_first(sorted(rows, key=lambda row: [str(part) for part in row.natural_key()]))


def _named_first(rows: list[models.Model]) -> list[models.Model]:
    """The same rows, but each after those of its own kind that it names: an ended council needs its successor."""
    by_key, ordered = {row.pk: row for row in rows}, {}
    own = (
        [field.attname for field in rows[0]._meta.concrete_fields if field.related_model is type(rows[0])]
        if rows
        else []
    )

    def add(row: models.Model, above: frozenset = frozenset()) -> None:
        for name in own:
            other = by_key.get(getattr(row, name))
            if other and other.pk not in ordered and other.pk not in above | {row.pk}:
                add(other, above | {row.pk})
        ordered[row.pk] = row

    for row in rows:
        if row.pk not in ordered:
            add(row)
    return list(ordered.values())


def _parts(owner: models.Model, name: str, part_model: type[models.Model]) -> Iterator[dict]:
    """The rows that belong to an edition (or to a part of one), and theirs."""
    rows = list(part_model._base_manager.filter(**{name: owner}))
    if issubclass(part_model, EditionPart):
        rows.sort(key=lambda row: (row.position, row.pk))
        if len({row.position for row in rows}) < len(rows):
            # Two of them share a position, but their keys must differ.
            for position, row in enumerate(rows, 1):
                row.position = position
    for row in rows:
        setattr(row, name, owner)  # its key is read from the row in hand, with the position that it has here
    if not issubclass(part_model, EditionPart):
        rows.sort(key=lambda row: [str(part) for part in row.natural_key()])
    yield from (_entry(row) for row in rows)
    for relation in _own(part_model):
        for row in rows:
            yield from _parts(row, relation.field.name, relation.related_model)


def _own(model: type[models.Model]) -> list:
    """What belongs to rows of a model, in a fixed order."""
    own = [relation for relation in model._meta.related_objects if relation.on_delete is models.CASCADE]
    return sorted(own, key=lambda relation: relation.related_model._meta.label)


def _of_thing(editions: Iterable[Edition]) -> Iterator[dict]:
    for edition in editions:
        yield _entry(edition)
        for relation in _own(type(edition)):
            yield from _parts(edition, relation.field.name, relation.related_model)


def content() -> Iterator[tuple[str, list[dict]]]:
    """Each file with its rows."""
    for name, labels in FILES.items():
        entries = [
            SPECIAL.get(label, _entry)(row) for label in labels for row in _rows(apps.get_model(label))
        ]  # fmt: skip
        yield f"{name}.yaml", [entry for entry in entries if entry]
    for folder, label in FOLDERS.items():
        model = apps.get_model(label)
        by_thing: dict[str, list[Edition]] = {}
        for edition in model._base_manager.select_related(model.thing_field):
            by_thing.setdefault(edition.thing.slug, []).append(edition)
        for slug, editions in sorted(by_thing.items()):
            editions.sort(key=lambda edition: (edition.language, edition.number))
            yield f"{folder}/{slug}.yaml", list(_of_thing(editions))


def _write(folder: Path) -> int:
    rows = 0
    for name, entries in content():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        words = yaml.dump(entries, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=120)
        path.write_text(words, encoding="utf-8")
        rows += len(entries)
    (folder / "README.md").write_text(README, encoding="utf-8")
    return rows


class NotOurs(Exception):
    """The folder holds something other than an export, so it is not touched."""


@transaction.atomic
def _write_as_of_one_moment(folder: Path) -> int:
    if connection.vendor == "postgresql" and not connection.savepoint_ids:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    return _write(folder)


def export_content(folder: Path) -> int:
    """Write all content to a folder, in place of an earlier export there. Returns the number of rows.

    The new one is written beside it and takes its place by renaming: nobody finds half an export.
    """
    folder = folder.resolve()
    if folder.exists() and any(folder.iterdir()) and not _is_export(folder):
        raise NotOurs(f"{folder} holds other files: name an empty folder, a new one, or an earlier export.")
    folder.parent.mkdir(parents=True, exist_ok=True)
    beside = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=folder.parent))
    new, old = beside / "new", beside / "old"
    try:
        new.mkdir()
        rows = _write_as_of_one_moment(new)
        if folder.exists():
            folder.rename(old)
        new.rename(folder)
    finally:
        if old.exists() and not folder.exists():
            old.rename(folder)  # the second renaming failed: the earlier export is put back
        shutil.rmtree(beside, ignore_errors=True)
    return rows


def _is_export(folder: Path) -> bool:
    readme = folder / "README.md"
    return readme.is_file() and readme.read_text(encoding="utf-8", errors="replace").startswith(README.split("\n")[0])
