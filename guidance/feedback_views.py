"""The one page on which readers answer us. It shows help before anything else where words read like a child at risk."""

import logging
from dataclasses import dataclass
from datetime import date

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from guidance import feedback
from guidance.models import Feedback, PageComments
from guidance.models.feedback import LONGEST_COMMENT
from safety_site.checks import Check
from safety_site.rate_limit import address_of
from safety_site.worries import Worry, read_worry

logger = logging.getLogger(__name__)

# The words of these pages stand in their templates; they were read against the code on this day.
WORDS_OF_THE_PAGE = Check(date(2026, 11, 22), "the site’s founding team", date(2027, 2, 22))

# So much of what was typed is read for a worry and given back to whoever typed it; enough for every real answer.
LONGEST_TYPED = 5 * LONGEST_COMMENT
# Nobody sees this box, so nobody fills it in; programs that fill in forms like its name.
TRAP = "website"


def _is_from_another_site(request: HttpRequest) -> bool:
    """Whether a browser says that a page of somebody else sent this form, perhaps without the visitor's will."""
    return request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site")


@dataclass(frozen=True)
class Answer:
    """What a visitor sent."""

    page: feedback.Page | None
    useful: str
    comment: str
    has_nul: bool
    worry: Worry
    token: str
    is_from_a_program: bool

    @property
    def is_long(self) -> bool:
        return len(self.comment) > LONGEST_COMMENT

    @classmethod
    def sent_with(cls, request: HttpRequest) -> "Answer":
        useful, typed = request.POST.get("useful", ""), request.POST.get("comment", "")
        comment = feedback.tidy(typed[:LONGEST_TYPED])
        return cls(
            page=feedback.page_at(request.POST.get("page", "")),
            useful=useful if useful in Feedback.Useful.values else "",
            comment=comment,
            has_nul="\0" in typed,
            worry=read_worry(comment),
            token=request.POST.get("token", ""),
            is_from_a_program=bool(request.POST.get(TRAP)) or _is_from_another_site(request),
        )


@dataclass(frozen=True)
class Refusal:
    """Why an answer was not kept, in words for whoever sent it."""

    status: int
    sentence: str
    may_send_again: bool = True
    is_about_words: bool = False  # what was typed is wrong, not only when or how often
    wait: int = 0  # seconds
    heading: str = "We could not take that"


NO_PAGE = Refusal(400, "We do not know which page you mean. Nothing was kept.", may_send_again=False)
CLOSED = Refusal(409, "Comments are closed on this page.", may_send_again=False)
ODD_CHARACTER = Refusal(
    400, "There was a character that we cannot read. We took it out. Please send your words again.", is_about_words=True
)
NOTHING_SAID = Refusal(422, "Choose yes or no, or write something.", is_about_words=True)
TOO_LONG = Refusal(422, f"Please write less. There is room for {LONGEST_COMMENT:,} characters.", is_about_words=True)
TOO_QUICK = Refusal(422, "That was quick, so we want to be sure that you are a person. Please send it again.")
NOT_KEPT = Refusal(
    503,
    "We could not keep what you wrote. This is our fault. Please copy your words and try again later.",
    may_send_again=False,
    heading="Your words were not kept",
)
NOT_COUNTED = Refusal(
    503,
    "We could not count your answer just now. This is our fault. The page that you were reading is not affected.",
    may_send_again=False,
    heading="Thank you for your answer",
)
NOT_NOW = Refusal(
    503, "We cannot take answers just now. Please try again later.", may_send_again=False, heading="Have your say"
)
TOO_OLD = Refusal(422, "This page was open for a long time. Your words are still here. Please send them again.")


def _too_often(seconds: int) -> Refusal:
    when = "in ten minutes" if seconds <= feedback.TEN_MINUTES else "tomorrow"
    sentence = f"Too many answers came from your internet connection. Yours is still here. Try again {when}."
    return Refusal(429, sentence, wait=seconds)


def _is_closed(page: feedback.Page) -> bool:
    return PageComments.objects.closed().filter(path=page.path).exists()


