"""Fields and small bases that the models of both apps share."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, URLValidator
from django.db import models
from django_prose_editor.fields import ProseEditorField, ProseEditorFormField

from safety_site import natural_keys
from safety_site.models import FormerSlug
from safety_site.rich_text import EXTENSIONS, MOST_CHARACTERS, clean_to_store, without_controls

TOO_LONG = (
    "This text is too long: it has %(show_value)d characters with its formatting, and may have %(limit_value)d. "
    "Nothing is lost. Divide it into two parts, or shorten it, and save again."
)


class RichTextFormField(ProseEditorFormField):
    """Leaves out the control characters that come with a paste, and calls empty what shows nothing."""

    def to_python(self, value):
        html = without_controls(super().to_python(value))
        if len(html) > MOST_CHARACTERS:
            return html  # refused by its length, before anything takes long over it
        return html if clean_to_store(html) else ""


class RichTextField(ProseEditorField):
    """HTML with headings, lists, links and quotes; cleaned whichever way it reaches the database.

    A form, an import, a copy, a fixture and an ``update()`` all come through ``get_db_prep_save``.
    """

    default_validators = [MaxLengthValidator(MOST_CHARACTERS, TOO_LONG)]

    def __init__(self, *args, **kwargs):
        kwargs["extensions"] = EXTENSIONS
        kwargs["sanitize"] = clean_to_store
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance, add):
        value = super().pre_save(model_instance, add)
        if isinstance(value, str):
            # On the row itself too: the audit list tells what was stored, and PostgreSQL refuses a NUL there.
            value = clean_to_store(value)
            setattr(model_instance, self.attname, value)
        return value

    def get_db_prep_save(self, value, connection):
        return super().get_db_prep_save(clean_to_store(value) if isinstance(value, str) else value, connection)

    def formfield(self, **kwargs):
        return super().formfield(**{"form_class": RichTextFormField, **kwargs})


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
        return natural_keys.row(self.model, (slug,), lambda: self._by_slug(slug))

    def _by_slug(self, slug: str):
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
