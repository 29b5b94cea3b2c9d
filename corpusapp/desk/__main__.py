"""`python -m corpusapp.desk` runs `manage.py run_desk`, with one line for an error that prevents the start."""

import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    try:
        django.setup()
        call_command("run_desk", *sys.argv[1:])
    except (ImproperlyConfigured, CommandError) as error:
        sys.exit(f"corpusapp cannot start: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
