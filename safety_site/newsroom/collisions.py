"""What one editor typed beside what another saved: field by field, part by part, marked word by word.

Everything here is plain text; templates escape it. Rich text is shown without its tags, unless just they differ.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from difflib import SequenceMatcher
from html import unescape

from django import forms
from django.db import models
from django.forms import BaseForm, BaseModelFormSet
from django.forms.models import ModelChoiceField, ModelMultipleChoiceField
from django.utils.html import strip_tags
from django.utils.text import capfirst

from safety_site.newsroom.posted_forms import Fitted, changed_names, sent_by

# Comparing takes the square of the length: beyond this, two texts are shown whole, without marks.
MOST_WORDS = 4_000
_NOT_SHOWN = {"DELETE", "id"}


@dataclass(frozen=True)
class Run:
    """Some words, and whether only this side has them."""

    words: str
    is_marked: bool = False


@dataclass(frozen=True)
class Difference:
    """One field that two people left differently. A side without words is an empty list."""

    label: str
    now: list[Run]
    mine: list[Run]


@dataclass(frozen=True)
class DifferentPart:
    """The page itself or one of its parts, with what happened to it, and its fields."""

    title: str
    note: str
    fields: list[Difference]


def marked(now: str, mine: str) -> tuple[list[Run], list[Run]]:
    """Two texts, with the words marked that only one of them has."""
    a, b = (re.findall(r"\s+|\w+|[^\w\s]", text) for text in (now, mine))
    if not now or not mine or len(a) + len(b) > MOST_WORDS:
        return ([Run(now)] if now else []), ([Run(mine)] if mine else [])
    left, right = [], []
    for kind, a_from, a_to, b_from, b_to in SequenceMatcher(None, a, b, autojunk=False).get_opcodes():
        is_marked = kind != "equal"
        if a_from < a_to:
            left.append(Run("".join(a[a_from:a_to]), is_marked))
        if b_from < b_to:
            right.append(Run("".join(b[b_from:b_to]), is_marked))
    return left, right


def as_text(html: str) -> str:
    """Rich text as lines of plain text."""
    broken = re.sub(r"(?i)<br\s*/?>|</(p|li|h[1-6]|blockquote)>", "\n", html)
    return re.sub(r"\n{2,}", "\n", unescape(strip_tags(broken))).strip()


def in_words(field: forms.Field, sent) -> str:
    """What a browser sent for a field, as an editor reads it."""
    if isinstance(field, ModelMultipleChoiceField):
        keys = [key for key in sent or [] if str(key).isdecimal() and len(str(key)) < 19]
        return ", ".join(str(row) for row in field.queryset.filter(pk__in=keys))
    if isinstance(field, ModelChoiceField):
        key = str(sent or "")
        row = field.queryset.filter(pk=key).first() if key.isdecimal() and len(key) < 19 else None
        return field.label_from_instance(row) if row else ""
    if isinstance(field, forms.NullBooleanField):
        return {True: "Yes", False: "No"}.get(sent, "Not known")
    if isinstance(field, forms.BooleanField):
        return "Yes" if sent else "No"
    if isinstance(field, forms.ChoiceField):
        return str(dict(field.choices).get(sent, sent or "")) if sent else ""
    if isinstance(sent, list | tuple):
        return " ".join(str(each) for each in sent if each)
    return "" if sent is None else str(sent)


def _is_rich(field: forms.Field) -> bool:
    return "prose" in type(field.widget).__module__


def _difference(name: str, mine: BaseForm, now: BaseForm | None) -> Difference:
    field = mine.fields[name]
    typed = in_words(field, field.widget.value_from_datadict(mine.data, mine.files, mine.add_prefix(name)))
    stands = ""
    if now is not None:
        stands = in_words(field, field.widget.value_from_datadict(sent_by(now), {}, now.add_prefix(name)))
    if _is_rich(field) and as_text(stands) != as_text(typed):
        stands, typed = as_text(stands), as_text(typed)
    return Difference(capfirst(str(mine[name].label)), *marked(stands, typed))


def _fields(mine: BaseForm, now: BaseForm | None, not_shown: Collection[str] = ()) -> list[Difference]:
    names = [name for name in changed_names(mine) if name not in _NOT_SHOWN and name not in not_shown]
    found = [_difference(name, mine, now) for name in names if not isinstance(mine.fields[name], forms.FileField)]
    return [difference for difference in found if difference.now or difference.mine]


def _name(part: models.Model) -> str:
    """What a part calls itself, where it does."""
    return f": {part}" if type(part).__str__ is not models.Model.__str__ else ""


def differences(
    mine: tuple[BaseForm, list[BaseModelFormSet]], now: tuple[BaseForm, list[BaseModelFormSet]], fit: Fitted
) -> list[DifferentPart]:
    """Where the typed fields, fitted to the rows of today, differ from those rows. Empty: they say the same."""
    form, formsets = mine
    found = [DifferentPart("The page itself", "", fields)] if (fields := _fields(form, now[0])) else []
    for formset, stands in zip(formsets, now[1], strict=True):
        found += _parts(formset, stands, fit)
    return found


def _is_same_order(formset: BaseModelFormSet, fit: Fitted) -> bool:
    """Whether the typed places leave the parts in the order in which they stand now.

    Saving numbers parts anew where two have one place: other numbers for the same order are nobody's words.
    """
    places = []
    for index, part in enumerate(formset.forms[: formset.initial_form_count()]):
        if (formset.prefix, index) not in fit.added and f"{part.prefix}-DELETE" not in part.data:
            typed = str(part["position"].data or "") if "position" in part.fields else ""
            places.append(int(typed) if typed.isascii() and typed.isdecimal() and len(typed) < 10 else -1)
    return places == sorted(places) and -1 not in places


def _parts(formset: BaseModelFormSet, stands: BaseModelFormSet, fit: Fitted, of: str = "") -> list[DifferentPart]:
    kind = capfirst(str(formset.model._meta.verbose_name))
    not_shown = {"position"} if _is_same_order(formset, fit) else set()
    found = []
    for index, part in enumerate(formset.forms):
        is_taken_by_me = f"{part.prefix}-DELETE" in part.data
        if index < formset.initial_form_count():
            untouched = stands.initial_forms[index]
            title = f"{of}{kind} {index + 1}{_name(untouched.instance)}"
            if (formset.prefix, index) in fit.added:
                found.append(DifferentPart(title, "Added while you were writing. It stays.", []))
                continue
            if is_taken_by_me:
                found.append(DifferentPart(title, "You took this away. It still stands there now.", []))
                continue
            if fields := _fields(part, untouched, not_shown):
                found.append(DifferentPart(title, "", fields))
            if getattr(part, "nested", None) is not None:
                found += _parts(part.nested, untouched.nested, fit, f"{title}: ")
        elif changed_names(part) and not is_taken_by_me:
            is_gone = (formset.prefix, index) in fit.taken_away
            note = "Only in yours: you added it."
            note = "Taken away while you were writing. It comes back if you save yours." if is_gone else note
            found.append(DifferentPart(f"{of}{kind} {index + 1}", note, _fields(part, None)))
    return found
