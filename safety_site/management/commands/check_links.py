"""Ask for every outside address that readers can see, politely, and keep what came of it for the work list.

Stopped half-way, it goes on with the next run. Run it every night, from cron.
"""

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from safety_site.link_checks import Manners, NoNetwork, check_links, forget_unnamed, plan


class Command(BaseCommand):
    help = __doc__

    def add_arguments(self, parser):
        parser.add_argument("--fresh-hours", type=float, default=20, help="Skip what was asked since (default: 20).")
        parser.add_argument("--limit", type=int, help="Ask for so many addresses at most.")
        parser.add_argument("--only", default="", metavar="HOST", help="Ask this host only, for example gov.uk.")
        parser.add_argument("--pause", type=float, default=1.0, help="Seconds between two requests to one host.")

    def handle(self, *args, fresh_hours: float, limit: int | None, only: str, pause: float, **options):
        if fresh_hours < 0 or pause < 0 or (limit is not None and limit < 1):
            raise CommandError("--fresh-hours and --pause must be 0 or more, --limit 1 or more.")
        run = plan(fresh_hours, only, limit)
        # Quiet unless somebody watches.
        with tqdm(total=len(run.to_ask), unit="link", disable=None if options["verbosity"] else True) as bar:
            try:
                report = check_links(run.to_ask, Manners(pause=pause), lambda address: bar.update())
            except KeyboardInterrupt:
                raise CommandError("Stopped. What was asked is kept; run it again to go on.", returncode=130) from None
            except NoNetwork as problem:
                raise CommandError(f"{problem} Is this machine online? Nothing was kept.") from None
        if not only and limit is None:
            forget_unnamed()
        if options["verbosity"]:
            self.stdout.write(
                f"Asked for {report.asked} of {run.named} addresses: {report.works} work, {report.unsure} unsure, "
                f"{report.broken} broken, {report.refused} refused. {run.fresh} were asked a short while ago"
                + (f", {report.left_for_later} left for another day" if report.left_for_later else "")
                + (f", {run.too_long} too long to ask for" if run.too_long else "")
                + "."
            )
