"""Create a REST token."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.accounts.actions.tokens import Scope, create_token
from corpusapp.accounts.models import User
from corpusapp.accounts.ports import find_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Create a REST token for a user and print it once. Only its hash is stored."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="name of the token, such as its purpose")
        parser.add_argument(
            "--scope", default=Scope.MANAGE, choices=Scope.values, help="what it is allowed to do at most"
        )
        parser.add_argument("--corpus", help="slug of the only corpus that it can access; default: all")
        parser.add_argument("--days", type=int, help="days until it expires; default: never")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['username']!r}: create one in the admin site")
        try:
            corpus = find_corpus(user, options["corpus"]) if options["corpus"] else None
            values = {name: options[name] for name in ("name", "scope", "days")}
            _, key = create_token(user=user, corpus=corpus, **values)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(key)
