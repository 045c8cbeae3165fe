"""The site as of a moment: staff walk through readers' pages as they stood, or will stand, at a day and time."""

import re
from datetime import datetime

from django import forms
from django.apps import apps
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, register_converter, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from safety_site.editions import Edition
from safety_site.newsroom.rights import may
from safety_site.newsroom.showing import Mark, NotAPage, show, view_at
from safety_site.newsroom.telling import when

STAMP = "%Y-%m-%dT%H%M"
# The first and last year that anybody may ask for: dates far from them break the arithmetic of time zones.
YEARS = range(2000, 2100)
# These are as they are now, whatever the moment: they leave the site, are sent by readers, or know today only.
OF_TODAY = ("/exit/", "/feedback/", "/search/", "/preview/", "/media/", "/health/", "/api/", "/leaving-no-trace/tried/")

SMALL_PRINT = (
    "As they are today: addresses, links to other sites, notes on the law, old names, councils, ages, uploaded files, "
    "the search, and the words that belong to no edition. What readers said is left out."
)

_TAG = re.compile(r"<(?:a|form)\b[^>]*>")
_ADDRESS = re.compile(r'(\s(?:href|action)=")(/(?!/)[^"]*)"')


class MomentConverter:
    """``2026-11-20T1430`` in an address: London time."""

    regex = r"\d{4}-\d{2}-\d{2}T\d{4}"

    def to_python(self, value: str) -> datetime:
        at = datetime.strptime(value, STAMP)
        if at.year not in YEARS:
            raise ValueError("Out of range.")
        return timezone.make_aware(at)

    def to_url(self, value: datetime) -> str:
        return timezone.localtime(value).strftime(STAMP)


register_converter(MomentConverter, "moment")


class MomentForm(forms.Form):
    day = forms.DateField(label="Day", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    time = forms.TimeField(
        label="Time", widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"), help_text="London time."
    )
    page = forms.CharField(
        label="Page",
        required=False,
        max_length=200,
        initial="/",
        help_text="An address on this site, for example /topics/. Or begin at the home page and follow its links.",
    )

    def clean_day(self):
        day = self.cleaned_data["day"]
        if day.year not in YEARS:
            raise forms.ValidationError(f"Choose a day from {YEARS[0]} to {YEARS[-1]}.")
        return day

    def clean_page(self) -> str:
        page = "/" + self.cleaned_data["page"].lstrip("/\\")
        if "?" in page or "#" in page or ":" in page:
            raise forms.ValidationError("Only the part of an address after the name of the site, for example /topics/.")
        return page

    @property
    def moment(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.cleaned_data["day"], self.cleaned_data["time"]))


def urls(site) -> list:
    """Patterns below the address of the admin."""
    view = site.admin_view
    return [
        path("as-of/", view(choose), name="as-of"),
        path("as-of/<moment:at>/", view(page_as_of), {"page": ""}, name="as-of-home"),
        path("as-of/<moment:at>/<path:page>", view(page_as_of), name="as-of-page"),
    ]


def _kinds_seen(user) -> list[bool]:
    return [may(user, "view", model) for model in apps.get_models() if issubclass(model, Edition)]


def may_look_back(user) -> bool:
    """Whoever may see editions of any kind: readers saw all of it then."""
    return any(_kinds_seen(user))


def may_look_ahead(user) -> bool:
    """Whoever may see editions of every kind: no reader has seen what is approved for a day to come."""
    return all(_kinds_seen(user))


def _guard(request: HttpRequest, at: datetime | None = None) -> None:
    is_ahead = at is not None and at > timezone.now()
    if not (may_look_ahead(request.user) if is_ahead else may_look_back(request.user)):
        raise PermissionDenied


def _address(at: datetime, page: str) -> str:
    return reverse("admin:as-of-home", args=[at]) + page.lstrip("/")


@require_safe
def choose(request: HttpRequest) -> HttpResponse:
    """Choose a moment, and a page to begin with."""
    _guard(request)
    form = MomentForm(request.GET) if "day" in request.GET else None
    if form and form.is_valid():
        return HttpResponseRedirect(_address(form.moment, form.cleaned_data["page"]))
    now = timezone.localtime()
    form = form or MomentForm(
        initial={"day": now.date(), "time": now.time(), "page": request.GET.get("page", "/")[:200]}
    )
    return _chooser(request, form)


def _chooser(request: HttpRequest, form: MomentForm, problem: str = "", status: int = 200) -> HttpResponse:
    context = {
        **admin.site.each_context(request),
        "title": "The site as of a day",
        "form": form,
        "problem": problem,
        "small_print": SMALL_PRINT,
    }
    return TemplateResponse(request, "newsroom/as_of.html", context, status=status)


@require_safe
def page_as_of(request: HttpRequest, at: datetime, page: str) -> HttpResponse:
    """One readers' page as of a moment, with links that stay there. Files, feeds and forms are refused in words."""
    _guard(request, at)
    address = f"/{page}"
    try:
        if address.startswith(OF_TODAY):
            raise NotAPage
        response = show(_view(address), request, _mark(at, address), at=at)
    except NotAPage:
        local = timezone.localtime(at)
        form = MomentForm(initial={"day": local.date(), "time": local.time(), "page": "/"})
        problem = "That address is no page to read as of a day: a file, a form, the search or the way out."
        return _chooser(request, form, problem, status=404)
    if 300 <= response.status_code < 400:
        to = response.headers.get("Location", "")
        if to.startswith("/") and not to.startswith("//"):
            response.headers["Location"] = _address(at, to)
        return response
    response.content = stay(response.content.decode(), at)
    return response


def _view(address: str):
    """The view at an address; of one that is none, a view that says so under the bar."""
    try:
        return view_at(address)
    except Http404:
        return _no_such_page


def _no_such_page(request: HttpRequest) -> HttpResponse:
    raise Http404


def _mark(at: datetime, address: str) -> Mark:
    is_past = at <= timezone.now()
    stood = "This is the site as it stood on" if is_past else "This is the site as it will stand on"
    return Mark(
        title="As of a day",
        says=f"{stood} {when(at)}.",
        words="Its phone numbers may be old: do not ring them."
        if is_past
        else "That is, if nothing more is approved until then.",
        small_print=SMALL_PRINT,
        back=f"{reverse('admin:as-of')}?page={address}"
        if address.isascii() and "&" not in address
        else reverse("admin:as-of"),
        back_words="Choose another moment",
    )


def stay(html: str, at: datetime) -> str:
    """The HTML of one of our pages with its links to pages of ours leading on as of the same moment.

    The way out, files and what is sent by readers keep their addresses.
    """
    prefix = reverse("admin:as-of-home", args=[at]).rstrip("/")

    def lead_on(tag: re.Match) -> str:
        if 'method="post"' in tag[0]:
            return tag[0]
        return _ADDRESS.sub(lambda found: f'{found[1]}{prefix if _leads_on(found[2]) else ""}{found[2]}"', tag[0])

    return _TAG.sub(lead_on, html)


def _leads_on(address: str) -> bool:
    page = re.split(r"[?#]", address, maxsplit=1)[0]
    is_file = "." in page.rsplit("/", 1)[-1]
    return not (is_file or page.startswith(OF_TODAY) or page.startswith(reverse("admin:index")))
