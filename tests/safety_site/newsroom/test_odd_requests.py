"""Requests to the admin that no page makes: impossible keys, NUL bytes, broken filters and counters. None is a 500."""

import time

import pytest
from django.contrib import admin
from django.db import transaction
from django.http import HttpResponse
from django.test import RequestFactory
from django.urls import reverse

from guidance.models import OldName, Topic
from safety_site import errors
from safety_site.newsroom.odd_requests import is_odd, refuse_odd_requests
from tests import factories
from tests.reporting import factories as reporting
from tests.safety_site.newsroom.forms import form_data
from tests.safety_site.newsroom.test_rights import others_rows

NINES = "9" * 30
NUL = "a\0b"
EDITIONS = "guidance_topicedition"

# Asked of every list.
QUERIES = [
    {"id__in": NINES},
    {"q": NUL},
    {"id__regex": "("},
    {"_popup": "1", "id__range": "1"},
    {"e": "1", "id__in": "x"},
]
# Asked of one list, since only Django's own code reads them.
MORE_QUERIES = [
    {"id": NINES}, {"id__exact": ""}, {"pk__gt": NUL}, {"nowhere": "1"}, {"nowhere__in": "1"}, {"id__nowhere": "1"},
    {"id__in": ""}, {"id__isnull": "x"}, {"id__isnull": NUL}, {"q": NINES}, {"q": "\"'"}, {NUL: NUL}, {"_facets": NUL},
    {"p": NINES}, {"p": "-1"}, {"p": NUL}, {"o": NINES}, {"o": "x.-"}, {"all": NUL}, {"_to_field": NUL},
    {"_popup": NUL}, {"_changelist_filters": f"id__in={NINES}"}, {"title__regex": "("}, {"e": "1", "id__in": NINES},
    {"topic": NINES}, {"author": NINES}, {"publish_at__year": "9999"}, {"publish_at__gte": NUL},
    {"publish_at__year": "2026", "publish_at__month": "13"}, {"publish_at__gte": "0001-01-01"},
    {"publish_at__lt": "9999-12-31"}, {"publish_at__day": "0"},
]  # fmt: skip


def label_of(model) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def administrator(client):
    """The client of somebody who may do everything and gave their password a moment ago."""
    client.force_login(factories.editor(is_superuser=True))
    session = client.session
    session["confirmed_at"] = time.time()
    session.save()
    client.raise_request_exception = False
    return client


def rows_of_all() -> dict[str, int]:
    """For each model, as far as there is a factory, the key of a row."""
    factories.age_band_fact(factories.age_band())
    factories.app_parts(factories.app_edition())
    factories.control_parts(factories.control_edition())
    factories.topic_parts(factories.topic_edition())
    factories.old_name()
    factories.worry_words()
    reporting.authority()
    reporting.phone(reporting.contact_edition())
    reporting.concern_edition()
    return others_rows(factories.member("writer"))


def failures(asked, method) -> list:
    """Which of some addresses, with what is sent to them, fail; whatever they did is taken back."""
    failed = []
    for address, data in asked:
        with transaction.atomic():
            response = method(address, data)
            transaction.set_rollback(True)
        if response.status_code >= 500:
            failed.append((address, data, response.exc_info[1]))
    return failed


def queries_of(model, pages) -> list[dict]:
    """Odd values for each filter of a list, and for one field of each kind."""
    named = [getattr(each, "parameter_name", each) for each in pages.list_filter]
    named = [each[0] if isinstance(each, tuple) else each for each in named]
    found = [{name: value} for name in named for value in (NUL, NINES)]
    fields = {field.get_internal_type(): field for field in (*model._meta.fields, *model._meta.many_to_many)}
    for kind, field in fields.items():
        if "Date" in kind:
            found.append({f"{field.name}__year": "0"})
        elif field.is_relation:
            found += [{field.name: NINES}, {f"{field.name}__in": NUL}]
    return found


