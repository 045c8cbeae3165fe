"""Links by which a reviewer without an account reads one edition: signed, for some days, and revocable.

The signature says that we made the link; the row says until when it works. Both are asked each time, and whether its
maker may still do so.
"""

from datetime import timedelta
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.core.signing import BadSignature, Signer
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from safety_site.editions import Edition
from safety_site.models import PreviewLink
from safety_site.newsroom.rights import may
from safety_site.newsroom.showing import Mark, for_one_reader, show_edition
from safety_site.newsroom.telling import key_in_force, stage, when

LONGEST_DAYS = 30
_signer = Signer(salt="safety_site.newsroom.preview_links", sep=".")


class PreviewLinkForm(forms.ModelForm):
    days = forms.IntegerField(
        label="Works for",
        min_value=1,
        max_value=LONGEST_DAYS,
        initial=7,
        help_text=f"Days, from 1 to {LONGEST_DAYS}.",
    )

    class Meta:
        model = PreviewLink
        fields = ["for_whom"]
        help_texts = {"for_whom": "Who gets the link, for example “Dr Shah, paediatrics”. Only editors see this."}

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        # Too much is told in words: a browser would cut off the end of what is pasted without a sound.
        del self.fields["for_whom"].widget.attrs["maxlength"]

    def make(self, edition: Edition, by) -> PreviewLink:
        """The link, from now on."""
        link = self.save(commit=False)
        link.about, link.made_by = edition, by
        link.expires_at = link.made_at + timedelta(days=self.cleaned_data["days"])
        link.save()
        return link


def usable_links(edition: Edition) -> QuerySet[PreviewLink]:
    """The links to an edition that still work, as far as their rows say."""
    kind = ContentType.objects.get_for_model(edition)
    return PreviewLink.objects.usable().filter(content_type=kind, object_id=edition.pk).select_related("made_by")


def token_of(link: PreviewLink) -> str:
    return _signer.sign(f"{link.pk}")


def address_of(link: PreviewLink) -> str:
    """The whole address, to send to a reviewer."""
    return settings.SITE_URL + reverse("preview-by-link", args=[token_of(link)])


def may_revoke(user, link: PreviewLink, edition: Edition) -> bool:
    """Whoever made a link, and whoever may approve what it shows."""
    return link.made_by_id == user.pk or may(user, "approve", edition)


def edition_behind(link: PreviewLink | None) -> Edition | None:
    """What a link shows now: nothing once it is over, revoked, its edition deleted, or its maker without the right."""
    if link is None or not PreviewLink.objects.usable().filter(pk=link.pk).exists():
        return None
    model = link.content_type.model_class()
    if model is None or not issubclass(model, Edition) or not may(link.made_by, "change", model):
        return None
    return model.objects.filter(pk=link.object_id).first()


@require_safe
def preview_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """404 for what we never signed; 410 in words for a link that no longer works."""
    try:
        key = int(_signer.unsign(token))
    except (BadSignature, ValueError):
        raise Http404 from None
    link = PreviewLink.objects.select_related("made_by", "content_type").filter(pk=key).first()
    edition = edition_behind(link)
    if edition is None or not edition.pages():
        gone = render(request, "newsroom/link_over.html", status=410)
        return for_one_reader(gone, Mark(title="", says=""))
    return show_edition(request, edition, _mark(link, edition))


def _mark(link: PreviewLink, edition: Edition) -> Mark:
    place = urlsplit(edition.pages()[0]).fragment
    in_force = key_in_force(edition)
    live = edition.pk == in_force
    return Mark(
        title="Preview",
        says="Preview: readers see this page now." if live else "Preview: readers do not see this.",
        words=f"{stage(edition, in_force)}. This link works until {when(link.expires_at)}.",
        small_print="It is for you alone: please do not pass it on. Links on this page lead to the live site.",
        back=f"#{place}" if place else "",
        back_words="Go to what you are asked to read",
    )
