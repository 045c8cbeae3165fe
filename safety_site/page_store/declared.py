"""Which pages are kept, and which parts of an address make a page of their own. Declared, never guessed.

A page that is not named here passes by: search, find, feedback, files of editors, the open data (which counts how
often one address asks) and everything of the editors. So do addresses that tell something about one family: a plan,
an answer of the finder, a comparison.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.conf import settings
from django.urls import Resolver404, resolve

from guidance.models.topics import Area
from reporting.models.authorities import Nation
from reporting.models.contacts import Means
from safety_site.vocabulary import Audience


def one_of(values: Iterable[str]) -> re.Pattern:
    return re.compile("|".join(map(re.escape, values)))


# Only values that pages know make a page of their own: else anybody could fill the store with made-up ones.
AGE = one_of(("pre-school", "pre-teen", "teen"))  # addresses that never change
AREA, AUDIENCE, MEANS, NATION = (one_of(choices.values) for choices in (Area, Audience, Means, Nation))
NUMBER = re.compile(r"[1-9][0-9]{0,3}")
NOTHING = re.compile("")
# Of the sitemap; any other name is not found.
SECTION = re.compile(r"[a-z]+(?:-[a-z]+){0,3}")

# Longer than any address that is kept; what is longer is not looked at.
LONGEST_PATH, LONGEST_QUERY = 200, 200
PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._-]*")


@dataclass(frozen=True)
class Rule:
    """What of the query makes a page of its own. Other parameters show nothing, unless they are ``asks_more``."""

    parameters: Mapping[str, re.Pattern] = field(default_factory=dict)
    asks_more: bool = False  # the page answers to more parameters than are kept: with any of them it passes by


PLAIN = Rule()
ONE_OF_MANY = Rule({"page": NUMBER})

RULES: dict[str, Rule] = {
    "home": PLAIN,
    "guidance:age-band": Rule({"page": NUMBER}, asks_more=True),
    "guidance:topic-list": Rule({"age": AGE, "for": AUDIENCE, "area": AREA, "page": NUMBER}, asks_more=True),
    "guidance:topic": Rule({"age": AGE}),
    "guidance:handout": Rule(asks_more=True),
    "guidance:app-list": Rule({"age": AGE, "page": NUMBER}, asks_more=True),
    "guidance:app-compare": Rule(asks_more=True),
    "guidance:app": PLAIN,
    "guidance:control-list": Rule({"page": NUMBER}, asks_more=True),
    "guidance:control": PLAIN,
    "guidance:talk": Rule({"age": AGE, "page": NUMBER}, asks_more=True),
    "guidance:law": ONE_OF_MANY,
    "guidance:figures": ONE_OF_MANY,
    "guidance:old-names": ONE_OF_MANY,
    "guidance:for-audience": Rule({"page": NUMBER}, asks_more=True),
    "reporting:report": Rule({"for": AUDIENCE}),
    "reporting:concern": Rule({"for": AUDIENCE}),
    "reporting:platforms": ONE_OF_MANY,
    "reporting:contact-list": Rule({"nation": NATION, "page": NUMBER}, asks_more=True),
    "reporting:national": Rule({"for": AUDIENCE, "by": MEANS, "page": NUMBER}, asks_more=True),
    "reporting:authority": Rule({"matched": NOTHING, "page": NUMBER}, asks_more=True),
    "reporting:authority-card": PLAIN,
    "reporting:authority-poster": PLAIN,
    "reporting:authority-vcard": PLAIN,
    "reporting:open-data": PLAIN,
    "reporting:find": Rule(asks_more=True),
    "finder": Rule(asks_more=True),
    "plan": Rule(asks_more=True),
    "leaving-no-trace": PLAIN,
    "tried": PLAIN,
    "about": PLAIN,
    "privacy": PLAIN,
    "accessibility": PLAIN,
    "sitemap": Rule({"p": NUMBER, "section": SECTION}, asks_more=True),
    "robots": PLAIN,
    "security-txt": PLAIN,
}


@dataclass(frozen=True)
class Target:
    """A page that is kept: what it is called in the store, and what Django is asked for it."""

    key: str
    route: str
    path: str
    query: str

    @property
    def is_variant(self) -> bool:
        """Whether the address asks for one of several readings of a page. Those never push out the pages themselves."""
        return bool(self.query)

    @property
    def plain(self) -> "Target":
        """The page without a choice: for when the reading that was asked for is not to be had."""
        return Target(self.path, self.route, self.path, "")


def target_of(path: str, query: str) -> Target | None:
    """The kept page that an address asks for; None for one that passes by. A pure function of the address.

    Nothing of it is remembered: addresses hold what visitors search for, and links that are somebody's secret.
    """
    if len(path) > LONGEST_PATH or len(query) > LONGEST_QUERY or not PLAIN_PATH.fullmatch(path):
        return None
    if path.startswith((f"/{settings.ADMIN_PATH}/", settings.STATIC_URL, settings.MEDIA_URL)):
        return None
    try:
        route = resolve(path).view_name
    except Resolver404:
        return None
    rule = RULES.get(route)
    if rule is None:
        return None
    try:
        asked = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), max_num_fields=20, errors="strict")
    except ValueError:
        return None
    kept: dict[str, str] = {}
    for name, value in asked:
        if name not in rule.parameters:
            if rule.asks_more:
                return None
        elif name in kept or not rule.parameters[name].fullmatch(value):
            return None
        else:
            kept[name] = value
    canonical = urlencode(sorted(kept.items()))
    return Target(f"{path}?{canonical}" if canonical else path, route, path, canonical)
