"""Contacts as a sheet: one row for each contact as it stands. What comes in becomes a draft beside what is live."""

import copy

from django.core.exceptions import ValidationError
from django.db import models

from reporting.contact_cells import (
    PHONES_HELP,
    WAYS_HELP,
    part_cells,
    phone_line,
    read_phones,
    read_several,
    read_ways,
    way_line,
)
from reporting.models import (
    ContactAudience,
    ContactEdition,
    ContactNation,
    Coverage,
    Nation,
    OpeningHours,
    ReportingContact,
)
from safety_site.editions import DEFAULT_LANGUAGE, EditionState, copy_as_draft, next_number
from safety_site.newsroom.cells import Cells, NotACell, cells_of
from safety_site.newsroom.sheets import SheetResource, SheetRow, changed_cells, explained
from safety_site.vocabulary import Audience

# Fields of the edition in the order of the sheet; when it was checked is said at its approval, not in a sheet.
FIELDS = [
    "name",
    "kind",
    "what_for",
    "not_for",
    "who_answers",
    "what_happens",
    "anonymity",
    "cost",
    "languages",
    "hours_text",
    "for_professionals",
    "old_names",
    "website",
    "coverage",
    "authorities",
    "source",
    "editor_note",
]
PARTS = ["phones", "ways", "audiences", "nations"]
EXPLAINED = {
    "slug": "The short name of the contact in addresses. A new one makes a new contact.",
    "phones": PHONES_HELP,
    "ways": WAYS_HELP,
    "audiences": f"Who may use it: {', '.join(Audience.values)}; with | between.",
    "nations": f"Where it helps, if coverage is nations: {', '.join(Nation.values)}; with | between.",
}


def as_they_stand() -> list[ContactEdition]:
    """One edition of each contact: what readers see, else the newest."""
    of_language = ContactEdition.objects.filter(language=DEFAULT_LANGUAGE)
    newest = of_language.filter(
        number=models.Subquery(
            of_language.filter(contact=models.OuterRef("contact")).order_by("-number").values("number")[:1]
        )
    )
    standing = {edition.contact_id: edition.pk for edition in newest}
    standing.update({edition.contact_id: edition.pk for edition in ContactEdition.objects.live()})
    return list(ContactEdition.objects.filter(pk__in=standing.values()).for_page().order_by("contact__slug"))


