"""The pages of the doors: the code after the password, setting up a phone, recovery codes, the password once more."""

from collections.abc import Callable
from functools import wraps

import django_otp
from django.conf import settings
from django.contrib import admin, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_protect
from django.views.decorators.debug import sensitive_post_parameters
from django_otp.plugins.otp_static.models import StaticDevice

from safety_site.doors import audit, factors, lockout, sessions
from safety_site.doors.forms import CodeForm, ConfirmForm, FirstCodeForm

KEY_IN_SESSION = "key_of_new_phone"
TOO_SOON = "Please wait {} before you try another code."


def _page(request: HttpRequest, template: str, status: int = 200, **context) -> HttpResponse:
    return render(
        request, f"newsroom/doors/{template}.html", {**admin.site.each_context(request), **context}, status=status
    )


def _next(request: HttpRequest) -> str:
    """Where they were going: an editors' page of this site, or the first one."""
    wanted = request.POST.get(REDIRECT_FIELD_NAME) or request.GET.get(REDIRECT_FIELD_NAME) or ""
    first = reverse("admin:index")
    is_ours = url_has_allowed_host_and_scheme(wanted, {request.get_host()}, require_https=request.is_secure())
    return wanted if is_ours and wanted.startswith(first) else first


def for_signed_in(view: Callable) -> Callable:
    """A page for whoever gave the right password of an editor, through the second door or not."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if not sessions.is_editor(request.user):
            return redirect("admin:login")
        return view(request, *args, **kwargs)

    return never_cache(csrf_protect(wrapped))


def for_phone_holders_verified(view: Callable) -> Callable:
    """Whoever has a phone must have given its code: a password alone must not change the factor."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if sessions.next_door(request) == "second-step":
            return redirect("admin:second-step")
        return view(request, *args, **kwargs)

    return for_signed_in(wrapped)


def _wait_in_words(user, code: str) -> str:
    """What to say after wrong codes in quick succession; empty: a code may be tried."""
    until = factors.wait_of(user, code)
    if until is None:
        return ""
    seconds = max(1, round((until - timezone.now()).total_seconds()))
    return TOO_SOON.format("a second" if seconds == 1 else f"{seconds} seconds")


def _pass_code(request: HttpRequest, code: str) -> tuple[object | None, str]:
    """The device that accepted a code, and what to say where none did. Wrong codes count as wrong passwords do."""
    if wait := _wait_in_words(request.user, code):
        return None, wait
    device = factors.accept_code(request.user, code)
    if device is None:
        lockout.count_wrong_code(request)
        return None, "This code is not right, or it was used before. Wait for the next one that your app shows."
    return device, ""


# --- The second step --------------------------------------------------------------------------------------


@for_signed_in
def second_step(request: HttpRequest) -> HttpResponse:
    """After the password: the code of the phone."""
    if sessions.next_door(request) != "second-step":
        return HttpResponseRedirect(_next(request))
    form = CodeForm(request.POST or None)
    if request.method == "POST" and not lockout.is_locked(request) and form.is_valid():
        device, problem = _pass_code(request, form.cleaned_data["code"])
        if device is not None:
            return _let_in(request, device)
        form.add_error("code", problem)
    return _page(request, "second_step", title="One more step", form=form, next=_next(request))


def _let_in(request: HttpRequest, device) -> HttpResponse:
    django_otp.login(request, device)
    request.session.cycle_key()
    sessions.confirm(request)
    lockout.LockoutHandler().user_is_through(request, request.user)
    if isinstance(device, StaticDevice):
        audit.record("recovery-code-used", request.user)
        left = factors.recovery_codes_left(request.user)
        messages.warning(request, f"You used a recovery code; {left} are left. Is your phone lost? Set up a new one.")
    else:
        audit.record("second-step", request.user)
    return HttpResponseRedirect(_next(request))


# --- The factor -------------------------------------------------------------------------------------------


@for_phone_holders_verified
def factor(request: HttpRequest) -> HttpResponse:
    """What somebody's second factor is, and what they can do about it."""
    return _page(
        request,
        "factor",
        title="Second factor",
        device=factors.device_of(request.user),
        codes_left=factors.recovery_codes_left(request.user),
        must_have=factors.must_have_factor(request.user),
    )


