"""Create a backup of all data."""

import json
import os
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from corpusapp.backup import archive
from corpusapp.backup.actions.make import Backup, make_backup
from corpusapp.core.command_errors import command_errors
from corpusapp.core.progress import ProgressLine
from corpusapp.embedded.signals import exit_by_hangup, exit_by_sigterm


class Command(BaseCommand):
    help = """Write the database and all of its files into one archive, while corpusapp runs. Keep it safe: it contains
        all texts, and the hashes of passwords and tokens."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="path of the new archive, a tar file; - for stdout")
        parser.add_argument("--folder", action="store_true", help="write a folder instead of one file")
        parser.add_argument(
            "--recipient",
            default=settings.BACKUP_RECIPIENT,
            metavar="KEY",
            help="encrypt it for this public key, of age or SSH; default: BACKUP_RECIPIENT",
        )
        parser.add_argument(
            "--with-secrets",
            action="store_true",
            help="include the key that signs sessions and the secrets of webhooks",
        )
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        line = ProgressLine(self.stderr, "MB")

        def report(name: str, size: int) -> None:
            line.say(f"{size // 10**6:,} MB written", items=size // 10**6)

        # Run the cleanup that deletes an unfinished archive, whatever signal ends this process.
        exit_by_sigterm()
        exit_by_hangup()
        with command_errors("try again"), _broken_pipe_errors(), closing(line), _archive(options) as writer:
            backup = make_backup(writer=writer, with_secrets=options["with_secrets"], report=report)
        out = self.stderr if options["path"] == Path("-") else self.stdout
        self._report(out, backup, options)

    def _report(self, out: Any, backup: Backup, options: dict[str, Any]) -> None:
        if options["json"]:
            counts = {"bytes": backup.size, "tables": backup.tables, "files": backup.files}
            missing = {"missing": list(backup.missing)}
            out.write(json.dumps({"path": str(options["path"]), "content": backup.content, **counts, **missing}))
            return
        out.write(f"{options['path']}: {backup.tables} tables, {backup.files} files, {backup.size:,} bytes")
        out.write(f"content {backup.content}")
        for name in backup.missing:
            out.write(f"  {name} is in the database, but missing in {settings.HOME.path}")


@contextmanager
def _broken_pipe_errors() -> Iterator[None]:
    try:
        yield
    except BrokenPipeError as error:
        # At exit, Python would try to flush stdout, and print an error.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise CommandError("the program that receives the backup ended early: check why, and try again") from error


def _archive(options: dict[str, Any]) -> Any:
    recipient, path = options["recipient"], options["path"]
    if path == Path("-"):
        return archive.streaming(sys.stdout.buffer, recipient=recipient)
    return archive.writing(path.absolute(), recipient=recipient, folder=options["folder"])
