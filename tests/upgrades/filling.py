"""What stands in the database of a release beside its shipped content: run as a script, by that release's own code."""

from pathlib import Path

import django
import time_machine

time_machine.travel("2026-11-20T12:00:00Z", tick=False).start()
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.core.files.base import ContentFile  # noqa: E402
from django.core.files.storage import default_storage  # noqa: E402
from django.utils import timezone  # noqa: E402

from guidance.models import Feedback, Resource, Topic, TopicEdition  # noqa: E402
from reporting.shipped import load_authorities  # noqa: E402
from safety_site.management.commands.load_content import load_missing  # noqa: E402
from safety_site.search_sources import reindex  # noqa: E402

NAME, PASSWORD = "ed", "a-password-of-the-drill"
UPLOAD = "resources/0f8fad5bd9cb469fa16570867728950e.txt"

load_authorities()
load_missing()
editor = get_user_model().objects.create_superuser(NAME, password=PASSWORD)
now = timezone.now()
kept = {"state": "approved", "publish_at": now, "imported_from": "a test"}
TopicEdition.objects.create(
    topic=Topic.objects.create(slug="taken-down"), number=1, title="Taken down", is_withdrawal=True,
    withdrawal_reason="It said the same as another page.", withdrawal_instead="/topics/", **kept,
)  # fmt: skip
edition = TopicEdition.objects.create(
    topic=Topic.objects.create(slug="with-an-upload"), number=1, title="With an upload", summary="To read.",
    area="online", **kept,
)  # fmt: skip
default_storage.save(UPLOAD, ContentFile(b"What to say first.\n" * 400))
Resource.objects.create(
    edition=edition, position=1, kind="printable", title="A sheet", provider="Us", description="To print.", file=UPLOAD
)
TopicEdition.objects.create(
    topic=Topic.objects.get(slug="sending-nudes"), number=2, title="A draft that nobody sees", state="draft",
    author=editor, summary="Not yet.", area="online",
)  # fmt: skip
Feedback.objects.create(
    path="/topics/sending-nudes/", page_title="Sending nudes", comment="Original words.", state="published",
    public_words="We read it together.", reply="Thank you.", moderated_by=editor, moderated_at=now, sent_at=now,
)  # fmt: skip
reindex()
Path(settings.MEDIA_ROOT).mkdir(exist_ok=True)
