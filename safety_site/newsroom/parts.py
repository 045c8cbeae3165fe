"""The parts of an edition on its edit screen: sections, steps, numbers; in order, each a row that can be moved."""

from django import forms
from django.contrib import admin
from django.contrib.admin.widgets import AdminTextareaWidget, RelatedFieldWidgetWrapper
from django.core.validators import MaxLengthValidator
from django.db import models, transaction

from safety_site.fields import TOO_LONG, RichTextField
from safety_site.rich_text import MOST_CHARACTERS

#: A rich text with more words than these is two parts, for somebody who reads on a phone.
LONG_IN_WORDS = 300


class RowsChosen(forms.ModelMultipleChoiceField):
    """Answers a number that no row can have in words; SQLite raises at it."""

    def _check_values(self, value):
        try:
            return super()._check_values(value)
        except OverflowError as problem:
            raise forms.ValidationError("Choose from the list.", code="invalid_choice") from problem


class RoomForWords:
    """Boxes that fit what is written in them, with a counter, and help that says what the reader will see.

    A box takes more than its field may hold: the counter warns and the server answers in words. An attribute
    ``maxlength`` would cut off the end of what is pasted without a sound.
    """

    sentence_length = 120
    #: By name of a field, in place of what the model says: which is written for those who read the code.
    labels: dict[str, str] = {}
    help_texts: dict[str, str] = {}

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        if type(db_field) is models.CharField and not db_field.choices and db_field.max_length > self.sentence_length:
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 2})
        elif type(db_field) is models.TextField:
            kwargs["widget"] = AdminTextareaWidget(attrs={"rows": 4})
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is None:
            return None
        field.label = self.labels.get(db_field.name, field.label)
        field.help_text = self.help_texts.get(db_field.name, field.help_text)
        if isinstance(field, forms.CharField):
            self._count(field, db_field)
        elif isinstance(field, forms.SplitDateTimeField):
            for widget, part in zip(field.widget.widgets, ("day", "time"), strict=True):
                widget.attrs["aria-label"] = f"{field.label}: {part}"
        return field

    def formfield_for_manytomany(self, db_field, request, **kwargs):
        return super().formfield_for_manytomany(db_field, request, **{"form_class": RowsChosen, **kwargs})

    def _count(self, field: forms.CharField, db_field: models.Field) -> None:
        """Tell the counter (static/js/writing.js) how much there may be."""
        if type(db_field) is models.TextField:
            field.validators.append(MaxLengthValidator(MOST_CHARACTERS, TOO_LONG))
        attrs = field.widget.attrs
        attrs.pop("maxlength", None)
        attrs["data-most"] = db_field.max_length or MOST_CHARACTERS
        if isinstance(db_field, RichTextField):
            attrs["data-long"] = LONG_IN_WORDS


class PartForm(forms.ModelForm):
    """One part. A new one in which only the place was set was opened by mistake, so it is left out."""

    def has_changed(self) -> bool:
        if self.instance.pk:
            return super().has_changed()
        return bool(set(self.changed_data) - {"position"})


class PartInline(RoomForWords, admin.StackedInline):
    """Parts of an edition, in order of their position; each can be folded away."""

    extra = 0
    form = PartForm
    classes = ["collapse"]
    template = "admin/edition/_parts.html"
    folds = True
    #: What a reader sees of these, in one sentence.
    readers_see = ""
    #: A template with more about each row, for what has rows of its own.
    row_template = ""

    def get_queryset(self, request):
        """With what the rows name, so that the number of queries does not grow with them."""
        fields = self.model._meta.fields
        named = [field.name for field in fields if field.is_relation and field.name != "edition"]
        rows = super().get_queryset(request).prefetch_related(*(f.name for f in self.model._meta.many_to_many))
        return rows.select_related(*named) if named else rows

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        # Which edition a part belongs to is nobody's choice, and all of them would be asked for.
        if isinstance(field, forms.ModelChoiceField) and db_field.name != "edition":
            if isinstance(field.widget, RelatedFieldWidgetWrapper):
                field.widget = field.widget.widget  # no pop-ups inside a row
            if isinstance(field, forms.ModelMultipleChoiceField):
                field.widget = forms.CheckboxSelectMultiple()
                field.help_text = self.help_texts.get(db_field.name, db_field.help_text)
            # Asked for once, not once for each row.
            field.choices = list(iter(field.choices))
        return field


class ShortPartInline(PartInline):
    """Parts of a few short fields: they stand side by side where there is room, and are not folded."""

    folds = False


@transaction.atomic
def make_positions_distinct(model: type[models.Model], edition: models.Model) -> None:
    """Number the parts of one kind anew where two have the same place, as they stand; natural keys need it."""
    rows = list(model._base_manager.filter(edition=edition).order_by("position", "pk"))
    if len({row.position for row in rows}) == len(rows):
        return
    for position, row in enumerate(rows, 1):
        row.position = position
    model._base_manager.bulk_update(rows, ["position"])
