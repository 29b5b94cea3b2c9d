"""Print a new REST token of a user."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.accounts.actions.tokens import Scope, create_token
from corpusapp.accounts.models import User
from corpusapp.accounts.ports import find_corpus
from corpusapp.core.errors import Refusal


class Command(BaseCommand):
    help = "Make a REST token for a user and print it once; only its hash is kept."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--name", default="", help="what the token is for")
        parser.add_argument("--scope", default=Scope.MANAGE, choices=Scope.values, help="the most that it may do")
        parser.add_argument("--corpus", help="the slug of the one corpus that it opens; all by default")
        parser.add_argument("--days", type=int, help="how long it lasts; for ever by default")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["username"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['username']!r}: make one in the admin site")
        try:
            corpus = find_corpus(user, options["corpus"]) if options["corpus"] else None
            named = {name: options[name] for name in ("name", "scope", "days")}
            _, key = create_token(user=user, corpus=corpus, **named)
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        self.stdout.write(key)
