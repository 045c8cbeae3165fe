"""What does not work just now, in plain words, for ``/health/ready`` and whoever runs the site.

Each part of the site has a small check: a function that returns what is wrong in a few words, or "". More are added
with ``add_check``. Pages go out as long as a database answers, or finished pages are kept (``add_keeper``).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, Error, connections
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from modelsearch.backends import get_search_backend

from safety_site import mirror, reading
from safety_site.databases.health import health, with_patience
from safety_site.shared_counts import shared_counts

Check = Callable[[], str]

# A load balancer waits a second or so; several things may be silent at the same time.
PATIENCE_SECONDS = 0.3
OLD_MIRROR = timedelta(days=1)

_checks: dict[str, Check] = {}
_keepers: list[Callable[[], bool]] = []


def add_check(name: str, check: Check) -> None:
    """Ask a part of the site as well. ``check`` must answer within some tenths of a second, and holds no secrets."""
    _checks[name] = check


def add_keeper(has_pages: Callable[[], bool]) -> None:
    """Tell of something that holds finished pages, which go out without a database."""
    _keepers.append(has_pages)


@dataclass(frozen=True)
class Readiness:
    is_ready: bool  # whether pages go out
    degraded: tuple[str, ...]  # "part: what is wrong"

    @property
    def text(self) -> str:
        state = "ready" if not self.degraded else "degraded"
        return "\n".join([state if self.is_ready else "not ready", *self.degraded, ""])


def readiness() -> Readiness:
    """Ask everything now."""
    problems = {"database": _database()}
    if reading.has_replica():
        problems["replica"] = _replica()
    is_ready = not problems["database"] or problems.get("replica") == "" or any(has() for has in _keepers)
    if problems["database"] == MIGRATIONS_MISSING:
        is_ready = False
    problems |= {name: _asked(check) for name, check in (BUILT_IN | _checks).items()}
    return Readiness(is_ready, tuple(f"{name}: {problem}" for name, problem in problems.items() if problem))


def _asked(check: Check) -> str:
    try:
        return check()
    except Exception as problem:  # a check that is wrong itself must not take a machine out
        return f"its check failed ({type(problem).__name__})"


# --- Databases ----------------------------------------------------------------------------------------------

AWAY, MIGRATIONS_MISSING = "does not answer", "lacks migrations"
_wanted: set[tuple[str, str]] = set()


def _migrations() -> set[tuple[str, str]]:
    """Every migration of this release; read from its files once."""
    if not _wanted:
        _wanted.update(MigrationLoader(None).disk_migrations)
    return _wanted


def _database() -> str:
    try:
        with with_patience(PATIENCE_SECONDS):
            recorder = MigrationRecorder(connections[DEFAULT_DB_ALIAS])
            missing = _migrations() - set(recorder.migration_qs.values_list("app", "name"))
    except Error:
        return AWAY
    return MIGRATIONS_MISSING if missing else ""


def _replica() -> str:
    try:
        with with_patience(PATIENCE_SECONDS), connections[reading.REPLICA].cursor() as cursor:
            cursor.execute("SELECT 1")
    except Error:
        return AWAY
    reading.alias()
    return "behind" if reading.replica.is_behind and not health.is_away(DEFAULT_DB_ALIAS) else ""


# --- What else the site uses --------------------------------------------------------------------------------


def _limits() -> str:
    counts = shared_counts()
    is_gone = counts is not None and not counts.answers()
    return "Redis does not answer, counting in this process" if is_gone else ""


def _search() -> str:
    if "opensearch" not in settings.MODELSEARCH_BACKENDS:
        return ""
    is_there = get_search_backend("opensearch").es.ping(request_timeout=PATIENCE_SECONDS)
    return "" if is_there else "OpenSearch does not answer, the database is searched"


def _mirror() -> str:
    if not settings.MIRROR_DIR:
        return ""
    age = mirror.age()
    if age is None:
        return "there is none"
    return "older than a day" if age > OLD_MIRROR else ""


BUILT_IN: dict[str, Check] = {"limits": _limits, "search": _search, "mirror": _mirror}
