"""Restore a backup."""

from argparse import ArgumentParser
from contextlib import closing
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from corpusapp.backup.actions.restore import restore_backup
from corpusapp.core.command_errors import command_errors
from corpusapp.core.progress import ProgressLine
from corpusapp.embedded.signals import exit_by_hangup, exit_by_sigterm


class Command(BaseCommand):
    help = """Restore a backup into an empty home (CORPUSAPP_HOME) and an empty database, of the same or a newer major
        version of PostgreSQL. Restores everything or nothing."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="path of the archive or folder")
        parser.add_argument("--identity", type=Path, metavar="FILE", help="the private key of an encrypted backup")

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProgressLine(self.stderr, "MB")

        def report(name: str, size: int) -> None:
            line.say(f"{name}: {size // 10**6:,} MB", items=size // 10**6)

        # Run the cleanup that undoes everything, whatever signal ends this process.
        exit_by_sigterm()
        exit_by_hangup()
        with command_errors("check whether it runs, and restore again"), closing(line):
            found, todo = restore_backup(path=options["path"], identity=options["identity"], report=report)
        self.stdout.write(f"{options['path']} was restored into {settings.HOME.path}")
        self.stdout.write(f"content {found.sha256}")
        for task in todo:
            self.stdout.write(task)
