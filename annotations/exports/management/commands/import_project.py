"""Import a project of another tool, on the command line."""

import json
import tempfile
import zipfile
from argparse import ArgumentParser
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any, BinaryIO

from django.core.management.base import BaseCommand, CommandError

from annotations.exports.actions.import_project import Imported, import_project
from annotations.formats.registry import formats
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.models import ImportBatch, ImportProblem
from corpusapp.core.command_errors import command_errors
from corpusapp.core.progress import ProgressLine
from corpusapp.intake.files import digest_of

_COUNTS = ("added", "duplicates", "changed", "failed")


class Command(BaseCommand):
    help = """Import a project of another tool: texts, spans, labels and states. Creates the corpus if needed, and
        reports what could not be imported."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path, metavar="PATH", help="an export of the tool, or a folder of its files")
        parser.add_argument("--corpus", required=True, metavar="SLUG")
        names = [form.name for form in formats.read()]
        parser.add_argument("--format", choices=names, default="", help="default: detected from the content")
        parser.add_argument(
            "--columns",
            action="append",
            default=[],
            metavar="COLUMN=MEANING",
            help="the word and tag columns of a CoNLL-like file, by number or name: --columns 2=word; to ignore a "
            "column: --columns 1=; repeatable",
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="encoding of CoNLL-like files, WebAnno TSV and brat texts, which declare none, such as cp1252; "
            "default: detected and noted",
        )
        parser.add_argument("--suggest", action="store_true", help="create suggestions for articles without any")
        parser.add_argument("--done", action="store_true", help="mark the articles as done")
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        path, line = options["path"], ProgressLine(self.stderr, "articles")

        def show(batch: ImportBatch) -> None:
            line.say(f"{batch.added} added, {batch.duplicates} duplicates, {batch.failed} failed", items=batch.items)

        choices = [options[name] for name in ("format", "columns", "encoding", "suggest", "done")]
        hint = "start the same import again, it continues where it stopped"
        try:
            with command_errors(hint), _opened(path) as source, closing(line):
                imported = import_project(
                    user=command_line_user(),
                    slug=options["corpus"],
                    source=source,
                    name=path.resolve().name,
                    format=options["format"],
                    columns=_meanings(options["columns"]),
                    encoding=options["encoding"],
                    suggest=options["suggest"],
                    done=options["done"],
                    same=digest_of([path], choices),
                    progress=show,
                )
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error.strerror or error}") from error
        self._report(imported, options["corpus"], as_json=options["json"])

    def _report(self, imported: Imported, slug: str, *, as_json: bool) -> None:
        batch, report = imported.batch, imported.report.as_dict()
        counts = {name: getattr(batch, name) for name in _COUNTS}
        problems = batch.problems.exclude(kind=ImportProblem.Kind.DUPLICATE).defer("data").order_by("id")
        if as_json:
            messages = [str(problem) for problem in problems.iterator()]
            about = {"corpus": slug, "format": imported.form.name, "made": imported.made, **counts}
            self.stdout.write(json.dumps({**about, "problems": messages, "report": report}, ensure_ascii=False))
        else:
            made = "created the corpus" if imported.made else "into the corpus"
            self.stdout.write(f"{imported.form.title}: {made} {slug}, {report['spans']} spans read")
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
            for problem in problems.iterator():
                self.stdout.write(f"  {problem}")
        if batch.failed and not (batch.added or batch.duplicates):
            raise CommandError("nothing was imported: see the problems above")


def _meanings(pairs: Sequence[str]) -> dict[str, str]:
    """{column: meaning}. The name of a column may contain an equals sign."""
    if wrong := next((pair for pair in pairs if not pair.rpartition("=")[0]), None):
        raise CommandError(f"--columns {wrong}: write COLUMN=MEANING, such as --columns 2=word")
    return {column: meaning for column, _, meaning in (pair.rpartition("=") for pair in pairs)}


@contextmanager
def _opened(path: Path) -> Iterator[BinaryIO]:
    """The file. A folder becomes an archive of its files, as brat and UIMA have it."""
    if not path.is_dir():
        with path.open("rb") as file:
            yield file
        return
    with tempfile.TemporaryFile() as packed:
        with zipfile.ZipFile(packed, "w") as archive:
            for member in sorted(path.rglob("*")):
                if member.is_file():
                    archive.write(member, member.relative_to(path).as_posix())
        packed.seek(0)
        yield packed
