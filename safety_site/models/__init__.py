"""What the site itself stores: what the search knows, and what the newsroom keeps beside the content."""

from .imports import WaitingImport
from .kept import ContentChange, KeptPart
from .newsroom import (
    AutoSave,
    BannedPhrase,
    EditionEvent,
    EmergencyBanner,
    FormerSlug,
    LinkCheck,
    PreviewLink,
    SuggestedChange,
)
from .search import SearchEntry, SearchStem, SearchSynonym, SearchWord, WorryWords

__all__ = [
    "AutoSave",
    "BannedPhrase",
    "ContentChange",
    "EditionEvent",
    "EmergencyBanner",
    "FormerSlug",
    "KeptPart",
    "LinkCheck",
    "PreviewLink",
    "SearchEntry",
    "SearchStem",
    "SearchSynonym",
    "SearchWord",
    "SuggestedChange",
    "WaitingImport",
    "WorryWords",
]
