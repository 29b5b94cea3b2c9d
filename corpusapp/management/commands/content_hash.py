"""Print one hash over all that the desk keeps."""

import json
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.backup.actions.make import require_whole_home
from corpusapp.backup.snapshot import content_now
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """Print one SHA-256 over all that is kept: every row in a fixed order, every file that rows name. Sessions,
        jobs, caches and, unless they are asked for, secrets are left out. Desks of the same content print the same."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-secrets", action="store_true", help="the secrets of webhooks too")
        parser.add_argument("--json", action="store_true", help="print the hashes of each table and file too")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("run it again"):
            require_whole_home()
            found = content_now(secrets_too=options["with_secrets"])
        if options["json"]:
            parts = {"tables": dict(found.tables), "files": dict(found.files)}
            self.stdout.write(json.dumps({"content": found.sha256, **parts}, indent=1))
        else:
            self.stdout.write(found.sha256)
