"""The work list as an editor sees it, at the widths of a tablet, a desk and a zoomed window, light and dark."""

from datetime import date

import pytest
from django.conf import settings

from tests import factories
from tests.browser import eyes
from tests.safety_site.newsroom.work import person, something_on_every_list

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = ["/admin/", "/admin/work/waiting/", "/admin/work/broken-links/", "/admin/work/transcripts/"]


def test_work_list_reads_well_at_every_width(live_server, client, browser):
    user = person("administrator", first_name="Sam", last_name="Okafor")
    factories.app_edition(name="Houseparty", status="closed", status_since="2021")
    something_on_every_list(user)
    long = "A very long title of a topic that goes on and on, as some of them do, to see how it breaks over lines"
    factories.topic_edition(title=long[:100], checked_on=date(2026, 1, 1), review_by=date(2026, 6, 1))
    client.force_login(user)
    context = browser.new_context()
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context.add_cookies([{**session, "url": live_server.url}])
    page = context.new_page()
    said, faults = [], {}
    page.on("console", lambda message: said.append(message.text))
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        for width in (640, 768, 1280):
            page.set_viewport_size({"width": width, "height": 900})
            for path in PAGES:
                page.goto(f"{live_server.url}{path}")
                faults[scheme, width, path] = [*eyes.axe_faults(page), *eyes.sideways_faults(page)]
    context.close()
    assert {where: found for where, found in faults.items() if found} == {}
    assert said == []  # the security policy had nothing to block


def test_work_list_is_walked_by_keyboard(live_server, client, browser):
    user = person("administrator")
    edition = factories.topic_edition(title="Late", checked_on=date(2026, 1, 1), review_by=date(2026, 6, 1))
    client.force_login(user)
    context = browser.new_context()
    session = {"name": settings.SESSION_COOKIE_NAME, "value": client.cookies[settings.SESSION_COOKIE_NAME].value}
    context.add_cookies([{**session, "url": live_server.url}])
    page = context.new_page()
    page.goto(f"{live_server.url}/admin/")
    for name in ("1 Overdue for review", "Late"):
        page.get_by_role("link", name=name, exact=True).focus()
        with page.expect_navigation():
            page.keyboard.press("Enter")
    assert page.url == f"{live_server.url}/admin/guidance/topicedition/{edition.pk}/change/"
    context.close()
