"""Rows shaped for a page."""

import pytest

from guidance import presenters, shelf
from guidance.models import AppFeature, AppStarter, ConversationStarter, Section
from tests import factories

pytestmark = pytest.mark.django_db


# --- Groups ---------------------------------------------------------------------------------------------


def shape(groups: list[presenters.Group]) -> list[tuple[str, str, list]]:
    return [(group.key, group.heading, group.rows) for group in groups]


def test_topics_are_grouped_in_the_order_of_the_topic_map_without_empty_areas():
    wrong, risk, wrong_too = (factories.topic_edition(area=area) for area in ("wrong", "risk", "wrong"))
    assert shape(presenters.topics_by_area([wrong, risk, wrong_too])) == [
        ("wrong", "When things go wrong", [wrong, wrong_too]),
        ("risk", "Understanding the risk", [risk]),
    ]


def test_controls_are_grouped_from_the_house_outwards():
    search, broadband = (factories.control_edition(family=family) for family in ("search", "broadband"))
    assert shape(presenters.controls_by_family([search, broadband])) == [
        ("broadband", "Home broadband", [broadband]),
        ("search", "Search", [search]),
    ]


def test_links_are_grouped_with_help_first():
    guidance, talk = (factories.useful_link(group=group) for group in ("guidance", "talk"))
    assert shape(presenters.links_by_group([guidance, talk])) == [
        ("talk", "Talk to someone", [talk]),
        ("guidance", "Guidance and procedures", [guidance]),
    ]


def test_features_are_grouped_worst_first_and_in_the_order_parents_ask():
    edition = factories.app_edition()

    def feature(name, value):
        return AppFeature.objects.create(edition=edition, feature=name, value=value)

    no = feature("loot-boxes", "no")
    purchases = feature("in-app-purchases", "yes")
    strangers = feature("messages-from-strangers", "yes")
    varies = feature("location-sharing", "varies")
    assert shape(presenters.features_by_value([no, purchases, strangers, varies])) == [
        ("yes", "Yes", [strangers, purchases]),
        ("varies", "Depends on age or settings", [varies]),
        ("no", "No", [no]),
    ]


def test_groups_of_nothing_are_none():
    assert presenters.topics_by_area([]) == []


def test_apps_are_open_ones_then_the_others_each_by_name():
    closed = {"status": "closed", "status_since": "May 2020"}
    omegle = factories.app_edition(name="omegle", **closed)
    zipit = factories.app_edition(name="Zipit", status="unconfirmed")
    houseparty = factories.app_edition(name="Houseparty", **closed)
    youtube, discord = factories.app_edition(name="YouTube"), factories.app_edition(name="discord")
    assert presenters.apps_in_lists([omegle, youtube, zipit, houseparty, discord]) == (
        [discord, youtube],
        [houseparty, omegle, zipit],
    )


# --- Words to begin a talk ------------------------------------------------------------------------------


def cards(by_age) -> list[tuple[str, list[tuple[str, list[str]]]]]:
    return [(band.slug, [(g.heading, [card.words for card in g.rows]) for g in groups]) for band, groups in by_age]


def test_talk_has_each_starter_under_its_ages_and_subject():
    _pre_school, pre_teen, teen = bands = factories.age_bands()
    topic = factories.topic_edition(title="Gaming", age_bands=[pre_teen, teen])
    for position, (words, ages) in enumerate([("Both?", [pre_teen, teen]), ("Older?", [teen])], 1):
        starter = ConversationStarter.objects.create(edition=topic, position=position, words=words, tip="In the car.")
        starter.age_bands.set(ages)
    app = factories.app_edition(name="TikTok", age_bands=[teen])
    AppStarter.objects.create(edition=app, words="What did it show you?")
    by_age = presenters.talk_by_age(bands, [topic], [app])
    assert cards(by_age) == [
        ("pre-school", []),
        ("pre-teen", [("Gaming", ["Both?"])]),
        ("teen", [("Gaming", ["Both?", "Older?"]), ("TikTok", ["What did it show you?"])]),
    ]
    first = by_age[2][1][0].rows[0]
    assert (first.tip, first.subject, first.url) == ("In the car.", "Gaming", topic.get_absolute_url())


def test_talk_for_one_age_leaves_the_others_out():
    _pre_school, pre_teen, teen = factories.age_bands()
    topic = factories.topic_edition(title="Gaming")
    factories.topic_parts(topic, 1, [pre_teen, teen], words="Say this")
    assert cards(presenters.talk_by_age([teen], [topic], [])) == [("teen", [("Gaming", ["Say this?"])])]


def test_first_steps_are_the_first_section_of_steps():
    edition = factories.topic_edition()
    assert presenters.first_steps(edition.sections.all()) is None
    sections = [
        Section.objects.create(edition=edition, position=position, kind=kind, heading=kind, body="<p>Words.</p>")
        for position, kind in enumerate(("text", "steps", "steps"), start=1)
    ]
    assert presenters.first_steps(sections) == sections[1]


# --- Law, and what most pages name ----------------------------------------------------------------------


def test_law_in_force_comes_first_and_guidance_last():
    notes = [factories.law_note(status) for status in ("guidance", "planned", "in-force", "passed", "planned")]
    groups = presenters.law_by_status(notes)
    assert [(group.key, len(group.rows)) for group in groups] == [
        ("in-force", 1), ("passed", 1), ("planned", 2), ("guidance", 1),
    ]  # fmt: skip


@pytest.mark.django_db
def test_most_told_of_apps_are_those_that_most_topics_name():
    apps = [factories.app_edition(name=name) for name in ("Zebra", "Ant", "Cat")]
    topics = [factories.topic_edition() for _ in range(2)]
    topics[0].related_apps.set([apps[0].profile, apps[2].profile])
    topics[1].related_apps.set([apps[0].profile])
    named = [app.name for app in presenters.most_told_of(shelf.apps(), shelf.topics_of_apps(), 2)]
    assert named == ["Cat", "Zebra"]
    assert [app.name for app in presenters.most_told_of(shelf.apps(), {}, 2)] == ["Ant", "Cat"]
