"""The edit screen: parts in reading order, counters, the panel at the side."""

from collections.abc import Container
from dataclasses import dataclass

from django import forms
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.widgets import RelatedFieldWidgetWrapper
from django.db import models
from django.utils import timezone

from safety_site.editions import Edition, EditionPart
from safety_site.fields import RichTextField
from safety_site.models import EditionEvent
from safety_site.newsroom.parts import make_positions_distinct
from safety_site.rich_text import clean

CHECKED = (
    "Checked",
    {
        "description": "Fill this in when a person has read the words against their sources. Saving never sets it.",
        "fields": [("checked_on", "checked_by", "review_by"), "editor_note"],
    },
)
PUBLISHING = ("Publishing", {"fields": ["publish_at", "change_note", "language"]})
TAKE_DOWN = (
    "Take the page down",
    {
        "classes": ["collapse"],
        "description": "Once this edition is approved, readers see the reason in place of the page.",
        "fields": ["is_withdrawal", "withdrawal_reason", "withdrawal_instead", "withdrawal_redirects"],
    },
)


@dataclass(frozen=True)
class Fault:
    """One thing to mend on the form: where, what, and the id of the box."""

    where: str
    what: str
    anchor: str


class WritingPage:
    """A mixin of EditionAdmin."""

    #: The page from top to bottom, as a reader meets it: (title, fields) or the class of an inline.
    screen: list = []

    def __init__(self, model, admin_site):
        super().__init__(model, admin_site)
        self.inlines = [piece for piece in self.screen if isinstance(piece, type)]

    def edition_urls(self) -> list:
        """Patterns below the admin pages of one kind of edition."""
        return super().edition_urls()

    def edition_context(self, request, edition) -> dict:
        """What the edit screen shows; ``edition`` is None on the page for a new one."""
        return {**super().edition_context(request, edition), "standing": edition and standing(edition)}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(getattr(field, "widget", None), RelatedFieldWidgetWrapper):
            is_thing = db_field.name == self.model.thing_field
            if not is_thing:
                field.widget = field.widget.widget  # what is named here has a page of its own
            if db_field.many_to_many and db_field.name not in (*self.filter_horizontal, *self.autocomplete_fields):
                field.widget = forms.CheckboxSelectMultiple(choices=field.choices)
        return field

    def get_fieldsets(self, request, obj=None):
        own = [(piece[0], {"fields": piece[1]}) for piece in self.screen if not isinstance(piece, type)]
        return [*own, CHECKED, PUBLISHING, TAKE_DOWN]

    def render_change_form(self, request, context, *args, **kwargs):
        pieces = screen_pieces(self.screen, context["adminform"], context["inline_admin_formsets"])
        is_sent = context["adminform"].form.is_bound
        faults = faults_of(context["adminform"], context["inline_admin_formsets"]) if is_sent else []
        show_rich_text(context["adminform"].form)
        for parts in context["inline_admin_formsets"]:
            if not parts.has_change_permission:
                for form in parts.formset:
                    show_rich_text(form, form.fields)
        more = {
            "screen_pieces": pieces,
            "faults": faults,
            # Django knows of no rows within a row, so of no faults there.
            "errors": context["errors"] or faults,
            # Browsers send back every word, and no file.
            "files_again": context.get("files_again") or (is_sent and bool(request.FILES)),
        }
        return super().render_change_form(request, {**context, **more}, *args, **kwargs)

    def save_related(self, request, form, formsets, change):
        super().save_related(request, form, formsets, change)
        for formset in formsets:
            if issubclass(formset.model, EditionPart):
                make_positions_distinct(formset.model, form.instance)


def screen_pieces(screen: list, adminform, inlines) -> list[dict]:
    """What stands on the form, in reading order, each with its title and anchor; what nobody placed comes last."""
    sets = [
        {"fieldset": fieldset, "number": number, "title": fieldset.name, "anchor": f"fieldset-0-{number}-heading"}
        for number, fieldset in enumerate(adminform)
    ]
    lists = [
        {
            "parts": parts,
            "title": parts.opts.verbose_name_plural,
            "anchor": f"{parts.formset.prefix}-group",
            "count": count_of(parts.formset),
        }
        for parts in inlines
    ]
    placed = []
    for piece in screen:
        if not isinstance(piece, type):
            placed.append(sets.pop(0))
        else:
            # One without the right to see these parts has no list of them.
            mine = next((row for row in lists if type(row["parts"].opts) is piece), None)
            if mine:
                lists.remove(mine)
                placed.append(mine)
    return [*placed, *lists, *sets]


