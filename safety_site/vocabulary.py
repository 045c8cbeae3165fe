"""Choices that both apps need. A choice that one app needs stays in that app."""

from django.db import models


class Audience(models.TextChoices):
    """Who a text addresses; in the order in which the site names them. Values are URLs under /for/."""

    PARENTS = "parents", "Parents and carers"
    YOUNG_PEOPLE = "young-people", "Young people"
    PROFESSIONALS = "professionals", "Professionals"


class Concern(models.TextChoices):
    """What a family is worried about; most urgent first, "not sure" last. Values are URLs under /report/."""

    MEETING = "meeting", "Someone wants to meet a child"
    GROOMING = "grooming", "Sexual messages or grooming"
    IMAGE_SHARED = "image-shared", "A nude image was shared or threatened"
    BLACKMAIL = "blackmail", "Blackmail"
    MISSING = "missing", "A child is missing"
    EXPLOITATION = "exploitation", "Exploitation or gangs"
    RADICALISATION = "radicalisation", "Radicalisation"
    BULLYING = "bullying", "Bullying"
    HARMFUL_CONTENT = "harmful-content", "Harmful content"
    HACKED = "hacked", "Hacked or impersonated"
    FRIEND = "friend-in-trouble", "A friend is in trouble"
    ADULT_IN_WORK = "adult-in-work", "An adult who works with children"
    NOT_SURE = "not-sure", "Not sure"


class FoundKind(models.TextChoices):
    """What the search finds; help comes before reading. Labels are headings of the results."""

    CONCERN = "concern", "What has happened?"
    TOPIC = "topic", "Topics"
    APP = "app", "Apps and games"
    CONTROL = "control", "Parental controls"
    CONTACT = "contact", "Who to call"
    LAW = "law", "The law"
    NAME = "name", "Old names"
    PAGE = "page", "Pages of this site"
    LINK = "link", "Other sites"
