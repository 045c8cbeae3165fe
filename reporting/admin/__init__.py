"""The editors' pages of the directory: contacts, authorities, closed days, worries."""

from . import authorities, concerns, contacts

__all__ = ["authorities", "concerns", "contacts"]
