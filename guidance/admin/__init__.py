"""The editors' pages for the guidance: enough to correct any text; every correction is a new edition."""

from . import apps, controls, feedback, links, topics

__all__ = ["apps", "controls", "feedback", "links", "topics"]
