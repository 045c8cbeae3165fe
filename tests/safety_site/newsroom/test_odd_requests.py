"""Requests to the admin that no page makes: impossible keys, NUL bytes, broken filters and counters. None is a 500."""

import time

import pytest
from django.contrib import admin
from django.db import transaction
from django.urls import reverse

from tests import factories
from tests.safety_site.newsroom.forms import form_data
from tests.safety_site.newsroom.test_rights import others_rows

NINES = "9" * 30
NUL = "a\0b"
NEITHER = [NINES, NUL]
KEYS = [NINES, "-" + NINES, NUL, "x", "1_2F2", "1/2", "_", "0", "٩" * 30]
QUERIES = [
    {"id__in": NINES}, {"id": NINES}, {"id__in": "1,x"}, {"pk__gt": NUL}, {"id__exact": ""}, {"nowhere": "1"}, {"nowhere__in": "1"},
    {"id__nowhere": "1"}, {"id__regex": "("}, {"id__range": "1"}, {"q": NUL}, {"q": NINES}, {"q": "\"'" }, {"p": NINES}, {"p": "-1"}, {"p": NUL},
    {"o": NINES}, {"o": "x.-"}, {"o": "-"}, {"all": NUL}, {"_to_field": NUL}, {"_to_field": "id"}, {"_popup": NUL}, {"_popup": "1", "id__in": NINES},
    {"_changelist_filters": f"id__in={NINES}"}, {"e": "1", "id__in": NINES}, {"_facets": "1", "q": NUL}, {NUL: NUL}, {"id__in": ""},
    {"id__isnull": "x"}, {"id__isnull": NUL},
]  # fmt: skip


@pytest.fixture
def site(loaded, db, client):
    """A client of somebody who may do everything, and for each model of the admin the key of a row."""
    client.force_login(factories.editor(is_superuser=True))
    session = client.session
    session["confirmed_at"] = time.time()
    session.save()
    client.raise_request_exception = False
    return client, others_rows(factories.member("writer"))


def failures(client, method: str, asked) -> list:
    """Which of some addresses, with what is sent to them, fail; whatever they did is taken back."""
    failed = []
    for address, data in asked:
        with transaction.atomic():
            response = getattr(client, method)(address, data)
            transaction.set_rollback(True)
        if response.status_code >= 500:
            failed.append((address, data, repr(getattr(response, 'exc_info', [0,0])[1])[:200]))
        response.close()
    return failed


def label_of(model) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


def field_queries(model) -> list[dict]:
    found = []
    for field in [*model._meta.fields, *model._meta.many_to_many]:
        name, kind = field.name, field.get_internal_type()
        if field.is_relation:
            found += [{name: NINES}, {f"{name}__id__exact": NINES}, {f"{name}__in": NINES}, {name: NUL}]
        elif "Date" in kind:
            found += [{f"{name}__year": year} for year in ("0", "9999", NINES, "x")]
            found += [{f"{name}__year": "2026", f"{name}__month": "13"}, {f"{name}__gte": NUL}, {f"{name}__gte": "0001-01-01"}, {f"{name}__lt": "9999-12-31"}, {f"{name}__day": "0"}]
        elif "Char" in kind or "Text" in kind:
            found += [{f"{name}__regex": "("}, {f"{name}__exact": NUL}, {name: NUL}]
        else:
            found += [{f"{name}__exact": NINES}, {f"{name}__exact": NUL}, {f"{name}__in": NINES}]
    return found


def test_lists(site):
    client, _ = site
    asked = []
    for model, pages in admin.site._registry.items():
        address = reverse(f"admin:{label_of(model)}_changelist")
        asked += [(address, query) for query in [*QUERIES, *field_queries(model)]]
        asked += [(address, {getattr(f, "parameter_name", "x"): v}) for f in pages.list_filter for v in (NINES, NUL)]
    print(len(asked))
    bad = failures(client, "get", asked)
    for b in bad: print(b)
    assert bad == []


def test_actions(site):
    client, rows = site
    asked = []
    for model, pages in admin.site._registry.items():
        address = reverse(f"admin:{label_of(model)}_changelist")
        for action in ("delete_selected", NUL, NINES, *[a if isinstance(a, str) else a.__name__ for a in pages.actions or ()]):
            for value in (NINES, NUL, "x"):
                asked.append((address, {"action": action, "_selected_action": value, "index": "0"}))
        asked.append((address, {"action": "delete_selected", "_selected_action": NINES, "index": NINES, "select_across": NUL, "post": "yes"}))
    print(len(asked))
    bad = failures(client, "post", asked)
    for b in bad: print(b)
    assert bad == []


def pages_of_rows():
    for pattern in admin.site.get_urls():
        for inner in getattr(pattern, "url_patterns", [pattern]):
            needed = list(inner.pattern.converters)
            if inner.name and needed == ["object_id"]:
                yield inner.name


@pytest.mark.parametrize("method", ["get", "post"])
def test_pages_of_rows(site, method):
    client, _ = site
    asked = [(reverse(f"admin:{name}", args=[key]), {}) for name in pages_of_rows() for key in KEYS]
    print(len(asked))
    bad = failures(client, method, asked)
    for b in bad: print(b)
    assert bad == []


def test_forms(site):
    client, rows = site
    asked = []
    for model, pages in admin.site._registry.items():
        label = label_of(model)
        addresses = [reverse(f"admin:{label}_add")]
        if label in rows:
            addresses.append(reverse(f"admin:{label}_change", args=[rows[label]]))
        for address in addresses:
            page = client.get(address)
            if page.status_code != 200:
                print("no page", address, page.status_code)
                continue
            try:
                data = form_data(page)
            except ValueError:
                print("no form", address)
                continue
            fields = [f.name for f in [*model._meta.fields, *model._meta.many_to_many] if f.is_relation]
            asked += [(address, {**data, **dict.fromkeys(fields, value)}) for value in NEITHER]
            asked += [(address, {**data, name: NINES}) for name in fields]
            words = [name for name in data if not name.endswith("_FORMS") and not name.startswith("_")]
            asked += [(address, {**data, **dict.fromkeys(words, value)}) for value in NEITHER]
            keys = [name for name in data if name.endswith("-id")]
            asked += [(address, {**data, **dict.fromkeys(keys, value)}) for value in (NINES, "x", "0", NUL) if keys]
            dates = [name for name in data if name.endswith(("_0", "_on", "_by", "as_of"))]
            asked += [(address, {**data, **dict.fromkeys(dates, value)}) for value in ("0001-01-01", "9999-12-31") if dates]
            for kind in ("INITIAL", "TOTAL"):
                counters = [name for name in data if name.endswith(f"-{kind}_FORMS")]
                asked += [(address, {**data, **dict.fromkeys(counters, v)}) for v in ("-1", "0", "1", "50", NINES, NUL, "x") if counters]
            for name in data:
                if name.endswith("-INITIAL_FORMS"):
                    prefix = name.removesuffix("-INITIAL_FORMS")
                    for initial, total, key in (("-1", "2", "1"), ("1", "2", NINES), ("2", "2", "x"), ("1", "1", "")):
                        asked.append((address, {**data, name: initial, f"{prefix}-TOTAL_FORMS": total, f"{prefix}-1-id": key, f"{prefix}-0-id": key}))
    print(len(asked))
    bad = failures(client, "post", asked)
    for b in bad: print(b[0], [(k, v) for k, v in b[1].items() if v in (*NEITHER, "-1", "0", "1", "50", "x", "0001-01-01","9999-12-31")], b[2])
    assert bad == []
