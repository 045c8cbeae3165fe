"""Every answer that the site gives to a visitor, fetched once, for the tests of all pages.

The addresses come from the sitemap, from the links on the pages themselves, and from a short list of those
that neither names. Among the rows are some of every kind that a reader must not see, with a marker word each.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cached_property
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client

from guidance.models import (
    AppProfile,
    AppProfileEdition,
    ControlGuide,
    ControlGuideEdition,
    OldName,
    SharedNote,
    Topic,
    TopicEdition,
    UsefulLink,
)
from reporting.shipped import load_authorities
from safety_site import banners, unchanged
from safety_site.editions import EditionState
from safety_site.kept import keep_missing
from safety_site.management.commands.load_content import load_missing
from safety_site.models import EmergencyBanner
from safety_site.search_sources import reindex
from tests import factories

SITE = "http://testserver"
NOT_IN_THE_SITEMAP = (
    "/feedback/",
    "/search/",
    "/search/?q=nudes",
    "/search/?q=location&kind=app",
    "/search/?q=my+daughter+sent+a+photo",
    "/search/?q=i+want+to+die",
    "/search/?q=snpachat",
    "/search/?q=zqxwvk",
    "/leaving-no-trace/tried/",
    "/topics/?for=young-people",
    "/topics/?age=nobody&for=nobody",
    "/topics/?age=pre-school&for=professionals&area=controls",
    "/apps/?age=teen&minimum=13&without=livestream&without=location-sharing&depends=include",
    "/apps/?kind=safety-tool&status=closed",
    "/apps/compare/?app=tiktok&app=roblox",
    "/apps/compare/?app=tiktok&app=omegle&app=snapchat&app=zipit&app=nobody&app=roblox",
    "/finder/?age=pre-teen&about=worry-grooming&where=app-roblox",
    "/finder/?age=pre-school&about=topic-sending-nudes&where=controls-bt",
    "/plan/?age=nobody",
    "/plan/?age=pre-school&age=teen&app=tiktok&app=roblox&device=xbox&device=bt&worry=grooming&council=essex",
    "/topics/sending-nudes/handout/?council=essex",
)
NO_PAGES = (
    "/robots.txt",
    "/sitemap.xml",
    "/.well-known/security.txt",
    "/health/live",
    "/health/ready",
    "/exit/",
    "/topics",
)
MOMENT = datetime(2026, 12, 1, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Page:
    """One answer: what was asked for, or which error it is, and what came."""

    address: str
    response: HttpResponse

    @property
    def status(self) -> int:
        return self.response.status_code

    @cached_property
    def text(self) -> str:
        return self.response.content.decode()

    @cached_property
    def _parsed(self) -> tuple[Element, list]:
        parser = html5lib.HTMLParser(namespaceHTMLElements=False)
        tree = parser.parse(self.text)
        return tree, parser.errors

    @property
    def tree(self) -> Element:
        return self._parsed[0]

    @property
    def parse_errors(self) -> list:
        """What html5lib's strict mode would raise, all of it instead of the first."""
        return self._parsed[1]

    def all(self, *tags: str) -> list[Element]:
        return [element for element in self.tree.iter() if element.tag in tags]

    def with_class(self, name: str) -> list[Element]:
        return [element for element in self.tree.iter() if name in element.get("class", "").split()]

    @cached_property
    def ids(self) -> list[str]:
        return [element.get("id") for element in self.tree.iter() if element.get("id") is not None]

    @cached_property
    def links(self) -> list[str]:
        """Every address that the page links to, made absolute."""
        start = SITE + (self.address if self.address.startswith("/") else "/")
        pages = [link for link in self.all("a") if link.get("type") is None]  # a link with a type leads to a file
        return [urljoin(start, link.get("href")) for link in pages if link.get("href") is not None]

    @property
    def internal_links(self) -> list[str]:
        return [link for link in self.links if link.startswith(f"{SITE}/")]


