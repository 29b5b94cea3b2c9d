"""Cancel a waiting or running job."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.core import upkeep
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Cancel a waiting or running job. Prints what it had already stored, which stays."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=upkeep.kinds())
        parser.add_argument("id", help="ID as on the page and in REST; SLUG/NUMBER for a release")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            self.stdout.write(upkeep.cancel(command_line_user(), options["kind"], options["id"]))
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
