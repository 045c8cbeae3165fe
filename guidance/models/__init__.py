"""The guidance that the site gives, by subject: topics, apps and games, controls, links; and what readers say of it."""

from .ages import AgeBand, AgeBandFact
from .agreement import AgreementLine
from .apps import (
    AppConfidence,
    AppDefault,
    AppFeature,
    AppLink,
    AppProfile,
    AppProfileEdition,
    AppRating,
    AppRisk,
    AppStarter,
    AppStep,
    AppUpdate,
    SettingStep,
)
from .controls import ControlGuide, ControlGuideEdition, ControlStep, ControlUse
from .feedback import Feedback, FeedbackDay, FeedbackSender, PageComments
from .links import OldName, SharedNote, UsefulLink
from .topics import (
    ConversationStarter,
    Fact,
    Resource,
    Section,
    Topic,
    TopicAudience,
    TopicEdition,
)

__all__ = [
    "AgeBand",
    "AgeBandFact",
    "AgreementLine",
    "AppConfidence",
    "AppDefault",
    "AppFeature",
    "AppLink",
    "AppProfile",
    "AppProfileEdition",
    "AppRating",
    "AppRisk",
    "AppStarter",
    "AppStep",
    "AppUpdate",
    "ControlGuide",
    "ControlGuideEdition",
    "ControlStep",
    "ControlUse",
    "ConversationStarter",
    "Fact",
    "Feedback",
    "FeedbackDay",
    "FeedbackSender",
    "OldName",
    "PageComments",
    "Resource",
    "Section",
    "SettingStep",
    "SharedNote",
    "Topic",
    "TopicAudience",
    "TopicEdition",
    "UsefulLink",
]
