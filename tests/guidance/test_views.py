"""What a visitor finds on the pages of the guidance."""

import re
from datetime import UTC, date, datetime

import pytest
import time_machine
from django.utils.html import strip_tags

from guidance.models import AppFeature, AppRating, AppRisk, Section, SettingStep
from tests import factories

pytestmark = pytest.mark.django_db


def page(client, address: str, status: int = 200) -> str:
    response = client.get(address)
    assert response.status_code == status
    return response.content.decode()


def main_part(text: str) -> str:
    return re.search(r"<main .*?</main>", text, re.DOTALL)[0]


def words(text: str) -> str:
    return " ".join(strip_tags(text).split())


def parts(text: str) -> str:
    """The words, with a space where one element ends and the next begins."""
    return words(text.replace("<", " <"))


def headings(text: str) -> list[str]:
    """Of the page's own parts, without the question that comes after them."""
    own = main_part(text).partition('<div class="wrap say">')[0]
    return [words(heading) for heading in re.findall(r"<h2[^>]*>(.*?)</h2>", own, re.DOTALL)]


# --- A topic --------------------------------------------------------------------------------------------


@pytest.fixture
def topic():
    pre_school, pre_teen, teen = factories.age_bands()
    edition = factories.topic_edition(age_bands=[pre_school, pre_teen, teen])
    for position, (band, heading) in enumerate(
        [(None, "For everyone"), (pre_teen, "For the middle"), (teen, "For teens")], 1
    ):
        Section.objects.create(
            edition=edition, position=position, age_band=band, heading=heading, body=f"<p>{heading}</p>"
        )
    return edition


def test_topic_without_a_choice_reads_from_everyone_to_the_oldest(client, topic):
    assert headings(page(client, topic.get_absolute_url())) == ["For everyone", "For the middle", "For teens"]


