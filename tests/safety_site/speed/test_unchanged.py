"""What is kept while the content is unchanged: it goes with the version, and staff's other moments never meet it."""

from datetime import UTC, datetime, timedelta

import pytest
from django.template import Context, Template, TemplateSyntaxError
from django.test import RequestFactory
from django.utils import timezone

from guidance import shelf
from guidance.models import AgeBand
from safety_site import freshness, unchanged
from safety_site.editions import EditionState, approve, copy_as_draft
from safety_site.newsroom.showing import Mark, show_edition
from safety_site.unchanged import Kept, for_one_page
from safety_site.viewing import viewing
from tests import factories


def test_value_is_made_once_for_each_version():
    kept, made = Kept(), []

    def value() -> int:
        made.append(1)
        return len(made)

    assert [kept.get(("a",), value) for _ in range(2)] == [1, 2]  # the version is not known
    kept.known = "one"
    assert [kept.get(("a",), value) for _ in range(2)] == [3, 3]
    kept.known = "two"
    assert [kept.get(("a",), value) for _ in range(2)] == [4, 4]


def test_value_that_was_made_of_another_version_is_not_kept():
    kept = Kept()
    kept.known = "one"

    def value() -> str:
        kept.known = "two"
        kept.get(("b",), lambda: "b")
        return "of one"

    assert kept.get(("a",), value) == "of one"
    assert kept.get(("a",), lambda: "of two") == "of two"


def test_what_was_asked_for_longest_ago_goes_first(monkeypatch):
    monkeypatch.setattr(unchanged, "MOST_CHARACTERS", 25)
    kept = Kept()
    kept.known = "one"
    for name in ("a", "b", "a", "c"):  # "a" is asked for again, so "b" is older
        kept.get((name,), lambda: "x" * 10)
    assert [kept.get((name,), lambda: "new") for name in ("a", "c")] == ["x" * 10] * 2
    assert kept.get(("b",), lambda: ("new", None)) == ("new", None)


def test_one_request_makes_a_thing_once_also_where_nothing_is_kept():
    made = []
    with for_one_page():
        for _ in range(2):
            unchanged.kept.get(("of one page",), lambda: made.append(1))
        with viewing(at=datetime(2026, 1, 1, tzinfo=UTC)):
            unchanged.kept.get(("of one page",), lambda: made.append(1))
    assert len(made) == 2  # another moment is another thing
    unchanged.kept.get(("of one page",), lambda: made.append(1))
    assert len(made) == 3


def test_block_of_a_template_is_made_once_for_its_values(warm, db):
    made = []
    page = Template("{% load site_tags %}{% unchanged age %}{{ words }}{% endunchanged %}")

    def render(age: str) -> str:
        return page.render(Context({"age": age, "words": lambda: made.append(age) or f"for {age}"}))

    warm()
    assert [render(age) for age in ("teen", "teen", "child")] == ["for teen", "for teen", "for child"]
    assert made == ["teen", "child"]
    with freshness.rendering(freshness.Mode.BOTH):
        render("teen")
    assert made == ["teen", "child", "teen"]
    warm()
    render("teen")
    assert len(made) == 4


def test_fixed_block_is_made_once_and_takes_nothing():
    page = Template("{% load site_tags %}{% fixed %}{{ words }}{% endfixed %}")
    assert [page.render(Context({"words": words})) for words in ("a", "b")] == ["a", "a"]
    with pytest.raises(TemplateSyntaxError):
        Template("{% load site_tags %}{% fixed words %}{% endfixed %}")


# --- Pages --------------------------------------------------------------------------------------------------

PAGES = (
    "/",
    "/topics/",
    "/topics/?age=teen",
    "/age/teen/",
    "/for/parents/",
    "/finder/?age=teen",
    "/figures/",
    "/plan/",
)


def texts(client) -> dict[str, str]:
    return {path: client.get(path).content.decode() for path in PAGES}


@pytest.mark.django_db
def test_pages_show_new_words_with_the_next_version(client, warm):
    band = factories.age_band("teen")
    edition = factories.topic_edition(title="Old words", age_bands=[band], area="risk")
    edition.facts.create(claim="A figure", source="Ofcom")
    warm()
    assert [path for path, text in texts(client).items() if "Old words" not in text] == []
    draft = copy_as_draft(edition)
    draft.title = "New words"
    draft.save()
    approve(draft, factories.editor(), timezone.now() - timedelta(seconds=1))
    # Until the version is read again, within a second, pages are as they were.
    assert [path for path, text in texts(client).items() if "Old words" not in text] == []
    warm()
    assert [path for path, text in texts(client).items() if "New words" not in text or "Old words" in text] == []


@pytest.mark.django_db
def test_rows_without_editions_show_with_the_next_version_too(client, warm):
    band = factories.age_band("teen")
    factories.topic_edition(age_bands=[band])
    name = factories.old_name(name="Old name")
    said = "/age/teen/"
    warm()
    assert "Old name" in client.get("/old-names/").content.decode()
    assert "Read by us" not in client.get(said).content.decode()
    AgeBand.objects.filter(pk=band.pk).update(summary="Another summary.")
    name.name = "Another name"
    name.save()
    factories.feedback(said, public_words="Read by us.")
    warm()
    assert "Another name" in client.get("/old-names/").content.decode()
    page = client.get(said).content.decode()
    assert ("Another summary." in page, "Read by us." in page) == (True, True)


@pytest.mark.django_db
def test_previews_and_other_moments_neither_read_nor_fill_what_is_kept(client, admin_client, admin_user, warm):
    band = factories.age_band("teen")
    edition = factories.topic_edition(factories.topic("the-topic"), title="Live words", age_bands=[band])
    factories.topic_edition(
        edition.topic, title="Words to come", age_bands=[band], publish_at=datetime(2098, 1, 1, tzinfo=UTC)
    )
    draft = factories.topic_edition(
        edition.topic, title="Words of a draft", age_bands=[band], state=EditionState.DRAFT, publish_at=None
    )
    warm()
    assert "Live words" in client.get("/topics/").content.decode()
    ahead = admin_client.get("/admin/as-of/2098-02-01T1200/topics/").content.decode()
    assert ("Words to come" in ahead, "Live words" in ahead) == (True, False)
    request = RequestFactory().get("/")
    request.user = admin_user
    preview = show_edition(request, draft, Mark("Preview", "Not live.")).content.decode()
    assert "Words of a draft" in preview
    with viewing(edition=draft):
        assert [row.title for row in shelf.topics()] == ["Words of a draft"]
    assert [row.title for row in shelf.topics()] == ["Live words"]
    assert "Live words" in client.get("/topics/").content.decode()
    assert "Live words" in client.get("/topics/the-topic/").content.decode()
