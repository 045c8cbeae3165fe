"""The form for what readers say, filled in as a person does; for the tests of it."""

import re
from datetime import UTC, datetime, timedelta

import time_machine
from django.utils import timezone
from django.utils.html import strip_tags

from guidance import feedback
from guidance.models import Feedback

SAY = "/feedback/"
TALK = "/talk/"
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
URGENT = "A stranger from a game wants to meet my son."
State = Feedback.State


def words(response) -> str:
    main = re.search(r"<main .*?</main>", response.content.decode(), re.DOTALL)[0]
    return " ".join(strip_tags(main).split())


def heading(response) -> str:
    return strip_tags(re.findall(r"<h1>(.*?)</h1>", response.content.decode())[0])


def token_of(response) -> str:
    return re.search(r'name="token" value="([^"]+)"', response.content.decode())[1]


def send(client, comment: str = "", *, after: float = 60, page: str = TALK, **fields):
    """Fill in the form as a person does, so many seconds after it was made."""
    sent_at = timezone.now()
    with time_machine.travel(sent_at - timedelta(seconds=after), tick=False):
        token = feedback.new_token()
    with time_machine.travel(sent_at, tick=False):
        return client.post(SAY, {"page": page, "token": token, "comment": comment, "website": "", **fields})


def the_answer() -> Feedback:
    return Feedback.objects.get()


def vote(client, address: str = "192.0.2.1"):
    return client.post(SAY, {"page": TALK, "useful": "yes"}, REMOTE_ADDR=address)