@pytest.mark.django_db
class TestNoPageFails:
    def test_lists(self, administrator):
        asked = [(reverse(f"admin:{EDITIONS}_changelist"), query) for query in MORE_QUERIES]
        for model, pages in admin.site._registry.items():
            address = reverse(f"admin:{label_of(model)}_changelist")
            asked += [(address, query) for query in (*QUERIES, *queries_of(model, pages))]
        assert failures(asked, administrator.get) == []

    def test_actions_on_rows_that_cannot_be(self, administrator):
        rows_of_all()
        asked = []
        for model, pages in admin.site._registry.items():
            address = reverse(f"admin:{label_of(model)}_changelist")
            names = [each if isinstance(each, str) else each.__name__ for each in pages.actions or ()]
            asked += [
                (address, {"action": name, "_selected_action": key, "index": "0"})
                for name in ("delete_selected", *names)
                for key in (NINES, "x")
            ]
        assert failures(asked, administrator.post) == []

    def test_pages_of_rows_that_cannot_be(self, administrator):
        inner = [one for pattern in admin.site.get_urls() for one in getattr(pattern, "url_patterns", [pattern])]
        names = [one.name for one in inner if one.name and list(one.pattern.converters) == ["object_id"]]
        assert len(names) > 60
        pages = [(reverse(f"admin:{name}", args=[key]), {}) for name in names for key in (NINES, NUL, "x", "1_2F2")]
        assert failures(pages, administrator.get) == []
        assert failures(pages[::2], administrator.post) == []

    def test_other_pages(self, administrator):
        choices = {"app_label": "guidance", "model_name": "topicedition", "field_name": "topic"}
        asked = [
            (reverse("admin:autocomplete"), {**choices, "term": NUL}),
            (reverse("admin:autocomplete"), {**choices, "page": NINES}),
            (reverse("admin:autocomplete"), {**choices, "app_label": NUL}),
            (reverse("admin:autocomplete"), {**choices, "field_name": NINES}),
            *((reverse("admin:work-list", args=[slug]), {"p": NINES}) for slug in (NINES, "x", "overdue")),
            (reverse("admin:work-list", args=["overdue"]), {"p": NUL, "mine": NUL}),
            (reverse("admin:index"), {"mine": NUL}),
            (reverse("admin:app_list", args=["guidance"]), {NUL: NINES}),
            (f"/admin/r/{NINES}/{NINES}/", {}),
            (f"/admin/guidance/{NUL}/", {}),
        ]
        assert failures(asked, administrator.get) == []

    @pytest.mark.parametrize("page", ["add", "change"])
    def test_forms(self, administrator, page):
        rows = rows_of_all()
        asked = []
        for model in admin.site._registry:
            label = label_of(model)
            if page == "change" and label not in rows:
                continue
            address = reverse(f"admin:{label}_{page}", args=[rows[label]] if page == "change" else [])
            response = administrator.get(address)
            if b"novalidate" in response.content:
                forms = odd_forms(model, form_data(response))
                # The code is the same for both pages; those of rows are slow, so they are sent less.
                asked += [(address, data) for data in (forms if page == "add" else forms[1:3])]
        assert len(asked) > 20
        assert failures(asked, administrator.post) == []

    def test_login_and_kept_words(self, client):
        client.raise_request_exception = False
        asked = [
            (reverse("admin:login"), {"username": NUL, "password": NUL, "next": NUL}),
            (reverse("admin:keep_words"), {NUL: NUL}),
        ]
        assert failures(asked, client.post) == []


