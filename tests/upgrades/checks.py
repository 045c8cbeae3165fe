"""What an editor finds in a database that was put back: run as a script, writes JSON."""

import json
import sys
from pathlib import Path

import django

django.setup()

from auditlog.models import LogEntry  # noqa: E402
from django.contrib.auth import get_user_model  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import DatabaseError, transaction  # noqa: E402
from django.test import Client  # noqa: E402

from guidance.models import Resource, Topic, TopicEdition  # noqa: E402
from safety_site import content_version  # noqa: E402
from safety_site.models import ContentChange  # noqa: E402

NAME, PASSWORD = "ed", "a-password-of-the-drill"


def audit_list_refuses() -> bool:
    try:
        with transaction.atomic():
            LogEntry.objects.all()[:1].get().delete()
    except DatabaseError:
        return True
    return False


def change_is_seen() -> bool:
    before = content_version.read()
    Topic.objects.create(slug="made-after-the-restore").delete()
    return content_version.read().changes > before.changes


def found() -> dict:
    client = Client()
    upload = Resource.objects.get(title="A sheet")
    answer = client.get(f"/media/{upload.file.name}")
    told = {
        "sessions": Session.objects.count(),
        "draft": TopicEdition.objects.get(state="draft").title,
        "audit": sorted(LogEntry.objects.values_list("object_repr", flat=True)),
        "audit list refuses": audit_list_refuses(),
        "change is seen": change_is_seen(),
        "changes": ContentChange.objects.order_by("-pk").values_list("pk", flat=True)[0],
        "upload": [answer.status_code, b"".join(answer).decode()],
        "password": get_user_model().objects.get(username=NAME).check_password(PASSWORD),
    }
    signed_in = client.post("/admin/login/?next=/admin/", {"username": NAME, "password": PASSWORD})
    told["signed in"] = [signed_in.status_code, client.get("/admin/").status_code]
    return told


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(found()), encoding="utf-8")
