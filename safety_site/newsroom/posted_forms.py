"""A form's fields as a browser sends them, fitted to the rows that stand in the database now.

While a form is open its edition may be copied, or saved by somebody else with parts added and taken away. The
fields that then arrive name rows that are not there any more, and miss some that are. ``fitted`` makes fields
for the rows of today out of them, so that the form shows and saves every word.
"""

import copy
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.db import models
from django.forms import BaseForm, BaseModelFormSet, CheckboxInput, MultiWidget
from django.http import HttpRequest, QueryDict
from django.utils.datastructures import MultiValueDict

from safety_site.editions import Edition, EditionPart

# Parts of one kind that a form may bring; Django itself stops at 2,000.
MOST_PARTS = 1_000

# For each kind of part ("sections", and "phones.hours" for the rows of a part): the old key and the new one, as text.
Copies = dict[str, dict[str, str]]


@dataclass
class Fitted:
    """Fields for the rows of today, and which rows came or went since the form was opened."""

    fields: QueryDict
    #: (prefix of the formset, index of the form) of each part that somebody else added meanwhile.
    added: set[tuple[str, int]] = field(default_factory=set)
    #: … that somebody else took away meanwhile; it is a new part in these fields.
    taken_away: set[tuple[str, int]] = field(default_factory=set)
    #: The name that each part's fields begin with now, by what they began with.
    moved: dict[str, str] = field(default_factory=dict)

    def files(self, files: MultiValueDict) -> MultiValueDict:
        """Uploaded files under the names that their parts have now."""
        moved = MultiValueDict()
        for name, uploads in files.lists():
            part = re.match(r".+?-\d+(?=-)", name, re.ASCII)
            moved.setlist(self.moved.get(part[0], part[0]) + name[part.end() :] if part else name, uploads)
        return moved


def as_posted(request: HttpRequest, fields: QueryDict, files: MultiValueDict | None = None) -> HttpRequest:
    """The same request, as if its form had been sent with these fields."""
    posed = copy.copy(request)
    posed.method, posed.POST = "POST", fields
    posed._files = MultiValueDict() if files is None else files
    return posed


def as_opened(request: HttpRequest) -> HttpRequest:
    """The same request, as if its page were only opened."""
    posed = copy.copy(request)
    posed.method = "GET"
    return posed


def tidy(fields: QueryDict) -> QueryDict:
    """Line ends as the database has them: browsers send two characters, and untouched words would look changed."""
    tidied = fields.copy()
    for name, values in fields.lists():
        tidied.setlist(name, [value.replace("\r\n", "\n") for value in values])
    # Django makes a new row of any form that says this, also where the page has no such button.
    tidied.pop("_saveasnew", None)
    return tidied


def sent_by(form: BaseForm) -> MultiValueDict:
    """What a browser would send for a form that nobody touched. Files are left out, as a browser does."""
    sent = MultiValueDict()
    for bound in form:
        widget = getattr(bound.field.widget, "widget", bound.field.widget)  # the admin wraps those of related rows
        value = bound.value()
        if isinstance(widget, MultiWidget):
            for name, part, each in zip(
                widget.widgets_names, widget.widgets, widget.decompress(value) or [None] * 9, strict=False
            ):
                sent[bound.html_name + name] = part.format_value(each) or ""
        elif isinstance(widget, CheckboxInput):
            if widget.check_test(value):
                sent[bound.html_name] = "on"
        else:
            shown = widget.format_value(value)
            if isinstance(shown, list | tuple):
                sent.setlist(bound.html_name, [str(each) for each in shown])
            elif shown is not None:
                sent[bound.html_name] = str(shown)
    return sent


def changed_names(form: BaseForm) -> list[str]:
    """The fields of a bound form that say something else than its row; spaces at the ends of a text say nothing.

    Django cleans those off what is sent, so a text that came from a file with a line end looks changed to it.
    """
    return [name for name in form.changed_data if not _is_same_text(form, name)]


def _is_same_text(form: BaseForm, name: str) -> bool:
    was, sent = form[name].initial, form[name].data
    return isinstance(was, str) and isinstance(sent, str) and was.replace("\r\n", "\n").strip() == sent.strip()


def says_something_new(form: BaseForm, formsets: Iterable[BaseModelFormSet]) -> bool:
    """Whether bound forms would change anything; with parts that are new, or to be taken away."""
    return bool(changed_names(form)) or any(_is_new(part) for formset in formsets for part in formset.forms)


def _is_new(part: BaseForm) -> bool:
    below = getattr(part, "nested", None)
    return bool(changed_names(part)) or (
        below is not None and below.is_bound and any(_is_new(each) for each in below.forms)
    )


def fitted(fields: QueryDict, formsets: list[BaseModelFormSet], copies: Copies | None = None) -> Fitted:
    """Fields for the rows that ``formsets`` (not bound) show, in their order, then whatever is new.

    A part that is there still keeps what the fields say of it. One that they never saw stays as it is. One that
    is not there any more comes as a new part, unless it was to be taken away anyway.
    """
    result = Fitted(fields.copy())
    for formset in formsets:
        _fit(result, fields, formset, copies or {})
    return result