def _wrong_with_words(answer: Answer) -> Refusal | None:
    if answer.has_nul:
        return ODD_CHARACTER
    if not answer.comment:  # a vote comes straight from the page, without a token
        return None if answer.useful else NOTHING_SAID
    if len(answer.comment) > LONGEST_COMMENT:
        return TOO_LONG
    age = feedback.age_of(answer.token)
    if age is None or age > feedback.OLDEST:
        return TOO_OLD
    return TOO_QUICK if age < feedback.QUICKEST else None


def _refusal(request: HttpRequest, answer: Answer) -> Refusal | None:
    """Why this answer cannot be kept, if so."""
    if answer.page is None:
        return NO_PAGE
    if _is_closed(answer.page):
        return CLOSED
    # Whoever wrote of a child at risk is never asked to write it again.
    if not answer.worry and (wrong := _wrong_with_words(answer)):
        return wrong
    seconds = feedback.seconds_to_wait(address_of(request), timezone.now())
    return _too_often(seconds) if seconds else None


def _page(request: HttpRequest, template: str, refusal: Refusal | None = None, **context) -> HttpResponse:
    context = {
        "check": WORDS_OF_THE_PAGE,
        "refusal": refusal,
        "longest": f"{LONGEST_COMMENT:,}",
        "trap": TRAP,
        **context,
    }
    response = render(request, f"guidance/{template}.html", context, status=refusal.status if refusal else 200)
    if refusal and refusal.wait:
        response.headers["Retry-After"] = str(refusal.wait)
    return response


def _ask(request: HttpRequest) -> HttpResponse:
    if not request.GET.get("page"):
        return _page(request, "feedback_stopped")
    page = feedback.page_at(request.GET["page"])
    if page is None:
        return _page(request, "feedback_stopped", NO_PAGE)
    if _is_closed(page):
        return _page(request, "feedback_stopped", page=page, is_closed=True)
    return _page(request, "feedback", page=page, token=feedback.new_token())


def _answer(request: HttpRequest) -> HttpResponse:
    answer = Answer.sent_with(request)
    try:
        refusal = _refusal(request, answer)
        if refusal is None:
            feedback.keep(answer.page, answer.useful, answer.comment, answer.worry, answer.is_from_a_program)
    except DatabaseError as problem:
        logger.error("The words of a reader could not be kept: %s", type(problem).__name__)
        refusal = (
            NOT_KEPT if answer.comment else NOT_COUNTED
        )  # help must stand, and the words be there to copy, whatever the database does
    context = {"page": answer.page, "answer": answer}
    if answer.worry:
        return _page(request, "feedback_help", refusal, **context)
    if refusal and not refusal.may_send_again:
        return _page(request, "feedback_stopped", refusal, **context)
    # A form sent too quickly keeps the moment at which it was made: the second time is never too quick for ever.
    token = answer.token if refusal is TOO_QUICK else feedback.new_token()
    return _page(request, "feedback" if refusal else "feedback_thanks", refusal, token=token, **context)


def _without_database(request: HttpRequest) -> HttpResponse:
    """What was typed goes back to be copied. Nobody has read it for words of danger, so help stands first."""
    comment = feedback.tidy(request.POST.get("comment", "")[:LONGEST_TYPED])
    refusal = NOT_KEPT if comment else NOT_NOW
    if not comment and request.POST.get("useful") in Feedback.Useful.values:
        refusal = NOT_COUNTED
    path = (request.POST if request.method == "POST" else request.GET).get("page", "")
    context = {
        "answer": {"comment": comment},
        "is_unread": bool(comment),
        "back": path if feedback.takes_answers(path) else "",
    }
    return _page(request, "feedback_stopped", refusal, **context)


# Exempt: pages send no referrer, so browsers send "Origin: null"; there is no session that a forged form could
# use. What some other site sends in a visitor's name counts as spam, and against the same limit as their own.
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
@sensitive_post_parameters()
def say(request: HttpRequest) -> HttpResponse:
    """The form for one page; or the answer to what was sent. Answered in place: an address would tell what it was."""
    try:
        response = _answer(request) if request.method == "POST" else _ask(request)
    except DatabaseError as problem:
        logger.error("A reader could not be answered: %s", type(problem).__name__)
        response = _without_database(request)
    response.headers["X-Robots-Tag"] = "noindex"
    return response
