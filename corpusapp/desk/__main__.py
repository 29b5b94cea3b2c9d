"""`python -m corpusapp.desk` is `manage.py run_desk`, with one line where the settings cannot be read."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import execute_from_command_line


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    try:
        execute_from_command_line(["manage.py", "run_desk", *sys.argv[1:]])
    except ImproperlyConfigured as error:
        sys.exit(f"corpusapp cannot start: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


if __name__ == "__main__":
    main()
