"""Bring the database up to the code."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.backup.actions.upgrade import upgrade
from corpusapp.core.command_errors import command_errors


class Command(BaseCommand):
    help = """Bring the database up to date: what `migrate` does, once, whoever else starts at the same time, after a
        backup where there is anything to save. `run_desk` does it by itself."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--no-backup", action="store_true", help="make no backup before: there is another one")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("run it again"):
            saved = upgrade(say=self.stdout.write, backup=not options["no_backup"])
        self.stdout.write(
            f"The database is up to date; the backup before it: {saved}" if saved else "It is up to date."
        )
