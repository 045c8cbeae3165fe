"""The texts of an editors' form as it was sent, under the labels of the form. Asks no database."""

import re

from django.contrib.admin import ModelAdmin
from django.contrib.admin.options import BaseModelAdmin
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.http import HttpRequest
from django.utils.text import capfirst

# Shorter texts are quickly typed again; what must not be shown is never this long in a form of ours, but for these.
SHORTEST = 20
NOT_TO_SHOW = ("password", "token", "key")
_PART = re.compile(r"(\w+)-(\d{1,4})-(.+)", re.ASCII | re.DOTALL)


def texts_to_copy(request: HttpRequest) -> list[tuple[str, str]]:
    """Label and words of each text worth copying, in the order of the form."""
    match = request.resolver_match
    admin = getattr(match and match.func, "model_admin", None)  # Django's own name for it, on each view of a ModelAdmin
    return [
        (_label(name, admin, admin and admin.model), value)
        for name, value in request.POST.items()
        if len(value.strip()) >= SHORTEST
        and not name.startswith("_")  # a button
        and not any(word in name for word in NOT_TO_SHOW)
    ]


def _label(name: str, admin: BaseModelAdmin | None, model: type[models.Model] | None) -> str:
    """What the form calls a field; the name in plain words where it cannot be known."""
    part = _PART.fullmatch(name)
    if part is None:
        return capfirst(getattr(admin, "labels", {}).get(name) or _label_in_model(name, model))
    prefix, index, rest = part.groups()
    below = _model_below(model, prefix)
    inline = _inline_of(admin, below)
    kind = (inline and inline.verbose_name) or (below and below._meta.verbose_name) or _plain(prefix)
    return f"{capfirst(str(kind))} {int(index) + 1}: {_label(rest, inline, below)}"


def _label_in_model(name: str, model: type[models.Model] | None) -> str:
    try:
        return str(model._meta.get_field(name).verbose_name)
    except (AttributeError, FieldDoesNotExist):  # no model, or rows that point at it
        return _plain(name)


def _plain(name: str) -> str:
    return name.replace("_", " ").replace("-", " ")


def _model_below(model: type[models.Model] | None, prefix: str) -> type[models.Model] | None:
    """The model of the parts whose fields begin so: Django names them as the relation."""
    related = {each.get_accessor_name(): each.related_model for each in model._meta.related_objects} if model else {}
    return related.get(prefix)


def _inline_of(admin: BaseModelAdmin | None, model: type[models.Model] | None):
    inlines = admin.inlines if isinstance(admin, ModelAdmin) and model else ()
    return next((inline for inline in inlines if inline.model is model), None)
