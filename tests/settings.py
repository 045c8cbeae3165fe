"""Settings of the tests: the site's own, with nothing taken from the environment of whoever runs them.

pytest-django loads settings before any conftest, so what the tests need is here. The database is SQLite
unless tests/on_postgresql.py, which starts a real PostgreSQL, names another.
"""

import os

os.environ.update(
    SECRET_KEY="only-for-tests-only-for-tests-only-for-tests-0123456789",
    DEBUG="off",
    HTTPS_ONLY="off",
    ALLOWED_HOSTS="testserver,127.0.0.1,localhost",
    SITE_URL="https://families.example",
    SITE_CONTACT="mailto:editors@families.example",
    SECURITY_CONTACT="mailto:security@families.example",
    ADMIN_PATH="admin",
    QUICK_EXIT_URL="https://www.bbc.co.uk/weather",
    SEARCH_PER_MINUTE="100000",  # hundreds of judged questions come from one address
    CACHE_URL="",
    DATABASE_REPLICA_URL="",
    DATABASE_URL=os.environ.get("TEST_DATABASE_URL", "sqlite:///:memory:"),
)

from safety_site.settings import *  # noqa: F403

# Plain storage: the tests collect no static files. The sweep over the wire uses a real server instead.
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_AUTOREFRESH = True
WHITENOISE_USE_FINDERS = True
# Tests travel in time while somebody is signed in; how long that lasts is tried with the site's own values.
SESSION_COOKIE_AGE = SESSION_IDLE_SECONDS = 14 * 24 * 60 * 60
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
