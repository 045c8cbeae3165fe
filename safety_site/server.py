"""Settings of gunicorn: ``gunicorn -c python:safety_site.server safety_site.wsgi``.

No access log, on purpose: which page was read, and from where, is written down nowhere. Kinds of pages are counted,
and requests that failed are written down by their kind alone: ``observing.py``.
"""

import os


def whole_number(name: str, default: int) -> int:
    word = os.environ.get(name, str(default))
    if not word.isdecimal() or int(word) < 1:
        raise SystemExit(f"This site cannot start. {name} must be a whole number from 1, not {word!r}.")
    return int(word)


bind = f"127.0.0.1:{whole_number('PORT', 8000)}"
workers = whole_number("WORKERS", 2)
threads = 4
worker_class = "safety_site.worker.PlainWorker"
# Load once, so that a bad setting stops the start with its own sentence instead of a worker's crash.
preload_app = True
accesslog = None
logger_class = "safety_site.gunicorn_log.GunicornLog"
loglevel = "warning"
timeout = 30
graceful_timeout = 10
# Longer request lines and headers are refused before they reach Django.
limit_request_line = 8190
max_requests = 20_000
max_requests_jitter = 2_000


def post_worker_init(worker):
    """Begin to watch the content before the first request comes."""
    start = getattr(worker.wsgi, "start", None)
    if start:
        start()
