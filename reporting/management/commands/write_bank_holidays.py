"""``manage.py write_bank_holidays``: the table of bank holidays anew, after the package ``holidays`` was updated."""

import csv

from django.core.management.base import BaseCommand

from reporting import bank_holidays


class Command(BaseCommand):
    help = "Writes the bank holidays that the package “holidays” reckons into the table that the site reads."

    def handle(self, **_options):
        rows = bank_holidays.rows()
        with bank_holidays.TABLE.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(["nation", "day", "name"])
            writer.writerows(rows)
        years = bank_holidays.YEARS
        self.stdout.write(f"Bank holidays: {len(rows)} days of {years[0]} to {years[-1]} written down.")
