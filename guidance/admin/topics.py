"""Topics and age bands."""

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.forms.models import BaseInlineFormSet

from guidance.admin.things import GuidanceThingAdmin
from guidance.models import (
    AgeBand,
    AgeBandFact,
    ConversationStarter,
    Fact,
    Resource,
    Section,
    Topic,
    TopicAudience,
    TopicEdition,
)
from safety_site.admin_editions import EditionAdmin, PartInline, ShortPartInline
from safety_site.uploads import MOST_FILES

admin.site.register(Topic, GuidanceThingAdmin)


class AudienceInline(ShortPartInline):
    model = TopicAudience
    verbose_name, verbose_name_plural = "reader", "who it is for"
    readers_see = "The line “For parents and carers, …” under the summary, in this order."


class SectionInline(PartInline):
    classes = []  # the heart of the page: always open
    model = Section
    verbose_name_plural = "sections"
    readers_see = "The body of the page, one heading after another."
    help_texts = {
        "kind": "How it looks: plain text, numbered steps, a warning or a law panel.",
        "age_band": "Only for one age? Readers see “For ages …” above it. Empty: for every age.",
        "heading": "Readers see it as a heading, and in “On this page”.",
        "body": "Short paragraphs and lists. Links start with https://, tel:, mailto: or a slash for this site.",
        "source": "Readers see “Source: …” under the section. Give the date too.",
    }


class FactInline(PartInline):
    model = Fact
    verbose_name, verbose_name_plural = "fact", "did you know?"
    readers_see = "A box “Did you know?” for each, with its source."
    labels = {"claim": "What is true", "source": "Who says so", "year": "Year of the figure"}


class StarterInline(PartInline):
    model = ConversationStarter
    verbose_name, verbose_name_plural = "starter", "words to begin with"
    readers_see = "Under “Words to begin with”, and on the page of all conversation starters."
    help_texts = {
        "words": "What to say, as it would be said. Readers see it as a quotation.",
        "tip": "How or when to say it. Readers see it under the words.",
        "age_bands": "Readers see “5 to 12 years”, for example.",
    }


class ResourceFormSet(BaseInlineFormSet):
    """Counts the files of one edition."""

    def clean(self) -> None:
        super().clean()
        kept = [form.cleaned_data for form in self.forms if hasattr(form, "cleaned_data")]
        names = ("file", "captions", "transcript_file")
        number = sum(bool(row.get(name)) for row in kept if not row.get("DELETE") for name in names)
        if number > MOST_FILES:
            raise ValidationError(f"A page may have {MOST_FILES} uploaded files; here are {number}. Take some away.")


class ResourceInline(PartInline):
    model = Resource
    formset = ResourceFormSet
    verbose_name, verbose_name_plural = "resource", "watch, listen, play, read"
    readers_see = "A list under that heading, each with a drawing of its kind."
    help_texts = {
        "title": "Readers see it as the link.",
        "provider": "Who made it. Readers see “Video by …”.",
        "link": "Starts with https. Readers see the name of the site beside it.",
        "file": "In place of a link. Recordings (MP3) and films (MP4) play on the page; a PDF or text is downloaded.",
        "captions": "Of a film that you uploaded, as WebVTT.",
        "transcript_file": "A long transcript as a PDF or plain text. Readers download it.",
        "transcript": "What is said, or a summary. Readers open it with “Read what is said”.",
        "has_captions": "Yes: readers see “with captions”. Leave unknown if nobody has looked.",
    }


@admin.register(TopicEdition)
class TopicEditionAdmin(EditionAdmin):
    screen = [
        ("At the top of the page", ["topic", "title", "summary", "area", "age_bands"]),
        AudienceInline,
        SectionInline,
        FactInline,
        StarterInline,
        ("Get help now", ["concern"]),
        ResourceInline,
        ("Read next", ["related_apps", "related_topics"]),
    ]
    help_texts = {
        "topic": "The subject, for ever: its address ends in this name.",
        "title": "Readers see it as the heading of the page, in lists and in the title of the tab.",
        "summary": "Two sentences at most. Readers see them under the heading, in lists and in search results.",
        "area": "Where the topic stands in the list of all topics.",
        "age_bands": "Readers see “About children aged …”, and find the topic on the pages of these ages.",
        "concern": "Whose contacts readers see under “Get help now”.",
        "related_apps": "Readers see them under “Apps and games”.",
        "related_topics": "Readers see them under “Read next”.",
    }
    list_filter = [*EditionAdmin.list_filter, "area", "age_bands"]
    search_fields = ["title", "summary", "topic__slug", "sections__heading", "sections__body"]
    filter_horizontal = ["related_topics", "related_apps"]


class AgeBandFactInline(admin.StackedInline):
    model = AgeBandFact
    extra = 0


@admin.register(AgeBand)
class AgeBandAdmin(admin.ModelAdmin):
    list_display = ["name", "slug", "age_from", "age_to"]
    inlines = [AgeBandFactInline]

    def get_readonly_fields(self, request, obj=None):
        return ["slug"] if obj else []

    # There are three, with addresses that never change; each has a drawing of its own and pages that are kept.
    def has_add_permission(self, request):
        return False

    def has_delete_permission(self, request, obj=None):
        return False