@dataclass(frozen=True)
class Swept:
    """All that came."""

    sitemap: list[str]
    pages: dict[str, Page]  # by address
    errors: dict[str, Page]  # by status
    others: dict[str, Page]  # what is no page: robots.txt, health, the exit, a redirect
    hidden: list[str]  # words that stand only in what readers must not see

    @property
    def all_pages(self) -> list[Page]:
        return [*self.pages.values(), *self.errors.values()]

    @property
    def all_answers(self) -> list[Page]:
        return [*self.all_pages, *self.others.values()]


def words_of(element: Element) -> str:
    return " ".join("".join(element.itertext()).split())


def without_fragment(link: str) -> str:
    parts = urlsplit(link)
    return parts.path + (f"?{parts.query}" if parts.query else "")


def crawl(client: Client, addresses: list[str]) -> dict[str, Page]:
    """The pages at these addresses and at every address of ours that they lead to."""
    pages: dict[str, Page] = {}
    waiting = list(addresses)
    while waiting:
        address = waiting.pop(0)
        if address in pages:
            continue
        pages[address] = Page(address, client.get(address))
        if pages[address].status == 200:
            waiting += map(without_fragment, pages[address].internal_links)
    return pages


def fetch_everything() -> Swept:
    """Load what ships with the site, add what must stay hidden, and ask for everything."""
    load_authorities()
    load_missing()
    hidden = hide_things()
    reindex()
    client = Client()
    sitemap = sitemap_addresses(client)
    show_banners()
    # As in a serving process, which reads what pages share once.
    keep_missing()
    unchanged.kept.known = "the content of the sweep"
    try:
        pages = crawl(client, [*sitemap, *NOT_IN_THE_SITEMAP])
    finally:
        unchanged.kept.known = None
    swept = Swept(
        sitemap,
        pages,
        error_pages(),
        {address: Page(address, client.get(address)) for address in NO_PAGES},
        hidden,
    )
    banners.kept.keep(())
    return swept


def show_banners() -> None:
    """Two banners that every page carries, and three of the kinds that none does."""
    people = {"author": factories.editor(), "approved_by": factories.editor(), "starts_at": factories.PUBLISHED_AT}
    link = {"link": "/contacts/national/", "link_words": "National helplines"}
    EmergencyBanner.objects.create(**people, **link, level="danger", words="Keep your children in the house.")
    EmergencyBanner.objects.create(**people, level="news", words="The office moves on Monday.")
    hours = timedelta(hours=1)
    for fields in (
        {"approved_by": None},
        {"ends_at": factories.PUBLISHED_AT + hours},
        {"starts_at": MOMENT + timedelta(days=36_500)},
    ):
        EmergencyBanner.objects.create(**{**people, **fields}, level="danger", words="BANNERBITTERN")
    banners.kept.forget()


def sitemap_addresses(client: Client) -> list[str]:
    tree = html5lib.parse(client.get("/sitemap.xml").content.decode(), namespaceHTMLElements=False)
    return [urlsplit(element.text).path for element in tree.iter() if element.tag == "loc"]


def error_pages() -> dict[str, Page]:
    """One page for each way in which a request can go wrong, by its status."""
    client = Client(raise_request_exception=False)
    withdrawn = factories.withdrawal(factories.topic_edition(), reason="It was about an app that is gone.")
    answers = {
        "400": client.get("/", headers={"host": "elsewhere.example"}),
        "403": Client(enforce_csrf_checks=True).post("/admin/login/", {"username": "a", "password": "b"}),
        "404": client.get("/no/such/page/"),
        "405": client.post("/about/"),
        "410": client.get(withdrawn.get_absolute_url()),
        "414": client.get("/", {"q": "x" * 4_000}),
        "429": lock_out(client),
        "500": answer_without_database(client, "/topics/"),
    }
    return {status: Page(status, response) for status, response in answers.items()}


def lock_out(client: Client) -> HttpResponse:
    """The answer to the last of too many wrong passwords."""
    for _ in range(5):
        response = client.post("/admin/login/", {"username": "somebody", "password": "wrong"})
    return response


def answer_without_database(client: Client, address: str) -> HttpResponse:
    """What a visitor gets while the database refuses every query."""

    def refuse(*args):
        raise OperationalError("the database has gone away")

    with connection.execute_wrapper(refuse):
        return client.get(address)


