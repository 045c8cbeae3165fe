"""Rows that a family may choose for its plan, and the pages of /plan/ as they are read; for tests."""

from guidance.models import AgreementLine, AppStarter, ControlStep, ConversationStarter, SettingStep
from tests import factories
from tests.sweep import Page, words_of


def get(client, address: str) -> Page:
    page = Page(address, client.get(address))
    assert page.status == 200
    return page


def main(page: Page) -> str:
    return words_of(page.all("main")[0])


def boxes(page: Page, name: str) -> list[str]:
    return [box.get("value") for box in page.all("input") if box.get("name") == name]


def ticked(page: Page) -> list[str]:
    return [box.get("value") for box in page.all("input") if box.get("checked") is not None]


def is_form(page: Page) -> bool:
    return bool(page.with_class("plan-form"))


def app(slug: str, bands=(), settings: int = 0, starters: int = 0, **fields):
    edition = factories.app_edition(factories.app_profile(slug), age_bands=bands, name=slug.capitalize(), **fields)
    for position in range(1, settings + 1):
        SettingStep.objects.create(
            edition=edition, position=position, setting=f"{slug} setting {position}", path="Menu > Off", as_of="2026"
        )
    for position in range(1, starters + 1):
        AppStarter.objects.create(edition=edition, position=position, words=f"{slug} words {position}?")
    return edition


def device(slug: str, steps: int = 0, **fields):
    edition = factories.control_edition(factories.control_guide(slug), provider=slug.capitalize(), **fields)
    for position in range(1, steps + 1):
        ControlStep.objects.create(edition=edition, position=position, words=f"{slug} step {position}")
    return edition


def subject(slug: str, bands, starters: int = 1, **fields):
    edition = factories.topic_edition(factories.topic(slug), age_bands=bands, title=slug.capitalize(), **fields)
    for position in range(1, starters + 1):
        row = ConversationStarter.objects.create(edition=edition, position=position, words=f"{slug} words {position}?")
        row.age_bands.set(bands)
    return edition


def line(slug: str, who: str, bands, position: int = 1, **fields) -> AgreementLine:
    values = {"words": f"I promise {slug}.", "is_published": True, **factories.CHECKED, **fields}
    row = AgreementLine.objects.create(slug=slug, who=who, position=position, **values)
    row.age_bands.set(bands)
    return row
