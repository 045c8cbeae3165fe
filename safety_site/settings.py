"""The only settings file. It reads the environment through ``env`` and nowhere else.

Safe by default: DEBUG is off, there is no default secret, and a value that could harm a visitor (an exit
address that is not https, say) stops the start with one sentence that says what to set. README.md lists
every variable.
"""

import warnings
from datetime import timedelta
from pathlib import Path
from typing import NoReturn

import environ

from safety_site.quick_exit import ExitAddressError, checked_exit_url
from safety_site.security_policy import public_policy

BASE_DIR = Path(__file__).resolve().parent.parent

env = environ.Env()
env.read_env(BASE_DIR / ".env")


def stop(sentence: str) -> NoReturn:
    """Stop the start with one sentence that says what to set, without the stack trace of an exception."""
    raise SystemExit(f"This site cannot start. {sentence}")


def switch(name: str, default: bool) -> bool:
    """An on/off setting. A word that is neither stops the start: a typing mistake must not turn safety off."""
    word = env.str(name, default="on" if default else "off").strip().lower()
    if word not in ("on", "off", "true", "false", "yes", "no", "1", "0"):
        stop(f"{name} must be on or off, not {word!r}.")
    return word in ("on", "true", "yes", "1")


def whole_number(name: str, default: int) -> int:
    word = env.str(name, default=str(default)).strip()
    if not word.isdecimal() or int(word) < 1:
        stop(f"{name} must be a whole number from 1, not {word!r}.")
    return int(word)


# --- Safety ---------------------------------------------------------------------------------------------

DEBUG = switch("DEBUG", default=False)

SECRET_KEY = env.str("SECRET_KEY", default="")
if not SECRET_KEY:
    stop(
        "SECRET_KEY is not set: put a long random value in the environment or in .env, for example from "
        "python3 -c 'import secrets; print(secrets.token_urlsafe(50))' (make run does this for you)."
    )

ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["127.0.0.1", "localhost", "[::1]"])
# The public address of the site, without a closing slash; used in the sitemap and in security.txt.
SITE_URL = env.str("SITE_URL", default="http://127.0.0.1:8000").rstrip("/")
# Off only for a site that is tried on one's own machine, as make run does.
HTTPS_ONLY = switch("HTTPS_ONLY", default=True)

SECURE_SSL_REDIRECT = HTTPS_ONLY
# The load balancer asks for the health pages without TLS, and so does what gathers figures on the same machine.
SECURE_REDIRECT_EXEMPT = [r"^health/", r"^metrics$"]
SECURE_HSTS_SECONDS = 63_072_000 if HTTPS_ONLY else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS_ONLY
SECURE_HSTS_PRELOAD = HTTPS_ONLY
if switch("BEHIND_TLS_PROXY", default=False):
    # Only behind a proxy that sets this header itself and drops the visitor's.
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# How many proxies of our own stand in front: so many entries from the right of X-Forwarded-For were written by them.
TRUSTED_PROXIES = whole_number("TRUSTED_PROXIES", default=1)
if HTTPS_ONLY:
    # A browser takes a cookie of such a name only from this very host, over https, for every path of it: no other
    # host of a council's domain can plant one.
    SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = "__Host-sessionid", "__Host-csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS_ONLY
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Strict"
SECURE_REFERRER_POLICY = "no-referrer"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
# An editor is signed in for one working day at most, and is signed out after two hours without opening a page; both
# are held by safety_site/doors/sessions.py. The cookie goes with the window.
SESSION_COOKIE_AGE = 12 * 60 * 60
SESSION_IDLE_SECONDS = 2 * 60 * 60
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_FAILURE_VIEW = "safety_site.errors.csrf_failure"

# A form of an editor comes whole: ten kinds of parts, and texts of 1 MB, which a browser may send three times as long.
# What is longer gets a page that says so; auto-save.js says it before the form is sent, so that nothing is lost.
DATA_UPLOAD_MAX_MEMORY_SIZE = 6_000_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000

# --- Quick exit -----------------------------------------------------------------------------------------

# A plain weather page: common, dull, quick to load, and a reason to have a phone in one's hand.
try:
    QUICK_EXIT_URL = checked_exit_url(
        env.str("QUICK_EXIT_URL", default="https://www.bbc.co.uk/weather"),
        also_allowed=env.list("QUICK_EXIT_ALSO_ALLOWED_HOSTS", default=[]),
    )
except ExitAddressError as problem:
    stop(str(problem))

CONTENT_SECURITY_POLICY = {"DIRECTIVES": public_policy()}

# --- Database -------------------------------------------------------------------------------------------


