"""Pages that moved or were taken down: what their old addresses answer.

A thing's former slugs point at the thing, not at each other, so an old address leads to the present one in one step,
however often it was renamed. Pages that are found never ask for any of this.
"""

from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponsePermanentRedirect, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse

from safety_site.models import FormerSlug


def moved(request: HttpRequest, model: type[models.Model], slug: str) -> HttpResponse:
    """301 to where a thing with a former slug is now, sub-page and query kept. Raises Http404 where there is none."""
    thing_id = FormerSlug.objects.of(model).filter(slug=slug).values_list("thing_id", flat=True).first()
    present = thing_id and model._base_manager.filter(pk=thing_id).values_list("slug", flat=True).first()
    if not present:
        raise Http404
    match = request.resolver_match
    address = reverse(match.view_name, kwargs={**match.kwargs, "slug": present})
    query = request.META.get("QUERY_STRING", "")
    return HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)


def taken_down(request: HttpRequest, withdrawal) -> HttpResponse:
    """What a withdrawn page answers: 410 with the reason, or at once the page to go to instead."""
    if withdrawal.withdrawal_redirects and withdrawal.withdrawal_instead:
        # Not for ever: a later edition may bring the page back.
        return HttpResponseRedirect(withdrawal.withdrawal_instead)
    return render(request, "gone.html", {"withdrawal": withdrawal}, status=410)


def gone(request: HttpRequest, editions: models.QuerySet, slug: str) -> HttpResponse:
    """The answer where no edition is live: taken down, moved, or 404 where there never was a page."""
    thing_field = editions.model.thing_field
    withdrawal = editions.withdrawn().filter(**{f"{thing_field}__slug": slug}).first()
    if withdrawal:
        return taken_down(request, withdrawal)
    return moved(request, editions.model._meta.get_field(thing_field).related_model, slug)


@transaction.atomic
def rename(thing: models.Model, former_slug: str, by=None) -> None:
    """Keep the former slug of a thing that has just been saved with another, so that its old address leads on."""
    of_model = FormerSlug.objects.of(type(thing))
    # Back to a slug that it had before: that one is its present one again.
    of_model.filter(slug=thing.slug, thing_id=thing.pk).delete()
    if former_slug != thing.slug:
        FormerSlug.objects.update_or_create(
            model=type(thing)._meta.label_lower,
            slug=former_slug,
            defaults={"thing_id": thing.pk, "changed_by": by},
        )
    # What is found now and what comes later names the address: the search makes its entries of a thing anew from any
    # one of its editions.
    edition = thing.editions.order_by("number").last()
    if edition is not None:
        edition.on_approval()