def odd_forms(model, data: dict) -> list[dict]:
    """A form that is well, with what cannot be in its place: rows chosen, words, the counters and keys of its parts."""
    chosen = [each.name for each in (*model._meta.fields, *model._meta.many_to_many) if each.is_relation]
    words = [name for name in data if not name.endswith("_FORMS") and not name.startswith("_")]
    found = [{**data, **dict.fromkeys(words, NUL)}]
    if chosen:
        found.append({**data, **dict.fromkeys(chosen, NINES)})
    prefixes = [name.removesuffix("-INITIAL_FORMS") for name in data if name.endswith("-INITIAL_FORMS")]
    if not prefixes:
        return found
    for initial, total, key in (("-1", "2", "1"), ("1", "2", NINES), ("50", "1", "")):
        counters = {f"{prefix}-INITIAL_FORMS": initial for prefix in prefixes}
        counters |= {f"{prefix}-TOTAL_FORMS": total for prefix in prefixes}
        found.append({**data, **counters, **{f"{prefix}-{place}-id": key for prefix in prefixes for place in (0, 1)}})
    return found


# --- What is said, and that nothing else is hidden ----------------------------------------------------------


def test_a_list_that_cannot_be_is_opened_whole_and_says_so(db, administrator):
    address = reverse("admin:guidance_topic_changelist")
    factories.topic("sleep")
    response = administrator.get(address, {"slug__regex": "("}, follow=True)
    assert response.redirect_chain == [(f"{address}?e=1", 302)]
    assert "The list cannot be narrowed in that way" in response.content.decode()
    assert "sleep" in response.content.decode()


def test_a_form_that_names_a_row_that_cannot_be_is_refused_in_words(db, administrator):
    name = factories.old_name()
    address = reverse("admin:guidance_oldname_change", args=[name.pk])
    data = form_data(administrator.get(address))
    response = administrator.post(address, {**data, "name": "Another", "topics": NINES})
    assert response.status_code in (200, 400)
    assert OldName.objects.get().name == name.name


def asked(address: str = "/admin/", data: dict | None = None, **query):
    request = RequestFactory().post(address, data) if data is not None else RequestFactory().get(address, query)
    request.resolver_match = None
    return request


@pytest.mark.parametrize(
    "request_of_nobody",
    [
        asked(id="1" * 19), asked(id="1_" * 19), asked(q="\0"), asked(f"/admin/{NINES}/"), asked(title__regex="x"),
        asked(publish_at__year="0"), asked(publish_at__year="x"), asked(data={"parts-INITIAL_FORMS": " -1"}),
        asked(data={"_selected_action": "x"}), asked(data={"words": "\0"}),
    ],
)  # fmt: skip
def test_odd(request_of_nobody):
    assert is_odd(request_of_nobody)


@pytest.mark.parametrize(
    "request_of_an_editor",
    [
        asked(), asked(id="1" * 18), asked(q="O'Neil (", state__exact="draft", publish_at__year="2026", p="-1"),
        asked(review_by__gte="2026-01-01", owner__id__exact="4", owner__isnull="True"),
        asked(data={"parts-INITIAL_FORMS": "0", "words": "Call 0808 800 5000 -1", "_selected_action": "4"}),
    ],
)  # fmt: skip
def test_not_odd(request_of_an_editor):
    assert not is_odd(request_of_an_editor)


def writes_and_fails(request):
    factories.topic("half-done")
    raise OverflowError("too large")


def test_what_fails_half_way_has_done_nothing(db):
    response = refuse_odd_requests(writes_and_fails, errors.bad_request)(asked(data={"id": NINES}))
    assert response.status_code == 400
    assert "We could not read that request" in response.content.decode()
    assert not Topic.objects.exists()


def test_a_mistake_of_ours_is_not_hidden(db):
    with pytest.raises(OverflowError):
        refuse_odd_requests(writes_and_fails, errors.bad_request)(asked(data={"id": "4"}))


def test_a_failure_of_another_kind_is_not_hidden(db):
    def fails(request):
        raise TypeError

    with pytest.raises(TypeError):
        refuse_odd_requests(fails, errors.bad_request)(asked(data={"id": NINES}))


def test_an_odd_request_that_does_not_fail_is_answered(db):
    view = refuse_odd_requests(lambda request: HttpResponse("Well"), errors.bad_request)
    assert view(asked(q=NINES)).content == b"Well"
