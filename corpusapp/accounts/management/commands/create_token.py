"""Print a new REST token of a user."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import User
from corpusapp.refusals import Refusal


class Command(BaseCommand):
    help = "Make a REST token for a user and print it once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what the token is for")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['username']!r}: make one in the admin site")
        try:
            _, key = create_token(user=user, name=options["name"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(key)