def read_database(name: str, **default) -> dict:
    """The address of a database, as Django wants it."""
    with warnings.catch_warnings():
        # An address that django-environ cannot read makes it warn, guess or raise by kind of mistake; all stop here.
        warnings.simplefilter("error")
        try:
            return env.db_url(name, **default)
        except Exception:
            stop(f"{name} cannot be read: use postgres://user:password@host:5432/name, or leave it out.")


def on_postgresql(name: str, database: dict) -> dict:
    """With what every connection to PostgreSQL gets."""
    if not database.get("NAME"):
        stop(f"{name} names no database: use postgres://user:password@host:5432/name.")
    # Seconds to connect; the least that psycopg takes.
    return {
        **database,
        **KEPT,
        "ENGINE": ON_POSTGRESQL,
        "OPTIONS": {"connect_timeout": 2, **database.get("OPTIONS", {})},
    }


# Each thread keeps its connection, and looks before each request whether it still stands (safety_site/databases/).
KEPT = {"CONN_MAX_AGE": None, "CONN_HEALTH_CHECKS": True}
POSTGRESQL, ON_POSTGRESQL = "django.db.backends.postgresql", "safety_site.databases.postgresql"

database = read_database("DATABASE_URL", default=f"sqlite:///{BASE_DIR / 'db.sqlite3'}")
if database.get("ENGINE") == POSTGRESQL:
    database = on_postgresql("DATABASE_URL", database)
elif database.get("ENGINE") == "django.db.backends.sqlite3":
    database |= KEPT | {"ENGINE": "safety_site.databases.sqlite"}
    database["OPTIONS"] = {
        **database.get("OPTIONS", {}),
        # Readers go on while an editor saves; a second writer waits instead of failing.
        # A connection for each thread, each with half a megabyte of cache: the system has the file in memory too.
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL; PRAGMA cache_size=-500;",
        "transaction_mode": "IMMEDIATE",
        "timeout": 10,
    }
else:
    stop(
        "DATABASE_URL must name PostgreSQL (postgres://user:password@host:5432/name) or SQLite "
        "(sqlite:////path/to/file); leave it out for SQLite beside the code."
    )
DATABASES = {"default": database}
# A read replica of the same PostgreSQL, for readers' pages; what reads from which is in safety_site/reading.py.
if env.str("DATABASE_REPLICA_URL", default=""):
    copy = read_database("DATABASE_REPLICA_URL")
    if copy.get("ENGINE") != POSTGRESQL or database["ENGINE"] != ON_POSTGRESQL:
        stop("DATABASE_REPLICA_URL must name a PostgreSQL, and so must DATABASE_URL; leave it out without a replica.")
    DATABASES["replica"] = on_postgresql("DATABASE_REPLICA_URL", copy) | {"TEST": {"MIRROR": "default"}}
    DATABASE_ROUTERS = ["safety_site.reading.Router"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# Where pg_dump and pg_restore are, for manage.py backup; empty: on the PATH.
PG_BIN_DIR = env.str("PG_BIN_DIR", default="")

# --- Page store -----------------------------------------------------------------------------------------

# Finished pages are kept in the memory of each process and in a folder of this machine: safety_site/page_store/.
PAGE_STORE = switch("PAGE_STORE", default=True)
PAGE_STORE_DIR = env.str("PAGE_STORE_DIR", default=str(BASE_DIR / "page-store"))
# Megabytes of memory in each process; what has no room is read from the folder.
PAGE_STORE_MB = whole_number("PAGE_STORE_MB", default=16)
# One process of the machine makes every page anew after a change, also those that nobody asks for.
PAGE_STORE_FILL = switch("PAGE_STORE_FILL", default=True)

# --- Mirror ---------------------------------------------------------------------------------------------

# The folder that ``manage.py export_mirror`` writes into. Set it where a copy of the site is kept: then the editors'
# work list tells when that is too old.
MIRROR_DIR = env.str("MIRROR_DIR", default="")

# --- Cache ----------------------------------------------------------------------------------------------

# A Redis or Valkey in which all machines count together how often one address asks. Without it each process counts.
CACHE_URL = env.str("CACHE_URL", default="")
if CACHE_URL and not CACHE_URL.startswith(("redis://", "rediss://")):
    stop("CACHE_URL must be the address of a Redis or Valkey, for example rediss://:password@host:6379/0.")
# Searches that one address may make in a minute. A whole school may have one address, so it is generous.
SEARCH_PER_MINUTE = whole_number("SEARCH_PER_MINUTE", default=120)

# --- Search ---------------------------------------------------------------------------------------------

# The index is always kept in the site's own database. With SEARCH_URL it is kept in OpenSearch too and asked there
# first; when that does not answer, the database does.
MODELSEARCH_BACKENDS = {"default": {"BACKEND": "modelsearch.backends.database"}}
SEARCH_URL = env.str("SEARCH_URL", default="")
if SEARCH_URL:
    if not SEARCH_URL.startswith(("https://", "http://")):
        stop("SEARCH_URL must be the address of an OpenSearch server, for example https://user:password@host:9200.")
    MODELSEARCH_BACKENDS["opensearch"] = {
        "BACKEND": "modelsearch.backends.opensearch3",
        "URLS": [SEARCH_URL],
        "INDEX_PREFIX": "hearthside_",
        # A parent does not wait for a search server: after this many seconds the database answers.
        "TIMEOUT": 2,
    }

# --- Application ----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "guidance",
    "reporting",
    "safety_site",
    "safety_site.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.sitemaps",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django_prose_editor",
    "modelsearch",
    "import_export",
    "auditlog",
    "django_otp",
    "django_otp.plugins.otp_totp",
    "django_otp.plugins.otp_static",
    "axes",
    "csp",
]

