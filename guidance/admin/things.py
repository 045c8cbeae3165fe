"""What the guidance has pages on: readers' answers go with a page that moves."""

from guidance.feedback import move_answers
from safety_site.admin_editions import ThingAdmin


class GuidanceThingAdmin(ThingAdmin):
    def moved(self, before, after) -> None:
        move_answers(before.get_absolute_url(), after.get_absolute_url())
