"""A page that was taken down goes from the mirror at once, not with the next export.

In its place stands the page for addresses that are none, until an export writes what the site says there now.
"""

from pathlib import Path

from safety_site import just_changed
from safety_site.mirror import addresses
from safety_site.mirror.asking import Site
from safety_site.mirror.folder import Folder


def take_down(path: str | Path) -> list[str]:
    """Take out of the mirror in a folder what was taken down since it was made. Returns the names of the files.

    Raises MirrorError while somebody else writes into the folder.
    """
    folder = Folder(path)
    if folder.contents() is None or not _gone(folder):
        return []
    with folder.locked():
        return take_out(folder)


def take_out(folder: Folder) -> list[str]:
    """The same, for who holds the lock of the folder."""
    gone, contents, shown = _gone(folder), folder.contents(), folder.shown()
    names = [
        name for name in (contents.files if gone else ()) if name.endswith(".html") and f"/{name}".startswith(gone)
    ]
    missing = (shown / addresses.file_of(addresses.MISSING)).read_bytes() if names else b""
    taken = [name for name in names if (shown / name).read_bytes() != missing]
    for name in taken:
        # A new file: the one that was there may be the same as in the mirror before.
        beside = shown / f"{name}.part"
        beside.write_bytes(missing)
        beside.replace(shown / name)
    return taken


def _gone(folder: Folder) -> tuple[str, ...]:
    """Paths of pages that were taken down since the mirror was made, and that the site does not show."""
    contents = folder.contents()
    paths = just_changed.taken_down_since(contents.made_at) if contents else []
    if not paths:
        return ()
    site = Site()
    # What is taken down may have no page of its own: the list on which it stood is still there.
    return tuple(path for path in dict.fromkeys(paths) if path.endswith("/") and site.ask(path).status != 200)
