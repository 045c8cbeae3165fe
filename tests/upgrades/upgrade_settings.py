"""The settings of the tests, but that uploads are files: for a site of this release or of an earlier one."""

import os

from tests.settings import *  # noqa: F403
from tests.settings import STORAGES

STORAGES = {**STORAGES, "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"}}
MEDIA_ROOT = os.environ["MEDIA_ROOT"]
STATIC_ROOT = None
PG_BIN_DIR = os.environ.get("PG_BIN_DIR", "")
METRICS_TOKEN = ""
