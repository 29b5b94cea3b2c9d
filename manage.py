#!/usr/bin/env python
"""Run a management command of corpusapp."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    from django.core.exceptions import ImproperlyConfigured
    from django.core.management import execute_from_command_line

    try:
        execute_from_command_line(sys.argv)
    except ImproperlyConfigured as error:
        # A setting that is wrong, or a data folder that cannot be used: one line is worth more than where it was read.
        sys.exit(f"{sys.argv[0]}: {error}")


if __name__ == "__main__":
    main()