# A public page reads neither session nor user, so none of these sets a cookie there (held by the sweep test).
MIDDLEWARE = [
    "safety_site.reading.Reading",
    "safety_site.middleware.private_responses",
    "csp.middleware.CSPMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "safety_site.figures_page.hidden",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "safety_site.middleware.plain_refusals",
    "safety_site.middleware.one_page",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "safety_site.urls"
WSGI_APPLICATION = "safety_site.wsgi.application"
# Where the editors log in; a less known address keeps the idle knocking out of the logs.
ADMIN_PATH = env.str("ADMIN_PATH", default="admin").strip("/")
if not ADMIN_PATH:
    stop("ADMIN_PATH is empty: name the path of the editors' pages, for example ADMIN_PATH=admin.")

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "safety_site.quick_exit.context",
            ],
        },
    },
]

AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "django.contrib.auth.backends.ModelBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
    {"NAME": "safety_site.doors.passwords.EasyToGuessValidator"},
    {"NAME": "safety_site.doors.passwords.BreachedPasswordValidator"},
]
# A file of breached passwords on this machine (Pwned Passwords by SHA-1, in order of hash); empty: none is asked.
BREACHED_PASSWORDS_FILE = env.str("BREACHED_PASSWORDS_FILE", default="")
if BREACHED_PASSWORDS_FILE and not Path(BREACHED_PASSWORDS_FILE).is_file():
    stop("BREACHED_PASSWORDS_FILE names no file: give the whole path of the list, or leave it out.")

# Whoever may approve, or change users, signs in with a code of their phone as well. Off only on one's own machine.
SECOND_FACTOR = switch("SECOND_FACTOR", default=HTTPS_ONLY)
OTP_TOTP_ISSUER = "Hearthside"
# The codes before and after the one of this half minute count too; the site learns no drift beyond that.
OTP_TOTP_SYNC = False

# Who is locked out, for how long and why is in safety_site/doors/lockout.py.
AXES_HANDLER = "safety_site.doors.lockout.LockoutHandler"
AXES_CLIENT_IP_CALLABLE = "safety_site.doors.lockout.client_address"
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_USERNAME_CALLABLE = "safety_site.errors.login_name"
AXES_LOCKOUT_CALLABLE = "safety_site.doors.lockout.locked_out"
AXES_ENABLE_ADMIN = False
AXES_VERBOSE = False

# --- Audit ----------------------------------------------------------------------------------------------

# Every model is audited unless it is named here: what the site counts or finds by itself, what says something about
# a reader, and words that an editor has not saved. More in safety_site/doors/audit.py.
AUDITLOG_INCLUDE_ALL_MODELS = True
AUDITLOG_EXCLUDE_TRACKING_MODELS = (
    "axes",
    "contenttypes",
    "sessions",
    "modelsearch",
    "auth.permission",
    "otp_static.statictoken",
    "guidance.feedbackday",
    "guidance.feedbacksender",
    "reporting.postcode",
    "reporting.outcode",
    "safety_site.autosave",
    "safety_site.contentchange",
    "safety_site.keptpart",
    "safety_site.waitingimport",
    "safety_site.linkcheck",
    "safety_site.searchentry",
    "safety_site.searchstem",
    "safety_site.searchword",
)
# What changes with each sign-in.
AUDITLOG_EXCLUDE_TRACKING_FIELDS = (
    "last_login", "last_t", "drift", "last_used_at", "throttling_failure_timestamp", "throttling_failure_count",
)  # fmt: skip
# That these changed is told, what they hold is not: passwords, secrets of phones, what readers wrote to us.
AUDITLOG_MASK_TRACKING_FIELDS = ("password", "key", "comment")
AUDITLOG_MASK_CALLABLE = "safety_site.doors.audit.masked"
AUDITLOG_DISABLE_REMOTE_ADDR = True
# Content that ships with the site is loaded raw: it has its own history, in the fixtures.
AUDITLOG_DISABLE_ON_RAW_SAVE = True
AUDITLOG_USE_BASE_MANAGER = True

