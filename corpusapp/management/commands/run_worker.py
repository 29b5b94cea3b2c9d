"""Run background jobs."""

import asyncio
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.backup.actions.make import require_whole_home
from corpusapp.core.command_errors import command_errors
from corpusapp.desk import worker
from corpusapp.desk.memory import keep_giving_back


class Command(BaseCommand):
    help = "Run background jobs until SIGINT or SIGTERM. Any number of workers can run, on any number of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", nargs="+", metavar="QUEUE", help="only these queues, in parallel")
        parser.add_argument("--concurrency", type=int, default=1, help="parallel jobs per queue (default: 1)")
        parser.add_argument("--until-idle", action="store_true", help="stop when no jobs are left")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("try again"):
            require_whole_home()
        keep_giving_back()
        asyncio.run(worker.work(options["queues"], options["concurrency"], options["until_idle"]))
