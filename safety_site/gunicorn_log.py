"""gunicorn's own log, in lines like all others. It writes no access log: ``server.py`` says why."""

import logging

from gunicorn.glogging import Logger

from safety_site.log import JsonLines, line_of


class JsonFormatter(logging.Formatter):
    """For a file that somebody names as gunicorn's log."""

    def format(self, record: logging.LogRecord) -> str:
        return line_of(record)


class GunicornLog(Logger):
    def _set_handler(self, log: logging.Logger, output: str | None, fmt: logging.Formatter, stream=None) -> None:
        super()._set_handler(log, output, JsonFormatter(), stream)
        if output == "-":
            log.removeHandler(self._get_gunicorn_handler(log))
            ours = JsonLines()
            ours._gunicorn = True
            log.addHandler(ours)
