"""What templates say in a copy of the site.

    {% full_site %}<form>…</form>{% in_copy %}<p>Choose from the list.</p>{% endfull_site %}

Inside ``rendering(Mode.WITHOUT_NOW)`` a page is made for the mirror, anywhere else for the site.
"""

from datetime import datetime

from django.conf import settings
from django.template import Node, NodeList, TemplateSyntaxError
from django.template.base import Parser, Token
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from safety_site.freshness import Mode, current_mode
from safety_site.security_policy import public_policy


def is_copy() -> bool:
    """Whether the page that is being made is one of the mirror's."""
    return current_mode() is Mode.WITHOUT_NOW


class FullSiteNode(Node):
    def __init__(self, site, copy):
        self.site, self.copy = site, copy

    def render(self, context) -> str:
        return (self.copy if is_copy() else self.site).render(context)


def full_site(parser: Parser, token: Token) -> FullSiteNode:
    """``{% full_site %}…{% in_copy %}…{% endfull_site %}``; the part for the copy may be left out."""
    if len(token.split_contents()) > 1:
        raise TemplateSyntaxError("full_site takes no arguments")
    site = parser.parse(["in_copy", "endfull_site"])
    copy = NodeList()
    if parser.next_token().contents == "in_copy":
        copy = parser.parse(["endfull_site"])
        parser.delete_first_token()
    return FullSiteNode(site, copy)


def copy_policy() -> str:
    """The security policy of a page of the mirror, as it stands in the page: nothing there sends a form.

    ``frame-ancestors`` has no effect in a page; servers.py has it for those that send headers.
    """
    policy = {**public_policy(), "form-action": ["'none'"]}
    del policy["frame-ancestors"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in policy.items())


def copy_head(request) -> SafeString:
    """What a page of the mirror needs in its head, since its server may send no headers; before any script."""
    if not is_copy():
        return SafeString("")
    head = format_html(
        '<meta http-equiv="Content-Security-Policy" content="{}">\n<meta name="referrer" content="no-referrer">\n',
        copy_policy(),
    )
    if request is None or request.resolver_match is None:  # the page for addresses that are none
        return head
    return head + format_html('<link rel="canonical" href="{}{}">\n', settings.SITE_URL, request.path)


def said_of(moment: datetime) -> str:
    """A moment as people say it, in London: ``Sunday 22 November 2026 at 10.15am``."""
    local = timezone.localtime(moment)
    hour = f"{local.hour % 12 or 12}{f'.{local.minute:02}' if local.minute else ''}{'am' if local.hour < 12 else 'pm'}"
    return f"{date_format(local, 'l j F Y')} at {hour}"
