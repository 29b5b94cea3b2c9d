"""Run the process in which followers of the change feed wait."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from corpusapp.desk import feed
from corpusapp.desk.address import Address


class Command(BaseCommand):
    help = "Let followers of the change feed wait, until SIGINT or SIGTERM. `make run` starts it, too."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=settings.FEED_PORT or 8001)

    def handle(self, *args: Any, **options: Any) -> None:
        feed.serve(Address(options["host"], options["port"]))
