"""Entry point for gunicorn: ``gunicorn safety_site.wsgi``."""

import os

import django
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safety_site.settings")
django.setup(set_prefix=False)


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


application = Handler()
