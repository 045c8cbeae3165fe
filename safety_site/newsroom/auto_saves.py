"""Words that keep themselves: the form of an editor, kept on the server while it is written.

A form is given a signed key when it is shown. The key alone allows to keep that one form for that one editor, for
some days, and nothing else: so a session that ends while somebody writes loses no words. The editor's words are
shown to nobody else.
"""

import secrets
import time
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

from django.apps import apps
from django.contrib.auth import get_user_model
from django.core import signing
from django.http import QueryDict
from django.utils import timezone
from django.utils.datastructures import MultiValueDict

from safety_site.models import AutoSave
from safety_site.newsroom.posted_forms import tidy
from safety_site.newsroom.rights import may
from safety_site.rate_limit import RateLimit

KEY_FIELD = "_kept_key"
# Not words: tokens, the buttons, and what says how a form was left.
NOT_WORDS = {"csrfmiddlewaretoken", KEY_FIELD, "_save", "_continue", "_addanother", "_saveasnew"}

# A form left open on Friday must not lose its words on Monday.
KEY_LASTS = timedelta(days=7)
# Of one form, as a browser sends it. The longest form of the shipped content has some 40,000.
MOST_CHARACTERS = 2_000_000
# Of one editor: a page left open keeps itself twice a minute.
MOST_A_MINUTE = 60
# Pages of one form whose words are kept at a time, for one editor; the oldest go first.
MOST_PAGES = 20
KEPT_FOR = timedelta(days=30)

_SALT = "newsroom.auto-save"
_rate = RateLimit(seconds=60)


class NotKept(Exception):
    """Why words were not kept, in words for the editor; ``status`` is for the answer."""

    def __init__(self, words: str, status: int):
        super().__init__(words)
        self.words, self.status = words, status


@dataclass(frozen=True)
class Page:
    """One opening of one form by one editor: whose words, and of what. ``object_id`` is 0 for a new thing."""

    user_id: int
    model: str
    object_id: int
    page: str

    @property
    def key(self) -> str:
        return signing.dumps([self.user_id, self.model, self.object_id, self.page], salt=_SALT)


def new_page(user, model, object_id: int = 0) -> Page:
    return Page(user.pk, model._meta.label_lower, object_id, secrets.token_hex(8))


def read_key(key: str) -> Page | None:
    """The page that a key was made for; None where it is not one of ours, or too old."""
    try:
        return Page(*signing.loads(key[:1000], salt=_SALT, max_age=KEY_LASTS))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def words_of(fields: MultiValueDict) -> str:
    """A form's fields as a browser would send them, without tokens and buttons, and without NUL."""
    words = QueryDict(mutable=True)
    for name, values in tidy(fields).lists():
        if name not in NOT_WORDS:
            words.setlist(name.replace("\0", ""), [value.replace("\0", "") for value in values])
    return words.urlencode()


def fields_of(kept: AutoSave) -> QueryDict:
    """What was kept, as a form takes it; may be changed."""
    # Not read by QueryDict: its limit on fields is for what comes from outside, and was held when this came.
    fields = QueryDict(mutable=True)
    for name, value in parse_qsl(kept.form, keep_blank_values=True):
        fields.appendlist(name, value)
    return fields


def whole_number(text: str | None) -> int:
    """A count that came with a form; -1, which no row has, for anything else."""
    return int(text) if text and text.isascii() and text.isdecimal() and len(text) < 10 else -1


def keep(page: Page, fields: MultiValueDict) -> AutoSave:
    """Keep the words of a page, in place of what was kept of it before. Raises NotKept."""
    user = get_user_model().objects.filter(pk=page.user_id, is_active=True, is_staff=True).first()
    if user is None or not _may_write(user, page.model):
        raise NotKept("Not kept: this account may not write here any more.", 403)
    if _rate.wait(str(page.user_id), time.monotonic(), MOST_A_MINUTE):
        raise NotKept("Not kept just now: too many pages at once. It will be tried again.", 429)
    form = words_of(fields)
    if len(form) > MOST_CHARACTERS:
        raise NotKept("Not kept: this form is too long. Save it in smaller pieces.", 413)
    values = {"form": form, "revision": max(0, whole_number(fields.get("_revision"))), "saved_at": timezone.now()}
    where = {"by": user, "model": page.model, "object_id": page.object_id}
    kept, is_new = AutoSave.objects.update_or_create(**where, page=page.page, defaults=values)
    if is_new:
        forget_old()
        surplus = (
            AutoSave.objects.filter(**where).order_by("-saved_at", "-pk").values_list("pk", flat=True)[MOST_PAGES:]
        )
        AutoSave.objects.filter(pk__in=list(surplus)).delete()
    return kept


def _may_write(user, label: str) -> bool:
    try:
        model = apps.get_model(label)
    except (LookupError, ValueError):
        return False
    return may(user, "change", model) or may(user, "add", model)


def forget_old() -> int:
    """Nothing is kept for ever. Called whenever a page is kept for the first time, so that no job is needed."""
    return AutoSave.objects.filter(saved_at__lt=timezone.now() - KEPT_FOR).delete()[0]


def of_form(user, model, object_id: int) -> list[AutoSave]:
    """What is kept of one form for one editor, latest first. Nobody reads what another editor wrote."""
    return list(
        AutoSave.objects.filter(by=user, model=model._meta.label_lower, object_id=object_id).order_by("-saved_at")
    )


def forget(page: Page) -> None:
    """After a save, or when the editor throws the words away."""
    AutoSave.objects.filter(by_id=page.user_id, model=page.model, object_id=page.object_id, page=page.page).delete()
