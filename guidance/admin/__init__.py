"""The editors' pages for the guidance: enough to correct any text; every correction is a new edition."""

from . import apps, controls, links, topics

__all__ = ["apps", "controls", "links", "topics"]
