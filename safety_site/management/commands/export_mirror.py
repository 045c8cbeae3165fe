"""``manage.py export_mirror DIR``: the public site as files for any web server."""

from pathlib import Path
from time import monotonic

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import Error
from tqdm import tqdm

from safety_site.mirror import put_banner
from safety_site.mirror.export import Counts, export
from safety_site.mirror.folder import Folder, MirrorError


class Command(BaseCommand):
    help = (
        "Write the whole public site as files that any web server can send, into DIR/current, for when application "
        "and database are gone. Say it again as often as you like: readers see the new copy in one step."
    )
    # A banner must go up while the database is down.
    requires_system_checks = []
    requires_migrations_checks = False

    def add_arguments(self, parser):
        parser.add_argument("folder", metavar="DIR", nargs="?", help="By default the one of the setting MIRROR_DIR.")
        parser.add_argument("--anew", action="store_true", help="Make every page anew, even if nothing changed.")
        either = parser.add_mutually_exclusive_group()
        either.add_argument(
            "--banner",
            metavar="FILE",
            help="Only put the words of a text file on every page of the copy that is there. Needs no database.",
        )
        either.add_argument("--no-banner", action="store_true", help="Only take such a banner away. Needs no database.")

    def handle(self, *, folder: str | None, anew: bool, banner: str | None, no_banner: bool, verbosity: int, **options):
        folder = folder or settings.MIRROR_DIR
        if not folder:
            raise CommandError("Name the folder of the mirror, or set MIRROR_DIR.")
        try:
            if banner or no_banner:
                said = self._put_banner(Folder(folder), banner)
            else:
                said = self._export(folder, anew, is_quiet=verbosity == 0)
        except (MirrorError, put_banner.BannerError) as problem:
            raise CommandError(str(problem)) from problem
        except Error as problem:
            raise CommandError("The mirror stays as it was: the database does not answer.") from problem
        except OSError as problem:
            raise CommandError(f"The mirror stays as it was: {problem.strerror or problem}.") from problem
        if verbosity:
            self.stdout.write(said)

    def _put_banner(self, folder: Folder, file: str | None) -> str:
        words = put_banner.read(Path(file)) if file else ""
        if folder.current.exists():
            with folder.locked():
                count = put_banner.put_on_mirror(folder.path, words)
        else:
            count = put_banner.put_on_mirror(folder.path, words)
        return f"The banner {'stands on' if words else 'is gone from'} {count} pages."

    def _export(self, folder: str, anew: bool, is_quiet: bool) -> str:
        began = monotonic()
        with tqdm(unit="page", disable=is_quiet or None, leave=False) as bar:

            def tell(done: int, of: int) -> None:
                bar.total = of
                bar.update(done - bar.n)

            counts = export(folder, anew, tell)
        return _in_words(counts, monotonic() - began)


def _in_words(counts: Counts, seconds: float) -> str:
    said = (
        f"{counts.files} files, {counts.size / 1e6:.1f} MB, in {seconds:.1f} s: {counts.as_before} as before, "
        f"{counts.changed} changed, {counts.new} new, {counts.gone} gone."
    )
    if counts.dead_links:
        said += f" Links that lead nowhere, on the site as well: {', '.join(sorted(counts.dead_links))}."
    return said
