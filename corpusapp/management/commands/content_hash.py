"""Print a hash of all data."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.backup.actions.make import require_whole_home
from corpusapp.backup.snapshot import content_now
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """Print one SHA-256 of all data: every row in a fixed order, and every file. Leaves out sessions, jobs,
        caches and, by default, secrets. The same content always gives the same hash."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-secrets", action="store_true", help="include the secrets of webhooks")
        parser.add_argument("--json", action="store_true", help="also print the hash of each table and file")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("try again"):
            require_whole_home()
            found = content_now(secrets_too=options["with_secrets"])
        if options["json"]:
            parts = {"tables": dict(found.tables), "files": dict(found.files)}
            self.stdout.write(json.dumps({"content": found.sha256, **parts}, indent=1))
        else:
            self.stdout.write(found.sha256)
