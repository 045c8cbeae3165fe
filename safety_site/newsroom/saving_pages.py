"""Keeping words that come without a session: every half minute, and when a session ended before a form was sent."""

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig, TooManyFieldsSent
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from safety_site.newsroom.auto_saves import KEY_FIELD, NotKept, keep, read_key


# Without Django's CSRF check, which fails with the session, and that is when keeping matters most. The form's own
# signed key takes its place: another site cannot know it, and it writes one private row of one editor.
@csrf_exempt
@require_POST
def keep_words(request: HttpRequest) -> JsonResponse:
    """The form of one editor as it stands now. Answers in words; they stand beside the form."""
    try:
        page = read_key(request.POST.get(KEY_FIELD, ""))
        if page is None:
            raise NotKept("Not kept: this page was open for too long. Press Save, or copy your words.", 403)
        kept = keep(page, request.POST)
    except (RequestDataTooBig, TooManyFieldsSent):
        return JsonResponse({"said": "Not kept: this form is too long. Save it in smaller pieces."}, status=413)
    except NotKept as problem:
        return JsonResponse({"said": problem.words}, status=problem.status)
    said = f"Kept at {timezone.localtime(kept.saved_at):%H:%M}"
    is_signed_in = request.user.is_authenticated and request.user.pk == page.user_id
    if not is_signed_in:
        said += ". You are signed out. Press Save, then sign in: your words are waiting for you."
    return JsonResponse({"said": said, "is_signed_in": is_signed_in})


def keep_what_was_sent(request: HttpRequest) -> bool:
    """Keep a form that cannot be saved, since its session or its token is not good any more; say so on the next page.

    False: it is no form whose words are kept.
    """
    page = read_key(request.POST.get(KEY_FIELD, ""))
    if page is None:
        return False
    try:
        keep(page, request.POST)
    except NotKept as problem:
        messages.error(request, problem.words)
    else:
        words = "Your words are kept, and not saved yet."
        if not request.user.is_authenticated:
            words += " Sign in: the page then offers them to you."
        messages.warning(request, words)
    return True
