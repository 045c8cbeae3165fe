"""What both databases have in common: failures are told to ``health``, and what is away is not asked."""

from django.db import OperationalError
from django.db.utils import DatabaseErrorWrapper
from django.utils.functional import cached_property

from safety_site.databases.health import health


class _Telling(DatabaseErrorWrapper):
    """Django's translation of a driver's errors; every one of them comes past here."""

    def __exit__(self, kind, problem, traceback):
        if problem is not None and self.wrapper.is_away_by(problem):
            health.failed(self.wrapper.alias)
        super().__exit__(kind, problem, traceback)


class Watched:
    """To be mixed into a database wrapper of Django. Each thread has its own."""

    _is_trying = False

    def is_away_by(self, problem: BaseException) -> bool:
        """Whether this error of the driver means that the database is away."""
        raise NotImplementedError

    def probe(self) -> None:
        """One cheap query on the driver's connection."""
        raise NotImplementedError

    @cached_property
    def wrap_database_errors(self):
        return _Telling(self)

    def close_if_unusable_or_obsolete(self):
        """At the beginning and end of each request: Django would ask the database whether it commits by itself."""
        if health.is_away(self.alias) and not self.in_atomic_block:
            self.close()
        else:
            super().close_if_unusable_or_obsolete()

    def ensure_connection(self):
        if not health.is_away(self.alias) or self.in_atomic_block or self._is_trying:
            super().ensure_connection()
            return
        if not health.may_try(self.alias):
            raise OperationalError("This database did not answer a moment ago; it was not asked.")
        self._is_trying = True  # Django comes past here again while it connects
        try:
            self.close()
            super().ensure_connection()
            with self.wrap_database_errors:
                self.probe()
        finally:
            self._is_trying = False
        health.answered(self.alias)