def hide_things() -> list[str]:
    """Rows of every kind that readers must not see. Returns the marker words in them, one for each kind of row."""
    tomorrow = MOMENT + timedelta(days=1)
    yesterday = MOMENT - timedelta(days=2_000)
    ways = {
        "DRAFTGOOSE": {"state": EditionState.DRAFT, "publish_at": None},
        "REVIEWHERON": {"state": EditionState.IN_REVIEW, "publish_at": MOMENT},
        "FUTUREOWL": {"publish_at": tomorrow},
        "PASTDODO": {"publish_at": yesterday},
        "OTHERLANGUAGEWREN": {"language": "cy"},
    }
    bands = factories.age_bands()
    for word, fields in ways.items():
        for edition in (
            factories.topic_edition(
                Topic.objects.get(slug="sending-nudes"), title=word, summary=word, age_bands=bands, **fields
            ),
            factories.app_edition(
                AppProfile.objects.get(slug="tiktok"), name=word, summary=word, description=word, **fields
            ),
            factories.control_edition(
                ControlGuide.objects.get(slug="bt"), provider=word, summary=word, limits=word, **fields
            ),
        ):
            add_parts(edition, word)
    only_drafts = [
        factories.topic_edition(factories.topic("unborn-topic"), title="UNBORNLARK", state=EditionState.DRAFT),
        factories.app_edition(factories.app_profile("unborn-app"), name="UNBORNLARK", state=EditionState.DRAFT),
        factories.control_edition(
            factories.control_guide("unborn-control"), provider="UNBORNLARK", state=EditionState.DRAFT
        ),
    ]
    for edition in only_drafts:
        add_parts(edition, "UNBORNLARK")
    gone = factories.topic_edition(factories.topic("gone-topic"), title="WITHDRAWNSWAN", age_bands=bands)
    add_parts(gone, "WITHDRAWNSWAN")
    factories.withdrawal(gone, title="TOMBSTONECROW", summary="TOMBSTONECROW", age_bands=bands)
    live = TopicEdition.objects.live().get(topic__slug="sending-nudes")
    live.related_topics.add(gone.topic, only_drafts[0].topic)
    live.related_apps.add(only_drafts[1].profile)
    for audience in ("parents", "young-people", "professionals"):
        factories.useful_link(audience, title="UNPUBLISHEDTIT", is_published=False)
    for model in (TopicEdition, AppProfileEdition, ControlGuideEdition):
        model.objects.live().update(editor_note="NOTERAVEN", change_note="NOTERAVEN")
    for model in (UsefulLink, SharedNote, OldName):
        model.objects.update(editor_note="NOTERAVEN")
    SharedNote.objects.create(
        slug="unused", title="UNUSEDKITE", body="UNUSEDKITE", as_of=MOMENT.date(), source="UNUSEDKITE"
    )
    for state, word in {"waiting": "WAITINGWAGTAIL", "not-published": "REFUSEDROOK", "spam": "SPAMSTARLING"}.items():
        said = {"comment": word, "public_words": word, "reply": word, "state": state}
        factories.feedback("/topics/sending-nudes/", **said)
    factories.feedback("/topics/sending-nudes/", comment="ORIGINALORIOLE", public_words="This helped us to talk.")
    from_readers = ("WAITINGWAGTAIL", "REFUSEDROOK", "SPAMSTARLING", "ORIGINALORIOLE")
    more = (
        "unborn-",
        "UNBORNLARK",
        "WITHDRAWNSWAN",
        "TOMBSTONECROW",
        "UNPUBLISHEDTIT",
        "NOTERAVEN",
        "UNUSEDKITE",
        "BANNERBITTERN",
    )
    return [*ways, *more, *from_readers]


def add_parts(edition, word: str) -> None:
    bands = factories.age_bands()
    if isinstance(edition, TopicEdition):
        factories.topic_parts(edition, 1, bands, words=word)
    elif isinstance(edition, AppProfileEdition):
        factories.app_parts(edition, 1, words=word)
    else:
        factories.control_parts(edition, 1, words=word)