def count_of(formset) -> int:
    """How many parts stand there: new ones of a form that came back too, not those that were to be taken away."""
    forms = formset.forms if formset.is_bound else formset.initial_forms
    return sum(
        bool(form.instance.pk or form.has_changed()) and not getattr(form, "cleaned_data", {}).get("DELETE")
        for form in forms
    )


def show_rich_text(form: forms.ModelForm, read_only: Container[str] = ()) -> None:
    """Show the rich text that has no box on this page, or is ``read_only``, as readers see it, without its tags.

    Django escapes the value of a read-only field unless it is safe already; so this page's row gets a safe one.
    """
    for field in form.instance._meta.fields:
        value = getattr(form.instance, field.attname)
        is_shown = field.name in read_only or field.name not in form.fields
        if isinstance(field, RichTextField) and is_shown and value:
            # Django makes a break of each line end, which HTML does not have.
            setattr(form.instance, field.attname, clean(" ".join(value.splitlines())))


def faults_of(adminform, inlines) -> list[Fault]:
    """Everything that keeps the form from being saved, in the order of the page."""
    form = adminform.form
    names = flatten_fieldsets(adminform.fieldsets)
    faults = [Fault("This page", words, "") for words in form.non_field_errors()]
    in_order = sorted(form.errors, key=lambda name: names.index(name) if name in names else len(names))
    for name in in_order:
        if name in form.fields:
            faults += _faults_of_field(form[name], str(form[name].label))
    for parts in inlines:
        title, anchor = str(parts.opts.verbose_name_plural), f"{parts.formset.prefix}-group"
        faults += _faults_of_formset(parts.formset, title, anchor)
    return faults


def _faults_of_field(field, where: str) -> list[Fault]:
    return [Fault(where, words, field.id_for_label or field.auto_id) for words in field.errors]


def _faults_of_formset(formset, title: str, anchor: str) -> list[Fault]:
    title = title[:1].upper() + title[1:]
    faults = [Fault(title, words, anchor) for words in formset.non_form_errors()]
    for number, form in enumerate(formset.forms, 1):
        faults += [Fault(f"{title}, {number}", words, f"{form.prefix}") for words in form.non_field_errors()]
        for field in form:
            faults += _faults_of_field(field, f"{title}, {number}: {field.label}")
        if getattr(form, "nested", None):
            faults += _faults_of_formset(form.nested, f"{title}, {number}: {form.nested.title}", form.prefix)
    return faults


@dataclass(frozen=True)
class Standing:
    """Where an edition stands among those of its thing, for the panel at the side."""

    edition: Edition
    events: list[EditionEvent]
    in_force: Edition | None  # what readers get today, a withdrawal included
    scheduled: list[Edition]

    @property
    def is_in_force(self) -> bool:
        return self.in_force is not None and self.in_force.pk == self.edition.pk

    @property
    def was_overtaken(self) -> bool:
        """A draft from whose copying on something newer went live: to approve it would undo that."""
        edition, now = self.edition, self.in_force
        if edition.is_approved or now is None or edition.based_on is None or now.number == edition.based_on:
            return False
        return now.publish_at > edition.created_at


def standing(edition: Edition) -> Standing:
    """Where an edition stands, in a fixed number of queries."""
    model = type(edition)
    siblings = model._base_manager.filter(**{model.thing_field: edition.thing}, language=edition.language)
    people = ("author", "approved_by", "changed_by")
    models.prefetch_related_objects([edition], *people)
    in_force = model.objects.in_force(language=edition.language).filter(pk__in=siblings.values("pk"))
    return Standing(
        edition=edition,
        events=list(EditionEvent.objects.of(edition).select_related("by")),
        in_force=in_force.select_related(model.thing_field).first(),
        scheduled=list(_to_come(siblings)),
    )


def _to_come(siblings: models.QuerySet) -> models.QuerySet:
    approved = siblings.filter(state="approved")
    return approved.filter(publish_at__gt=timezone.now()).order_by("publish_at")
