"""First step of ``make run``: settings for this machine, made once and kept in ``.env``.

Runs before Django, which cannot start without a secret.
"""

import secrets
from pathlib import Path

ENV_FILE = Path(__file__).resolve().parent.parent / ".env"


def make_env(path: Path = ENV_FILE) -> bool:
    """Write ``.env`` with a fresh secret unless there is one. Only its owner may read it."""
    if path.exists():
        return False
    path.touch(mode=0o600)
    path.write_text(
        "# Made by make run for this machine. A site on the internet needs its own: see README.md.\n"
        f"SECRET_KEY={secrets.token_urlsafe(50)}\n"
        "HTTPS_ONLY=off\n",
        encoding="utf-8",
    )
    return True


if __name__ == "__main__":
    if make_env():
        print("Wrote .env with a new secret key.")