LANGUAGE_CODE = "en-gb"
TIME_ZONE = "Europe/London"
USE_I18N = True
USE_TZ = True

# --- Static files ---------------------------------------------------------------------------------------

STATIC_URL = "static/"
# Where collectstatic puts the files that are served.
STATIC_ROOT = env.str("STATIC_ROOT", default=str(BASE_DIR / "staticfiles"))
STATICFILES_DIRS = [BASE_DIR / "static"]
STORAGES = {
    # The site sends uploads itself, so that nobody else need read them. Not by FILE_UPLOAD_PERMISSIONS, which collected
    # static files would get as well: those nginx sends.
    "default": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"file_permissions_mode": 0o600, "directory_permissions_mode": 0o700},
    },
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
# Where uploads are kept: on a server, outside the code, and in its backups.
MEDIA_ROOT = env.str("MEDIA_ROOT", default=str(BASE_DIR / "media"))
MEDIA_URL = "media/"

# --- Logging --------------------------------------------------------------------------------------------

# Requests are counted by kind of page. Written down one by one are those that failed or were slow ("problems"), none
# ("off") or all ("on"); never which page, nor who asked. More in safety_site/observing.py.
LOG_REQUESTS = env.str("LOG_REQUESTS", default="problems").strip().lower()
if LOG_REQUESTS not in ("off", "problems", "on"):
    stop(f"LOG_REQUESTS must be off, problems or on, not {LOG_REQUESTS!r}.")

# Figures for Prometheus stand under /metrics for whoever sends this as a bearer token; nobody can ask if it is empty.
METRICS_TOKEN = env.str("METRICS_TOKEN", default="")
if METRICS_TOKEN and not (len(METRICS_TOKEN) >= 24 and METRICS_TOKEN.isascii() and METRICS_TOKEN.isprintable()):
    stop("METRICS_TOKEN must be a long random word of 24 letters and digits or more, or left out.")
# Where the processes of this machine leave their figures for each other.
METRICS_DIR = env.str("METRICS_DIR", default=str(BASE_DIR / "metrics"))

# Errors go to standard error, as lines of JSON. No line holds an address asked for or who asked: django.request would
# write the path of every 404, which tells what a visitor was looking for. See safety_site/log.py.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {
        "console": {"class": "safety_site.log.JsonLines"},
        "failures": {"class": "safety_site.log.JsonLines", "level": "ERROR"},
        "nowhere": {"class": "logging.NullHandler"},
    },
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "WARNING", "propagate": False},
        "django.request": {"handlers": ["failures"], "propagate": False},
        "django.security": {"handlers": ["nowhere"], "propagate": False},
    },
}

# --- Email ----------------------------------------------------------------------------------------------

# Only ``manage.py review_due --email`` sends any, to editors. Without an address of a server, nothing does.
EMAIL_URL = env.str("EMAIL_URL", default="")
DEFAULT_FROM_EMAIL = env.str("DEFAULT_FROM_EMAIL", default="")
# Who is written to about pages without an owner.
REVIEW_EMAIL = env.str("REVIEW_EMAIL", default="")
EMAIL_TIMEOUT = 20
EMAIL_BACKEND = "django.core.mail.backends.dummy.EmailBackend"
if EMAIL_URL:
    try:
        vars().update(env.email_url("EMAIL_URL"))
    except Exception:
        stop("EMAIL_URL cannot be read: use smtp+tls://user:password@host:587, or leave it out to send no mail.")
    if "@" not in DEFAULT_FROM_EMAIL:
        stop("EMAIL_URL is set, so DEFAULT_FROM_EMAIL must be the address that mail comes from.")
for name, value in (("DEFAULT_FROM_EMAIL", DEFAULT_FROM_EMAIL), ("REVIEW_EMAIL", REVIEW_EMAIL)):
    if value and ("@" not in value or not value.isprintable()):
        stop(f"{name} must be an email address, not {value!r}.")

# --- Open data ------------------------------------------------------------------------------------------

# Requests that one address may make to the feed and the CSV in a minute; more get 429.
OPEN_DATA_PER_MINUTE = whole_number("OPEN_DATA_PER_MINUTE", default=120)

# --- Contact --------------------------------------------------------------------------------------------

# How readers reach the people who run this copy of the site: https://… or mailto:…; shown on /about/.
SITE_CONTACT = env.str("SITE_CONTACT", default="")
# Whom to tell of a weakness, for /.well-known/security.txt.
SECURITY_CONTACT = env.str("SECURITY_CONTACT", default=f"{SITE_URL}/about/#contact")
