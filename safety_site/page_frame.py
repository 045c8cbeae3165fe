"""Template tags for what need not be made again for each page.

``{% fixed %}…{% endfixed %}``: the same on every page for as long as the process runs; in a copy of the site another
(see ``safety_site/mirror/``). Addresses of our own pages, drawings and fixed words may stand in it: nothing that a view
gives, no setting that a test may change, no block.

``{% unchanged one.value another %}…{% endunchanged %}``: made once for each version of the content and each set of the
values named, as ``unchanged.py`` keeps things. What stands in it must depend on nothing else: never on the request,
never on the time of day. Give it what costs something as a function without arguments: nothing calls it where the HTML
is there already. The values must be few, and known to be ours: they are the key.
"""

from itertools import count

from django.template import Node, TemplateSyntaxError
from django.template.base import Parser, Token

from safety_site import freshness
from safety_site.unchanged import kept

_places = count()


class FixedNode(Node):
    def __init__(self, nodelist):
        self.nodelist = nodelist
        self._html: dict[freshness.Mode, str] = {}

    def render(self, context) -> str:
        mode = freshness.current_mode()
        if mode not in self._html:
            self._html[mode] = self.nodelist.render(context)
        return self._html[mode]


def fixed(parser: Parser, token: Token) -> FixedNode:
    if len(token.split_contents()) > 1:
        raise TemplateSyntaxError("fixed takes no arguments")
    nodelist = parser.parse(["endfixed"])
    parser.delete_first_token()
    return FixedNode(nodelist)


class UnchangedNode(Node):
    def __init__(self, nodelist, values):
        self.nodelist, self.values = nodelist, values
        self.place = next(_places)  # of this block among all of this process

    def render(self, context) -> str:
        values = (str(value.resolve(context)) for value in self.values)
        key = ("block of a template", self.place, freshness.current_mode(), *values)
        return kept.get(key, lambda: self.nodelist.render(context))


def unchanged(parser: Parser, token: Token) -> UnchangedNode:
    values = [parser.compile_filter(word) for word in token.split_contents()[1:]]
    nodelist = parser.parse(["endunchanged"])
    parser.delete_first_token()
    return UnchangedNode(nodelist, values)
