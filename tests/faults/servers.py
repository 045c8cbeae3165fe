"""The site as ``make run`` serves it, for tests that break what it stands on. Everything listens on loopback only."""

import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment(folder: Path, database_url: str, **more: str) -> dict[str, str]:
    """What ``make run`` would read from .env, and nothing of whoever runs the tests. A port of its own each time."""
    port = free_port()
    return {
        "PATH": os.environ["PATH"],
        "PORT": str(port),
        "SECRET_KEY": "only-for-tests-only-for-tests-only-for-tests-0123456789",
        "HTTPS_ONLY": "off",
        "DEBUG": "off",
        "ALLOWED_HOSTS": "127.0.0.1",
        "SITE_URL": f"http://127.0.0.1:{port}",
        "SITE_CONTACT": "mailto:editors@families.example",
        "QUICK_EXIT_URL": "https://www.bbc.co.uk/weather",
        "DATABASE_URL": database_url,
        "STATIC_ROOT": str(folder / "static"),
        "MEDIA_ROOT": str(folder / "media"),
        "PAGE_STORE_DIR": str(folder / f"page-store-{port}"),
        "WORKERS": "2",
        "SEARCH_PER_MINUTE": "1000000",  # all readers of a test have one address
        **more,
    }


def manage(*command: str, environment: dict[str, str]) -> str:
    """What ``manage.py`` prints; its failure is the test's."""
    done = subprocess.run(
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def ask(address: str, seconds: float = 5, data: bytes | None = None) -> tuple[int, dict[str, str], str]:
    """Status, headers (names in small letters) and words of one answer, whatever its status; follows redirects."""
    try:
        answer = urllib.request.urlopen(urllib.request.Request(address, data=data), timeout=seconds)
    except urllib.error.HTTPError as problem:
        answer = problem
    with answer:
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.status, headers, answer.read().decode()


def until(is_so, seconds: float, words: str, pause: float = 0.05) -> float:
    """Wait until something is so; returns how many seconds that took. Fails with these words when it takes longer."""
    began = time.monotonic()
    while True:
        with suppress(OSError):
            if is_so():
                return time.monotonic() - began
        assert time.monotonic() - began < seconds, f"not within {seconds} s: {words}"
        time.sleep(pause)


# CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH of Linux: with them, root writes to what is read-only.
ABOVE_PERMISSIONS = (1, 2)


def _heed_permissions() -> None:
    """For a process that is about to begin: as for any other user, what is read-only is read-only for root too."""
    if os.geteuid() == 0:
        library = ctypes.CDLL(None, use_errno=True)
        for capability in ABOVE_PERMISSIONS:
            library.prctl(24, capability, 0, 0, 0)  # PR_CAPBSET_DROP


@contextmanager
def served(environment: dict[str, str], log: Path | None = None) -> Iterator["Server"]:
    """gunicorn, from the moment that it answers; stopped in the end, by this process's own handle of it."""
    with (log or Path(os.devnull)).open("w") as lines:
        process = subprocess.Popen(
            [sys.executable, "-m", "gunicorn", "-c", "python:safety_site.server", "safety_site.wsgi"],
            cwd=ROOT,
            env=environment,
            stderr=lines,
            start_new_session=True,
            preexec_fn=_heed_permissions,
        )
        server = Server(f"http://127.0.0.1:{environment['PORT']}", process, int(environment["WORKERS"]))
        try:
            until(server.answers, 60, "the server answers")
            yield server
        finally:
            # At once: a gentle stop waits ten seconds for connections that readers keep.
            process.send_signal(signal.SIGINT)
            try:
                process.wait(15)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Server:
    """One running gunicorn."""

    def __init__(self, address: str, process: subprocess.Popen, number: int):
        self.address, self.process, self.number = address, process, number

    def answers(self) -> bool:
        assert self.process.poll() is None, "the server stopped before it answered"
        return ask(f"{self.address}/health/live")[0] == 200

    def renew_workers(self) -> None:
        """New worker processes beside the old ones, which take no new connections any more (HUP)."""
        before = set(self.workers())
        self.process.send_signal(signal.SIGHUP)
        until(lambda: len(set(self.workers()) - before) == self.number, 20, "new workers serve")

    def workers(self) -> list[int]:
        """The process ids of the workers, as the kernel tells them."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]