def test_topic_has_the_part_for_the_age_chosen_first(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=teen")
    assert headings(text) == ["For teens", "For everyone", "For the middle"]
    assert re.findall(r'<a href="\?age=([\w-]+)" aria-current="true">', text) == ["teen"]


def test_topic_with_no_part_for_the_age_chosen_leaves_nothing_out(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=pre-school")
    assert headings(text) == ["For everyone", "For the middle", "For teens"]


@pytest.mark.parametrize("age", ["", "adult", "TEEN", "13", "teen%00", "teen%20", "%3Cscript%3E"])
def test_unknown_age_counts_as_no_choice(client, topic, age):
    plain = page(client, topic.get_absolute_url())
    assert page(client, f"{topic.get_absolute_url()}?age={age}") == plain


def test_topic_lists_its_sections_in_the_order_of_the_page(client, topic):
    text = page(client, f"{topic.get_absolute_url()}?age=teen")
    contents = re.search(r'<details class="contents">.*?</details>', text, re.DOTALL)[0]
    assert re.findall(r">([^<]+)</a>", contents) == ["For teens", "For everyone", "For the middle", "Get help now"]


def test_topic_shows_only_related_pages_that_are_live(client, topic):
    live, draft = factories.topic_edition(title="Live one"), factories.topic_edition(title="Draft", state="draft")
    app, gone = factories.app_edition(name="Live app"), factories.app_edition(name="Gone app")
    factories.withdrawal(gone)
    topic.related_topics.set([live.topic, draft.topic])
    topic.related_apps.set([app.profile, gone.profile])
    text = main_part(page(client, topic.get_absolute_url()))
    assert re.findall(r'<a href="(/(?:topics|apps)/[^"]+)"', text) == [
        app.get_absolute_url(),
        live.get_absolute_url(),
    ]


def test_fact_says_who_counted_and_when(client):
    edition = factories.topic_edition()
    factories.topic_parts(edition, 1, words="Counted")
    text = main_part(page(client, edition.get_absolute_url()))
    figure = re.search(r'<figure class="fact">.*?</figure>', text, re.DOTALL)[0]
    assert words(figure) == "Did you know? Counted Source: Counted, 2025"


def test_law_panel_names_its_source(client):
    edition = factories.topic_edition()
    Section.objects.create(edition=edition, kind="law", heading="The law", body="<p>x</p>", source="An Act of 1978")
    assert "Source: An Act of 1978" in words(page(client, edition.get_absolute_url()))


def test_nothing_plays_on_a_topic_page(client):
    edition = factories.topic_edition()
    factories.topic_parts(edition, 1)
    text = page(client, edition.get_absolute_url())
    assert re.findall(r"<(iframe|video|audio|embed|object)", text) == []


# --- Lists ----------------------------------------------------------------------------------------------

LISTS = ["/", "/topics/", "/apps/", "/parental-controls/", "/talk/", "/for/parents/", "/for/young-people/",
         "/for/professionals/"]  # fmt: skip


@pytest.mark.parametrize("address", [*LISTS, "/topics/?age=teen", "/apps/?age=teen", "/talk/?age=teen"])
def test_list_of_an_empty_site_says_so_and_shows_help(client, address):
    text = page(client, address)
    assert 'class="empty"' in main_part(text)
    assert 'href="tel:999"' in text


@pytest.mark.parametrize("address", ["/topics/?age=pre-school", "/apps/?age=pre-school", "/talk/?age=pre-school"])
def test_list_with_nothing_for_the_age_chosen_says_so(client, address):
    factories.age_bands()
    factories.topic_edition(age_bands=[factories.age_band("teen")])
    assert 'class="empty"' in main_part(page(client, address))


def test_age_page_without_topics_shows_all_topics(client):
    factories.age_band("teen")
    assert "See all topics" in main_part(page(client, "/age/teen/"))


def test_list_shows_what_is_for_the_age_chosen(client):
    _, pre_teen, teen = factories.age_bands()
    both = factories.topic_edition(title="Both", age_bands=[pre_teen, teen])
    factories.topic_edition(title="Younger", age_bands=[pre_teen])
    text = main_part(page(client, "/topics/?age=teen"))
    assert re.findall(r'<li class="card"><a href="([^"]+)">', text) == [f"{both.get_absolute_url()}?age=teen"]
    assert words(re.search(r"<h1>.*?</h1>", text)[0]) == "Topics for ages 13 to 17"


@pytest.mark.parametrize(
    ("audience", "titles"), [("parents", ["A", "B"]), ("young-people", ["A"]), ("nobody", ["A", "B"])]
)
def test_topics_for_an_audience(client, audience, titles):
    factories.topic_edition(title="A", audiences=("parents", "young-people"))
    factories.topic_edition(title="B", audiences=("parents",))
    text = main_part(page(client, f"/topics/?for={audience}"))
    assert re.findall(r'<li class="card"><a [^>]*>([^<]+)</a>', text) == titles


def test_links_for_one_audience_leave_out_the_others_and_the_unpublished(client):
    factories.useful_link("parents", title="For parents only")
    factories.useful_link("young-people", title="For them")
    factories.useful_link("parents", title="Not yet", is_published=False)
    text = main_part(page(client, "/for/parents/"))
    assert re.findall(r'<li class="card"><a [^>]*>([^<]+)</a>', text) == ["For parents only"]


def test_talk_for_one_age_shows_its_starters_only(client):
    _, pre_teen, teen = factories.age_bands()
    for band, said in ((pre_teen, "Younger"), (teen, "Older")):
        factories.topic_parts(factories.topic_edition(title=f"Topic {said}"), 1, [band], words=said)
    assert re.findall(r'<p class="words">([^<]+)</p>', page(client, "/talk/?age=teen")) == ["Older?"]
    assert re.findall(r'<p class="words">([^<]+)</p>', page(client, "/talk/")) == ["Younger?", "Older?"]


# --- Apps -----------------------------------------------------------------------------------------------

CLOSED = {"status": "closed", "status_since": "October 2021", "status_note": "Its makers ended it."}


def test_closed_app_says_since_when_and_what_to_look_out_for(client):
    edition = factories.app_edition(name="Houseparty", description="<p>Beware of copies.</p>", **CLOSED)
    factories.app_parts(edition, 1)
    text = page(client, edition.get_absolute_url())
    assert "<title>Houseparty (closed): what became of it - Hearthside</title>" in text
    assert "It has been closed since October 2021. Its makers ended it." in words(main_part(text))
    assert headings(text)[0] == "Houseparty is closed"
    assert "What to look out for now" in headings(text)


def test_closed_app_offers_nothing_to_do_with_it(client):
    edition = factories.app_edition(family_tool_name="Family tool", family_tool_does="It links accounts.", **CLOSED)
    factories.app_parts(edition, 1)
    text = main_part(page(client, edition.get_absolute_url()))
    assert "Minimum age" not in text
    assert set(headings(text)) & {"Family tool", "How private it is at the start", "Words to begin with"} == set()


def test_closed_app_is_listed_apart_and_not_on_the_home_or_age_page(client):
    teen = factories.age_band("teen")
    factories.app_edition(name="Houseparty", age_bands=[teen], **CLOSED)
    factories.app_edition(name="YouTube", age_bands=[teen])
    assert main_part(page(client, "/apps/")).count("is-closed") == 1
    assert headings(page(client, "/apps/")) == ["Closed, or no longer sure"]
    for address in ("/", "/age/teen/", "/talk/"):
        assert "Houseparty" not in page(client, address)


def test_unconfirmed_app_says_so(client):
    edition = factories.app_edition(name="Zipit", status="unconfirmed", status_note="Last seen in 2017.")
    text = page(client, edition.get_absolute_url())
    assert headings(text)[0] == "We could not confirm that Zipit still works"
    assert "Last seen in 2017." in words(text)


def test_what_is_not_known_of_an_app_is_said(client):
    edition = factories.app_edition(minimum_age=None)
    AppRating.objects.create(edition=edition, scheme="apple", rating="")
    said = parts(main_part(page(client, edition.get_absolute_url())))
    assert "Minimum age not confirmed Why" in said
    assert re.findall(r"(Its own terms|Apple App Store|Google Play|PEGI) We could not confirm it", said) == [
        "Its own terms", "Apple App Store", "Google Play", "PEGI",
    ]  # fmt: skip
    assert said.count(": we could not confirm") == len(AppFeature.Feature)
    assert "It has no family tool that we know of." in said


def test_first_screen_of_an_app_has_its_age_three_worries_and_three_settings(client):
    edition = factories.app_edition(minimum_age=13, minimum_age_as_of="2026")
    for position in range(1, 6):
        AppRisk.objects.create(edition=edition, position=position, words=f"Worry {position}")
        SettingStep.objects.create(edition=edition, position=position, setting=f"Setting {position}", as_of="May 2026")
    text = main_part(page(client, edition.get_absolute_url()))
    first = re.search(r'<div class="first-screen">.*?</div>', text, re.DOTALL)[0]
    assert parts(first) == (
        "Minimum age 13 All ratings What to worry about Worry 1 Worry 2 Worry 3 "
        "Change these three first Setting 1 Setting 2 Setting 3"
    )
    assert re.findall(r'href="#(setting-\d)"', first) == re.findall(r'<li id="(setting-\d)">', text)[:3]
    assert words(text).count("as of May 2026") == 5
    assert re.search(r"Worry about these too</h2>\s*<ul class=.risk-list.><li>Worry 4</li><li>Worry 5</li></ul>", text)


def test_app_page_tells_four_ages_apart_each_with_its_date(client):
    edition = factories.app_edition(minimum_age=13, minimum_age_as_of="2026", minimum_age_note="Says its terms.")
    AppRating.objects.create(edition=edition, scheme="apple", rating="12+", as_of="before July 2025")
    AppRating.objects.create(edition=edition, scheme="google-play", rating="Teen")
    AppRating.objects.create(edition=edition, scheme="pegi", note="PEGI rates games.")
    ratings = page(client, edition.get_absolute_url()).split('id="ratings"')[1].split("</section>")[0]
    assert [words(row) for row in re.findall(r"<dd>(.*?)</dd>", ratings, re.DOTALL)] == [
        "13 or over (as of 2026)Says its terms.",
        "12+ (before July 2025)",
        "Teen (we could not confirm the date)",
        "PEGI rates games.",
    ]


def test_app_page_states_each_feature_in_a_sentence(client):
    edition = factories.app_edition()
    AppFeature.objects.create(edition=edition, feature="messages-from-strangers", value="varies")
    assert "Strangers can message: depends on age or settings" in words(page(client, edition.get_absolute_url()))


def test_app_page_leads_to_a_comparison_with_itself(client):
    edition = factories.app_edition(factories.app_profile("tiktok"))
    assert 'href="/apps/compare/?app=tiktok"' in page(client, edition.get_absolute_url())


# --- When it was checked --------------------------------------------------------------------------------


def review_note(client, address: str) -> str:
    return words(re.search(r'<section class="review.*?</section>', page(client, address), re.DOTALL)[0])


KINDS = [factories.topic_edition, factories.app_edition, factories.control_edition]


@pytest.mark.parametrize("make", KINDS)
def test_page_past_its_review_date_carries_a_mark(client, make):
    checked = {"checked_on": date(2026, 11, 22), "checked_by": "the editors", "review_by": date(2027, 2, 22)}
    address = make(**checked).get_absolute_url()
    with time_machine.travel(datetime(2027, 2, 22, 23, 59, tzinfo=UTC), tick=False):
        assert review_note(client, address) == (
            "Checked on 22 November 2026 by the editors. We will check it again by 22 February 2027."
        )
    with time_machine.travel(datetime(2027, 2, 23, tzinfo=UTC), tick=False):
        assert review_note(client, address) == (
            "Check overdue We last checked this page on 22 November 2026 and should have checked it again by "
            "22 February 2027. Some details may have changed."
        )


@pytest.mark.parametrize("make", KINDS)
def test_page_that_nobody_checked_says_so(client, make):
    edition = make(checked_on=None, checked_by="", review_by=None)
    assert review_note(client, edition.get_absolute_url()).startswith("Not checked yet ")


@pytest.mark.parametrize("address", ["/", "/topics/", "/age/teen/", "/talk/"])
def test_list_carries_the_mark_of_its_oldest_row(client, address):
    teen = factories.age_band("teen")
    old = {"checked_on": date(2026, 1, 1), "checked_by": "the editors", "review_by": date(2026, 6, 1)}
    factories.topic_edition(age_bands=[teen], **old)
    factories.topic_edition(age_bands=[teen])
    with time_machine.travel(datetime(2026, 12, 1, tzinfo=UTC)):
        assert review_note(client, address).startswith("Check overdue We last checked this page on 1 January 2026")


# --- Scheduled, withdrawn, missing ----------------------------------------------------------------------


@pytest.mark.parametrize("make", KINDS)
def test_page_appears_and_changes_on_time(client, make):
    word = {factories.topic_edition: "title", factories.app_edition: "name"}.get(make, "provider")
    first = make(publish_at=datetime(2026, 12, 1, 9, tzinfo=UTC), **{word: "The first"})
    make(first.thing, publish_at=datetime(2026, 12, 2, 9, tzinfo=UTC), **{word: "The second"})
    address = first.get_absolute_url()
    for moment, seen in (
        (datetime(2026, 12, 1, 8, 59, 59, tzinfo=UTC), None),
        (datetime(2026, 12, 1, 9, tzinfo=UTC), "The first"),
        (datetime(2026, 12, 2, 8, 59, 59, tzinfo=UTC), "The first"),
        (datetime(2026, 12, 2, 9, tzinfo=UTC), "The second"),
    ):
        with time_machine.travel(moment, tick=False):
            text = page(client, address, 200 if seen else 404)
        assert re.findall(r"<h1>(The \w+)", text) == ([seen] if seen else [])


@pytest.mark.parametrize("make", KINDS)
def test_withdrawn_page_is_410_with_the_reason_and_the_way_on(client, make):
    edition = make()
    factories.withdrawal(edition, reason="The app has closed.", withdrawal_instead="/apps/")
    text = main_part(page(client, edition.get_absolute_url(), 410))
    assert words(text) == "This page has been taken down The app has closed. See this page instead"
    assert 'href="/apps/"' in text


def test_withdrawn_page_without_another_leads_home(client):
    edition = factories.topic_edition()
    factories.withdrawal(edition, reason="<b>It was wrong.</b>")
    text = main_part(page(client, edition.get_absolute_url(), 410))
    assert "&lt;b&gt;It was wrong." in text
    assert 'href="/">Go to the home page' in text


def test_withdrawn_page_is_in_no_list(client):
    teen = factories.age_band("teen")
    edition = factories.topic_edition(title="Withdrawn", age_bands=[teen], area="risk")
    factories.withdrawal(edition, title="Withdrawn")
    for address in (*LISTS, "/age/teen/", "/sitemap.xml"):
        assert edition.topic.slug not in page(client, address)


@pytest.mark.parametrize(
    "address", ["/topics/x/", "/apps/x/", "/parental-controls/x/", "/age/teen/", "/for/x/", "/topics/x", "/topics/X Y/"]
)
def test_what_is_not_there_is_404(client, address):
    assert client.get(address, follow=True).status_code == 404


# --- To look something up -------------------------------------------------------------------------------


def test_law_note_says_its_status_its_day_and_its_source(client):
    factories.law_note("planned", slug="law-one", source="The Act, section 1", link="https://law.example/1")
    text = words(main_part(page(client, "/law/")))
    assert "Planned, not law" in text
    assert "Source: The Act, section 1. This was last true on 1 November 2026, as far as we could confirm." in text
    assert '<article class="entry" id="law-one"' in page(client, "/law/")
    assert '<a href="https://law.example/1" rel="noreferrer">' in page(client, "/law/")


def test_law_groups_stand_in_the_order_of_how_sure_they_are(client):
    for status in ("guidance", "planned", "passed", "in-force"):
        factories.law_note(status)
    assert headings(page(client, "/law/")) == [
        "In force", "Passed; we could not confirm that it has started", "Planned, not law", "Official guidance",
    ]  # fmt: skip


def test_law_is_not_told_among_other_notes_nor_other_notes_as_law(client):
    factories.shared_note(title="GOODTOKNOW")
    factories.law_note(title="LAWONLY")
    factories.topic_edition(factories.topic("the-topic"))
    factories.app_edition(factories.app_profile("the-app"))
    assert "GOODTOKNOW" not in page(client, "/law/")
    others = ("/", "/topics/", "/topics/the-topic/", "/apps/the-app/", "/figures/", "/old-names/", "/for/parents/")
    assert [address for address in others if "LAWONLY" in page(client, address)] == []


def test_law_note_leads_to_live_topics_only(client):
    live = factories.topic_edition(title="Open page")
    draft = factories.topic_edition(title="Hidden page", state="draft", publish_at=None)
    factories.law_note().topics.set([draft.topic, live.topic])
    text = main_part(page(client, "/law/"))
    assert re.findall(r"It matters for: (.*?)</p>", text) == [f'<a href="{live.get_absolute_url()}">Open page</a>']


def test_law_note_of_no_topic_promises_none(client):
    factories.law_note()
    assert "It matters for" not in page(client, "/law/")


@pytest.mark.parametrize("address", ["/law/", "/figures/", "/old-names/"])
def test_page_to_look_up_without_rows_says_so_and_has_help(client, address):
    text = page(client, address)
    assert "are being checked. The help below is open now." in text
    assert 'id="help"' in text


def test_figures_show_source_year_and_page(client):
    edition = factories.topic_edition(title="Gaming")
    edition.facts.create(position=1, claim="Nine in ten play.", source="Ofcom", year="2025", link="https://o.example/")
    edition.facts.create(position=2, claim="A campaign reports twice.", source="A campaign")
    text = words(main_part(page(client, "/figures/")))
    assert "Nine in ten play. Source: Ofcom, 2025." in text
    assert "A campaign reports twice. Source: A campaign, undated. Say so if you quote it." in text
    assert "You may quote these with their source" in text


def test_figures_of_a_topic_that_is_not_live_are_not_told(client):
    draft = factories.topic_edition(state="draft", publish_at=None)
    draft.facts.create(position=1, claim="DRAFTFIGURE", source="Ofcom", year="2025")
    assert "DRAFTFIGURE" not in page(client, "/figures/")


def test_old_name_says_what_it_was_and_what_to_use_now(client):
    factories.old_name(
        slug="net-aware", name="Net Aware", became="closed", what="A guide.", now="It closed.",
        instead_label="The hub", instead_url="https://hub.example/x",
    )  # fmt: skip
    text = main_part(page(client, "/old-names/"))
    assert '<section class="entry" id="net-aware"' in text
    assert "Net Aware Closed A guide. It closed. Use now: The hub, on hub.example Source: GOV.UK" in words(text)
    assert '<a href="https://hub.example/x" rel="noreferrer">The hub</a>' in text


def test_old_name_may_lead_to_a_page_of_ours_or_to_none(client):
    factories.old_name(instead_label="Our page", instead_url="/topics/")
    factories.old_name(instead_label="Only words")
    text = main_part(page(client, "/old-names/"))
    assert '<strong>Use now:</strong> <a href="/topics/">Our page</a></p>' in text
    assert "<strong>Use now:</strong> Only words</p>" in text


def test_old_names_stand_by_name_whatever_their_case(client):
    for name in ("zipit", "ACPO", "Pace", "fearless.org"):
        factories.old_name(name=name)
    assert headings(page(client, "/old-names/")) == ["Choose a name", "ACPO", "fearless.org", "Pace", "zipit"]


def test_topic_shows_its_old_names_with_a_link_to_their_words(client):
    edition, other = factories.topic_edition(), factories.topic_edition()
    factories.old_name(slug="zipit", name="Zipit", became="unconfirmed").topics.add(edition.topic)
    text = page(client, edition.get_absolute_url())
    assert headings(text) == ["You may have heard of"]
    assert '<a href="/old-names/#zipit">Zipit</a>' in text
    assert "We could not confirm where it is now" in text
    assert headings(page(client, other.get_absolute_url())) == []


def test_professionals_find_the_pages_to_look_something_up(client):
    links = [f'href="{address}"' for address in ("/law/", "/figures/", "/old-names/")]
    assert [link for link in links if link not in main_part(page(client, "/for/professionals/"))] == []
    assert [link for link in links if link not in main_part(page(client, "/topics/"))] == []


@pytest.mark.django_db
def test_note_and_old_name_that_are_not_published_are_on_no_page(client):
    edition = factories.topic_edition()
    factories.law_note(title="HIDDENLAW", is_published=False)
    factories.old_name(name="HIDDENNAME", is_published=False).topics.set([edition.topic])
    app = factories.app_edition()
    app.shared_notes.add(factories.law_note(kind="note", law_status="", title="HIDDENLAW", is_published=False))
    pages = ("/law/", "/old-names/", edition.get_absolute_url(), app.get_absolute_url())
    assert [page for page in pages if "HIDDEN" in client.get(page).content.decode()] == []
