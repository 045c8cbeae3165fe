"""Fields and small bases that the models of both apps share."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django_prose_editor.fields import ProseEditorField

from safety_site.models import FormerSlug

# The one list of what rich text may hold: the editor offers it, saving and showing clean to it.
RICH_TEXT_EXTENSIONS = {
    "Bold": True,
    "Italic": True,
    "BulletList": True,
    "OrderedList": True,
    "ListItem": True,
    "Blockquote": True,
    "Heading": {"levels": [3, 4]},
    "Link": {"enableTarget": False, "protocols": ["https", "tel", "mailto"]},
    "History": True,
    "HardBreak": True,
}


class RichTextField(ProseEditorField):
    """HTML with headings, lists, links and quotes; cleaned when a form saves it."""

    def __init__(self, *args, **kwargs):
        kwargs["extensions"] = RICH_TEXT_EXTENSIONS
        kwargs["sanitize"] = True
        super().__init__(*args, **kwargs)


class HttpsURLField(models.URLField):
    """An address on another site; https only, since http tells everybody on the way what is read."""

    default_validators = [URLValidator(schemes=["https"])]

    def formfield(self, **kwargs):
        return super().formfield(**{"assume_scheme": "https", **kwargs})

    def deconstruct(self):
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.URLField", args, kwargs


class SlugManager(models.Manager):
    def get_by_natural_key(self, slug: str):
        """The thing with a slug, or that had it before it was renamed: shipped content names it by the old one."""
        try:
            return self.get(slug=slug)
        except self.model.DoesNotExist:
            former = FormerSlug.objects.of(self.model).filter(slug=slug)
            return self.get(pk__in=list(former.values_list("thing_id", flat=True)))


class SluggedModel(models.Model):
    """A thing that its slug names for ever: in addresses, in fixtures, in links between texts."""

    slug = models.SlugField(
        max_length=80,
        unique=True,
        help_text="The last part of the page's address. A former address leads to the new one for ever.",
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who is asked when it is due for review.",
    )

    objects = SlugManager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.slug

    def natural_key(self) -> tuple[str]:
        return (self.slug,)

    def clean(self) -> None:
        super().clean()
        former = FormerSlug.objects.of(type(self)).filter(slug=self.slug)
        if former.exclude(thing_id=self.pk or 0).exists():
            raise ValidationError({"slug": "That address leads to a page that was renamed: choose another."})
