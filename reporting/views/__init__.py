"""Pages of the directory: fetch, or 404, then render."""

from .concerns import concern, live_concerns, platforms, report
from .contacts import authority, authority_card, authority_poster, authority_vcard, live_pages, national
from .open_data import about_open_data, contacts_csv
from .places import contact_list, find

__all__ = [
    "about_open_data",
    "authority",
    "authority_card",
    "authority_poster",
    "authority_vcard",
    "concern",
    "contact_list",
    "contacts_csv",
    "find",
    "live_concerns",
    "live_pages",
    "national",
    "platforms",
    "report",
]
