"""Who to call: authorities and postcodes, contacts with their hours, concerns."""

from .authorities import Authority, DataSource, FormerCode, Nation, Outcode, Postcode, Tier
from .concerns import Concern, ConcernEdition, ConcernPoint, ConcernRoute
from .contacts import (
    ClosedDay,
    ContactAudience,
    ContactEdition,
    ContactNation,
    Coverage,
    Kind,
    Means,
    OpeningHours,
    OtherWay,
    Phone,
    ReportingContact,
)
from .platforms import PlatformLink, PlatformRoute

__all__ = [
    "Authority",
    "ClosedDay",
    "Concern",
    "ConcernEdition",
    "ConcernPoint",
    "ConcernRoute",
    "ContactAudience",
    "ContactEdition",
    "ContactNation",
    "Coverage",
    "DataSource",
    "FormerCode",
    "Kind",
    "Means",
    "Nation",
    "OpeningHours",
    "OtherWay",
    "Outcode",
    "Phone",
    "PlatformLink",
    "PlatformRoute",
    "Postcode",
    "ReportingContact",
    "Tier",
]
