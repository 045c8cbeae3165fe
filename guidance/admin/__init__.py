"""The editors' pages for the guidance: enough to correct any text; every correction is a new edition."""

from . import agreement, apps, controls, feedback, links, topics

__all__ = ["agreement", "apps", "controls", "feedback", "links", "topics"]
