"""Update the database."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.backup.actions.upgrade import upgrade
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """Update the database: run `migrate` once, even if other processes start at the same time, after a backup if
        there is data. `run_desk` does this automatically."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-backup", action="store_true", help="create no backup first, if you have one")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("try again"):
            saved = upgrade(say=self.stdout.write, backup=not options["no_backup"])
        self.stdout.write(
            f"The database is up to date. Backup from before: {saved}" if saved else "The database is up to date."
        )
