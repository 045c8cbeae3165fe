"""Runs of eight words of the texts that the content was written from, so that a copied sentence is noticed.

The texts themselves do not ship. ``source_runs.bin`` holds a digest of five bytes for each run of eight words,
sorted, and nothing else: no sentence can be read from it. Made from the facts files of 21 November 2026 (every string
of their YAML, the whole of their Markdown) with::

    python -m tests.guidance.source_runs FOLDER
"""

import re
import sys
from collections.abc import Iterator
from hashlib import blake2b
from html import unescape
from pathlib import Path

import yaml

RUNS_FILE = Path(__file__).with_name("source_runs.bin")
LENGTH = 8  # words
SIZE = 5  # bytes: among some 50,000 digests a chance hit is one in twenty million
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def words_of(text: str) -> list[str]:
    """Words as they are compared: no case, no tags, no addresses, one kind of apostrophe."""
    text = re.sub(r"https?://\S+", " ", re.sub(r"<[^>]+>", " ", text))
    return re.findall(r"[a-z0-9']+", unescape(text).lower().replace("’", "'"))


def runs_of(text: str) -> Iterator[str]:
    words = words_of(text)
    return (" ".join(words[start : start + LENGTH]) for start in range(len(words) - LENGTH + 1))


def digest(run: str) -> bytes:
    return blake2b(run.encode(), digest_size=SIZE).digest()


def strings_in(value) -> Iterator[str]:
    """Every string in a value of YAML, however deep; never a key."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from strings_in(part)


def texts_in(folder: Path) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        text = path.read_text(encoding="utf-8") if path.suffix in {".yaml", ".md"} else ""
        yield from strings_in(yaml.load(text, Loader)) if path.suffix == ".yaml" else [text]  # noqa: S506 (safe loader)


def write(folder: Path, to: Path = RUNS_FILE) -> int:
    """Make the file anew from the texts in ``folder``. Returns how many runs it holds."""
    digests = sorted({digest(run) for text in texts_in(folder) for run in runs_of(text)})
    to.write_bytes(b"".join(digests))
    return len(digests)


def read(path: Path = RUNS_FILE) -> frozenset[bytes]:
    data = path.read_bytes()
    return frozenset(data[start : start + SIZE] for start in range(0, len(data), SIZE))


if __name__ == "__main__":
    print(f"{write(Path(sys.argv[1])):,} runs written to {RUNS_FILE.name}")