class ContactSheet(SheetResource):
    """One row for each contact, with its numbers, ways, audiences and nations."""

    columns = ["slug", *FIELDS[:3], *PARTS, *FIELDS[3:]]
    key = ["slug"]
    # A contact has some dozen rows of its own, so that many take a minute where links take a second.
    most_rows = 2_000
    becomes = (
        "Each new or changed row becomes a draft of yours. Readers see nothing of it until a second person approves it."
    )

    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self._cells = Cells(ContactEdition)

    def rows_by_key(self) -> dict[tuple, ContactEdition]:
        self._empty = set(ReportingContact.objects.filter(editions=None).values_list("slug", flat=True))
        return {(edition.contact.slug,): edition for edition in as_they_stand()}

    def filter_export(self, queryset, **kwargs):
        return as_they_stand()

    def cells_of(self, source: ContactEdition) -> dict[str, str]:
        return {"slug": source.contact.slug, **cells_of(source, FIELDS), **part_cells(source)}

    def explain(self, name: str) -> str:
        return EXPLAINED.get(name) or explained(ContactEdition._meta.get_field(name))

    def read_cells(self, instance: SheetRow, changed: dict[str, str]) -> None:
        problems = {}
        instance.title = instance.cells.get("slug", "")
        edition = copy.copy(instance.source) if instance.source else ContactEdition(language=DEFAULT_LANGUAGE, number=1)
        if not instance.source:
            contact = ReportingContact(slug=instance.title)
            try:
                contact.clean_fields(exclude=["owner"])
            except ValidationError as problem:
                problem.update_error_dict(problems)
        instance.edition, instance.many, instance.parts = edition, {}, {}
        try:
            fields = {name: text for name, text in changed.items() if name in FIELDS}
            instance.many = self._cells.put(edition, fields)
            # Only the cells of the sheet: what else a draft lacks is said where it is written.
            unseen = [field.name for field in ContactEdition._meta.fields if field.name not in FIELDS]
            edition.clean_fields(exclude=unseen)
        except ValidationError as problem:
            problem.update_error_dict(problems)
        for name, read in (("phones", read_phones), ("ways", read_ways)):
            self._read(instance, changed, name, read, problems)
        for name, known in (("audiences", Audience), ("nations", Nation)):
            self._read(instance, changed, name, lambda text, known=known: read_several(text, known), problems)
        self._check_coverage(instance, problems)
        if problems:
            raise ValidationError(problems)
        instance.cells.update(cells_of(edition, fields, instance.many))
        instance.cells.update(_written(instance.parts))

    def _read(self, instance: SheetRow, changed: dict[str, str], name: str, read, problems: dict) -> None:
        if name in changed:
            try:
                instance.parts[name] = read(changed[name])
            except NotACell as problem:
                problems[name] = [str(problem)]

    def _check_coverage(self, instance: SheetRow, problems: dict) -> None:
        cells, coverage = instance.cells, instance.edition.coverage
        for value, column in ((Coverage.AUTHORITIES, "authorities"), (Coverage.NATIONS, "nations")):
            if coverage == value and not cells.get(column) and column not in problems:
                problems[column] = [f"Coverage is “{value}”, so name at least one here."]

    def is_kept_already(self, instance: SheetRow, original: SheetRow) -> bool:
        """Whether a draft beside the live edition says the same already."""
        drafts = ContactEdition.objects.exclude(state=EditionState.APPROVED).filter(contact__slug=instance.title)
        said = {name: text for name, text in instance.cells.items() if name in self.columns}
        return any(not changed_cells(self.cells_of(draft), said) for draft in drafts.for_page())

    def keep(self, instance: SheetRow, is_new: bool) -> None:
        note = f"Imported from {self.source}"
        if instance.source:
            draft = copy_as_draft(instance.source, self.author, note)
            for name in FIELDS:
                if name != "authorities":
                    setattr(draft, name, getattr(instance.edition, name))
            draft.save()
        else:
            contact = ReportingContact.objects.get_or_create(slug=instance.title)[0]
            draft = instance.edition
            draft.contact, draft.author, draft.changed_by, draft.change_note = contact, self.author, self.author, note
            draft.number = next_number(ContactEdition, contact)
            draft.save()
        for name, rows in instance.many.items():
            getattr(draft, name).set(rows)
        _replace_parts(draft, instance.parts)


def _written(parts: dict) -> dict[str, str]:
    """The parts as cells again, as they would be exported."""
    cells = {}
    if "phones" in parts:
        cells["phones"] = "\n".join(phone_line(phone, hours) for phone, hours in parts["phones"])
    if "ways" in parts:
        cells["ways"] = "\n".join(way_line(way) for way in parts["ways"])
    for name in ("audiences", "nations"):
        if name in parts:
            cells[name] = " | ".join(parts[name])
    return cells


def _replace_parts(draft: ContactEdition, parts: dict) -> None:
    """The parts that the sheet speaks of, in place of those that were copied."""
    if "phones" in parts:
        draft.phones.all().delete()
        hours_of_all = []
        for phone, hours in parts["phones"]:
            phone.edition = draft
            phone.save()
            for row in hours:
                row.phone = phone
            hours_of_all += hours
        OpeningHours.objects.bulk_create(hours_of_all)
    if "ways" in parts:
        draft.ways.all().delete()
        for way in parts["ways"]:
            way.edition = draft
        draft.ways.bulk_create(parts["ways"])
    for name, model, field in (("audiences", ContactAudience, "audience"), ("nations", ContactNation, "nation")):
        if name in parts:
            getattr(draft, name).all().delete()
            model.objects.bulk_create(
                model(edition=draft, position=position, **{field: value})
                for position, value in enumerate(parts[name], 1)
            )
