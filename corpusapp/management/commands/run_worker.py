"""Run the jobs of the queue."""

import asyncio
import os
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from corpusapp.desk import worker
from corpusapp.embedded import server


class Command(BaseCommand):
    help = "Run background jobs until SIGINT or SIGTERM. Any number of workers may run, on any number of machines."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--queues", nargs="+", metavar="QUEUE", help="only these queues; every queue by default")
        parser.add_argument("--concurrency", type=int, default=1, help="jobs at a time (default: 1)")
        parser.add_argument("--until-idle", action="store_true", help="end when no job is left")

    def handle(self, *args: Any, **options: Any) -> None:
        if not asyncio.run(worker.work(options["queues"], options["concurrency"], options["until_idle"])):
            # The job's thread still runs, and Python would wait for it.
            server.leave_all()
            os._exit(0)
