"""Settings of gunicorn: ``gunicorn -c python:safety_site.server safety_site.wsgi``.

No access log, on purpose: which page was read, and from where, is written down nowhere. Kinds of pages are counted,
and requests that failed are written down by their kind alone: ``observing.py``.
"""

import ctypes
import gc
import os
from contextlib import suppress


def whole_number(name: str, default: int) -> int:
    word = os.environ.get(name, str(default))
    if not word.isdecimal() or int(word) < 1:
        raise SystemExit(f"This site cannot start. {name} must be a whole number from 1, not {word!r}.")
    return int(word)


def address() -> str:
    """Where to listen: BIND, or PORT on this machine alone. A socket that systemd hands over goes before both."""
    word = os.environ.get("BIND", "")
    host, colon, port = word.rpartition(":")
    if word and not word.startswith("unix:/") and not (host and colon and port.isdecimal()):
        raise SystemExit(f"This site cannot start. BIND must be host:port or unix:/a/path, not {word!r}.")
    return word or f"127.0.0.1:{whole_number('PORT', 8000)}"


bind = address()
workers = whole_number("WORKERS", 2)
threads = whole_number("THREADS", 4)
worker_class = "safety_site.worker.PlainWorker"
# Load once, so that a bad setting stops the start with its own sentence instead of a worker's crash.
preload_app = True
accesslog = None
logger_class = "safety_site.gunicorn_log.GunicornLog"
loglevel = "warning"
timeout = 30
graceful_timeout = 10
# Longer than a proxy in front should keep a connection that it does not use (30 s at most; deploy/nginx keeps none):
# then it is the proxy that closes it, and never sends a request into one that was just closed here.
keepalive = 35
# What a proxy says of the visitor is believed by Django alone, as the settings have it (BEHIND_TLS_PROXY). gunicorn
# would believe a scheme, and even the path of the site, from anybody on this machine.
forwarded_allow_ips = ""
secure_scheme_headers = {}
forwarder_headers = ""
# Nobody steers this server but whoever may send it signals.
control_socket_disable = True
# Longer request lines and headers are refused before they reach Django.
limit_request_line = 8190
# Against leaks that nobody knows of. Not often: a kept page costs next to nothing, and a new worker holds none.
max_requests = 1_000_000
max_requests_jitter = 100_000


# glibc gives each thread a heap of its own, which keeps what the thread does not need any more: 5 to 10 MB a process.
M_ARENA_MAX = -8
# Rows and templates refer to each other in circles; looked for this often, they never pile up to megabytes.
GARBAGE = (700, 5, 5)

with suppress(OSError, AttributeError):  # another C library
    ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


def when_ready(server):
    """Before the workers are forked: what all of them need is loaded once, and stays in memory that they share."""
    gc.collect()
    # Not to be looked at by the garbage collector of a worker, which would copy every page of memory that it touches.
    gc.freeze()
    gc.set_threshold(*GARBAGE)


def post_worker_init(worker):
    """Begin to watch the content before the first request comes."""
    start = getattr(worker.wsgi, "start", None)
    if start:
        start()
