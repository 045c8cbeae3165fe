"""Template tags of the comparison: a wrapper over a plain function."""

from django import template

from safety_site.newsroom.reading import marked as _marked

register = template.Library()
register.filter("marked", _marked)