def asks_again(view: Callable) -> Callable:
    """A view that first asks for the password (and code) unless both were given within ten minutes.

    It asks at the view's own address. A form that was sent meanwhile is carried along, except for passwords, and goes
    on once they are given: nothing typed is lost.
    """

    @wraps(view)
    @sensitive_post_parameters()
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if sessions.is_confirmed(request):
            return view(request, *args, **kwargs)
        is_answer = request.method == "POST" and "confirm_then" in request.POST
        has_factor = factors.device_of(request.user) is not None
        form = ConfirmForm(request.POST if is_answer else None, has_factor=has_factor)
        if is_answer and not lockout.is_locked(request) and form.is_valid() and _is_them(request, form):
            sessions.confirm(request)
            request.session.cycle_key()
            audit.record("confirmed", request.user)
            if request.POST["confirm_then"] == "open":
                return HttpResponseRedirect(request.get_full_path())
            request.POST = _without_answer(request)
            return view(request, *args, **kwargs)
        carried = [
            (name, value)
            for name, values in (request.POST.lists() if request.method == "POST" else ())
            if not (name.startswith("confirm_") or name == "csrfmiddlewaretoken" or "password" in name)
            for value in values
        ]
        then = request.POST.get("confirm_then", "send") if request.method == "POST" else "open"
        return _page(request, "confirm", title="Your password once more", form=form, then=then, carried=carried)

    return wrapped


def _is_them(request: HttpRequest, form: ConfirmForm) -> bool:
    """Whether password and code are right; says what is wrong on the form, and counts it."""
    problem = ""
    code = form.cleaned_data.get("confirm_code", "")
    if form.fields.get("confirm_code") and (problem := _wait_in_words(request.user, code)):
        form.add_error("confirm_code", problem)
        return False
    if not request.user.check_password(form.cleaned_data["confirm_password"]):
        lockout.count_wrong_code(request)
        form.add_error("confirm_password", "This is not your password.")
        return False
    if "confirm_code" in form.fields:
        device, problem = _pass_code(request, form.cleaned_data["confirm_code"])
        if device is None:
            form.add_error("confirm_code", problem)
    return not problem


def _without_answer(request: HttpRequest):
    data = request.POST.copy()
    for name in [name for name in data if name.startswith("confirm_")]:
        del data[name]
    return data


@for_phone_holders_verified
@asks_again
def set_up(request: HttpRequest) -> HttpResponse:
    """The picture to scan, the secret to type, and the first code."""
    # The secret lies in this session alone until the first code: nobody else can be offered it.
    key = request.session.setdefault(KEY_IN_SESSION, factors.new_key())
    form = FirstCodeForm(request.POST if "code" in request.POST else None)
    if request.method == "POST" and form.is_bound and not lockout.is_locked(request) and form.is_valid():
        device = factors.take_phone(request.user, key, factors.tidy(form.cleaned_data["code"]))
        if device is not None:
            del request.session[KEY_IN_SESSION]
            django_otp.login(request, device)
            request.session.cycle_key()
            audit.record("factor-set-up", request.user)
            return _show_new_codes(request, is_new=True)
        lockout.count_wrong_code(request)
        form.add_error("code", "This code is not right. Type the six digits that the app shows now.")
    return _page(
        request,
        "set_up",
        title="Set up your second factor",
        form=form,
        offer=factors.Offer(request.user, key),
        must_have=factors.must_have_factor(request.user),
        has_phone=factors.device_of(request.user) is not None,
    )


def _show_new_codes(request: HttpRequest, is_new: bool = False) -> HttpResponse:
    codes = factors.make_recovery_codes(request.user)
    audit.record("recovery-codes-made", request.user)
    return _page(request, "recovery_codes", title="Your recovery codes", codes=codes, is_new=is_new)


@for_phone_holders_verified
@asks_again
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes, shown once."""
    if factors.device_of(request.user) is None:
        return redirect("admin:factor-set-up")
    if request.method == "POST":
        return _show_new_codes(request)
    return _page(request, "new_codes", title="New recovery codes", left=factors.recovery_codes_left(request.user))


@for_phone_holders_verified
@asks_again
def remove(request: HttpRequest) -> HttpResponse:
    """Do without a second factor; whoever must have one sets up another at once."""
    if factors.device_of(request.user) is None:
        return redirect("admin:factor")
    if request.method == "POST":
        factors.remove_factor(request.user)
        audit.record("factor-removed", request.user)
        request.session.cycle_key()
        messages.success(request, "Your second factor is removed, with its recovery codes.")
        return redirect("admin:factor")
    return _page(request, "remove", title="Remove your second factor", must_have=factors.must_have_factor(request.user))


def note_for_login(request: HttpRequest) -> str:
    """What the login page says while second factors are not asked for."""
    return "" if settings.SECOND_FACTOR else "Second factors are off: this site runs on your own machine."
