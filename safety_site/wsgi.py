"""Entry point for gunicorn: ``gunicorn safety_site.wsgi``."""

import os
from contextlib import suppress
from pathlib import Path

import django
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponseBase
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safety_site.settings")
django.setup(set_prefix=False)

# What follows needs the settings.
from safety_site import just_changed, readiness, reading  # noqa: E402
from safety_site.mirror.folder import MirrorError  # noqa: E402
from safety_site.mirror.taking_down import take_down  # noqa: E402
from safety_site.page_store.disk import Disk, folder_of_site  # noqa: E402
from safety_site.page_store.door import ROUTE, Door  # noqa: E402
from safety_site.page_store.filler import Filler  # noqa: E402
from safety_site.page_store.memory import Memory  # noqa: E402
from safety_site.page_store.telling import Telling  # noqa: E402
from safety_site.watch import watch  # noqa: E402


class Utf8Request(WSGIRequest):
    """A request in UTF-8, whatever its header says: every form and address of ours is.

    Django would believe the header. Some of what Python calls a charset is none (Django then fails before any
    page of ours), and some makes text that no page can show.
    """

    @property
    def encoding(self) -> None:
        return None

    @encoding.setter
    def encoding(self, _said_by_the_header: str) -> None:
        pass


class Handler(WSGIHandler):
    request_class = Utf8Request

    def get_response(self, request: WSGIRequest) -> HttpResponseBase:
        response = super().get_response(request)
        if request.resolver_match:
            request.environ[ROUTE] = request.resolver_match.view_name
        return response


def after_a_change() -> list[str]:
    """What was taken down goes from the mirror too; what was approved last is made anew before all else."""
    with reading.as_thread():
        if settings.MIRROR_DIR:
            with suppress(MirrorError):  # an export that runs just now does it
                take_down(settings.MIRROR_DIR)
        return just_changed.addresses()


def with_page_store(handler: Handler) -> Door:
    """Finished pages before Django; the pages of editors and all forms pass by."""
    folder = folder_of_site(Path(settings.PAGE_STORE_DIR))
    door = Door(handler, Disk(folder), Memory(settings.PAGE_STORE_MB * 1_000_000), watch)
    door.keeps = settings.PAGE_STORE
    if settings.PAGE_STORE:
        readiness.add_check("page store", lambda: "cannot write to disk" if door.disk.has_problem() else "")
        readiness.add_keeper(lambda: bool(len(door.memory.pages)) or not door.disk.is_empty())
        if settings.PAGE_STORE_FILL:
            door.filler = Filler(door, after_a_change)
    Telling(door).begin()
    return door


# Every view and form hangs on the map of the site, which Django would load with the first page: before the workers
# are forked, so that they share the memory of it.
_ = get_resolver().url_patterns
application = with_page_store(Handler())
