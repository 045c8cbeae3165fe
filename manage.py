#!/usr/bin/env python
"""Django's command line for this site."""

import os
import sys

from django.core.management import execute_from_command_line

from safety_site.observing import observed_command

if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "safety_site.settings")
    with observed_command(sys.argv):
        execute_from_command_line(sys.argv)