def _fit(result: Fitted, fields: QueryDict, formset: BaseModelFormSet, copies: Copies, kind: str = "") -> None:
    prefix, key, kind = formset.prefix, formset.model._meta.pk.name, kind or formset.prefix
    # Each part says whose it is: from now on of the edition that this is fitted to.
    owner = {formset.fk.name: [str(formset.instance.pk or "")]} if hasattr(formset, "fk") else {}
    sent, named = [], {}
    for index, entry in _entries(fields, prefix):
        pk = _renamed(entry.get(key, [""])[-1], copies.get(kind))
        # Two parts that name one row: the second is a new one, so that its words are not lost.
        if pk and pk not in named:
            named[pk] = (index, entry)
        else:
            sent.append((index, entry, False))
    now = []
    for form in formset.initial_forms:
        pk = str(form.instance.pk)
        if pk in named:
            index, entry = named.pop(pk)
            result.moved[f"{prefix}-{index}"] = f"{prefix}-{len(now)}"
            now.append({**entry, key: [pk]})
        else:
            result.added.add((prefix, len(now)))
            now.append(_entry_of(form, key))
    initial_count = len(now)
    # What named a row that is not there any more, unless it was to go anyway.
    sent += [(index, entry, True) for index, entry in named.values() if "DELETE" not in entry]
    for index, entry, is_gone in sorted(sent, key=lambda part: part[0]):
        if is_gone:
            result.taken_away.add((prefix, len(now)))
        result.moved[f"{prefix}-{index}"] = f"{prefix}-{len(now)}"
        now.append({**_as_new(entry, formset), key: [""]})
    for name in [name for name in result.fields if name.startswith(f"{prefix}-")]:
        del result.fields[name]
    for index, entry in enumerate(now):
        for name, values in {**entry, **owner}.items():
            result.fields.setlist(f"{prefix}-{index}-{name}", values)
    result.fields[f"{prefix}-TOTAL_FORMS"] = str(len(now))
    result.fields[f"{prefix}-INITIAL_FORMS"] = str(initial_count)
    for form in formset.initial_forms:
        below = getattr(form, "nested", None)
        # The rows of a part (a phone's hours), where they are edited inside it and came with it.
        if below is not None and f"{below.prefix}-TOTAL_FORMS" in result.fields:
            _fit(result, result.fields.copy(), below, copies, f"{kind}.{below.fk.remote_field.get_accessor_name()}")


def _as_new(entry: dict[str, list[str]], formset: BaseModelFormSet) -> dict[str, list[str]]:
    """A part whose row is gone; so are those of the rows below it, and their words are new rows too."""
    entry = dict(entry)
    for relation in formset.model._meta.related_objects:
        name = relation.get_accessor_name()
        for key in list(entry):
            if re.fullmatch(rf"{re.escape(name or '-')}-\d+-(id|{relation.field.name})", key, re.ASCII):
                entry[key] = [""]
            elif key == f"{name}-INITIAL_FORMS":
                entry[key] = ["0"]
    return entry


def _entries(fields: QueryDict, prefix: str) -> list[tuple[int, dict[str, list[str]]]]:
    """The fields of each part by their name in the part, with its index, in order."""
    found: dict[int, dict[str, list[str]]] = {}
    for name, values in fields.lists():
        if match := re.fullmatch(rf"{re.escape(prefix)}-(\d{{1,4}})-(.+)", name, re.ASCII | re.DOTALL):
            found.setdefault(int(match[1]), {})[match[2]] = values
    total = fields.get(f"{prefix}-TOTAL_FORMS", "")
    most = int(total) if total.isascii() and total.isdecimal() and len(total) < 5 else MOST_PARTS
    return [(index, found[index]) for index in sorted(found) if index < min(most, MOST_PARTS)]


def _entry_of(form: BaseForm, key: str) -> dict[str, list[str]]:
    """A part as it stands, as if its form had been sent untouched."""
    sent = sent_by(form)
    if below := getattr(form, "nested", None):
        for each in (below.management_form, *below.forms):
            sent.update(sent_by(each))
    entry = {name.removeprefix(f"{form.prefix}-"): values for name, values in sent.lists()}
    return {**entry, key: [str(form.instance.pk)]}


def _renamed(pk: str, copied: dict[str, str] | None) -> str:
    return pk if copied is None else copied.get(pk, pk)


def copied_parts(edition: Edition, draft: Edition) -> Copies:
    """Which part of a fresh copy was made from which part of its original: ``copy_as_draft`` goes by key."""
    copies: Copies = {}
    for relation in type(edition)._meta.related_objects:
        if issubclass(relation.related_model, EditionPart):
            _pair(relation, edition, draft, relation.get_accessor_name(), copies)
    return copies


def _pair(relation, old, new, path: str, copies: Copies) -> None:
    rows = relation.related_model._base_manager.order_by("pk")
    name = relation.field.name
    for was, became in zip(rows.filter(**{name: old}), rows.filter(**{name: new}), strict=True):
        copies.setdefault(path, {})[str(was.pk)] = str(became.pk)
        for below in relation.related_model._meta.related_objects:
            if below.on_delete is models.CASCADE:
                _pair(below, was, became, f"{path}.{below.get_accessor_name()}", copies)
