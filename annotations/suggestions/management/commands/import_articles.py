"""Import files and folders from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.suggestions.actions.wait_for_batch import wait_for_batch
from annotations.suggestions.queries.runs import Progress, batch_notices
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.actions.corpora import create_corpus
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.limits import limits
from corpusapp.articles.models import Corpus, ImportBatch, ImportProblem
from corpusapp.core.command_errors import command_errors
from corpusapp.core.progress import ByteCount, ProgressLine
from corpusapp.intake.columns import mapping_of
from corpusapp.intake.draft import LENGTHS, Draft, Failure
from corpusapp.intake.encoding.names import checked_encoding
from corpusapp.intake.files import digest_of, read_paths, size_of

Kind = ImportProblem.Kind


class Command(BaseCommand):
    help = """Import files or folders into a corpus, which is created if needed: text, HTML, JSON and JSON Lines, CSV
        and TSV, RSS and Atom, WARC, mail, PDF, DOCX, and .zip, .gz and .tar archives of these."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
        parser.add_argument("--corpus", required=True, metavar="SLUG")
        parser.add_argument("--source", default="", metavar="NAME", help="source of articles that name none")
        parser.add_argument(
            "--columns",
            action="append",
            default=[],
            metavar="THEIRS=OURS",
            help="map a column or key to a field of an article, such as --columns Schlagzeile=title; repeatable",
        )
        parser.add_argument(
            "--encoding",
            default="",
            metavar="NAME",
            help="encoding of files that declare none, such as cp1252 or mac_roman; default: detected and noted",
        )
        parser.add_argument("--add-labels", action="store_true", help="create labels that the corpus does not have")
        parser.add_argument("--done", action="store_true", help="mark articles with decided spans as done")
        parser.add_argument(
            "--upsert", action="store_true", help="replace the metadata of articles whose external id or URL is known"
        )
        parser.add_argument("--no-suggest", action="store_true", help="create no suggestions")
        parser.add_argument("--wait", action="store_true", help="wait until the import's suggestions are stored")
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")
        parser.add_argument("--list-duplicates", action="store_true", help="list duplicates with their articles")

    def handle(self, *args: Any, **options: Any) -> None:
        if len(options["source"]) > LENGTHS["source"]:
            raise CommandError(f"--source has more than {LENGTHS['source']} characters: shorten it")
        try:
            options["encoding"] = checked_encoding(options["encoding"])
        except ValueError as error:
            raise CommandError(f"--encoding: {error}") from error
        with command_errors("start the same import again, it continues where it stopped"):
            batch = self._import(options, _mapping(options["columns"]))
        suggestions = self._wait(batch) if options["wait"] else None
        self._report(batch, suggestions, as_json=options["json"], list_duplicates=options["list_duplicates"])

    def _import(self, options: dict[str, Any], mapping: dict[str, str]) -> ImportBatch:
        user, paths = command_line_user(), options["paths"]
        corpus = Corpus.objects.filter(slug=options["corpus"]).first()
        corpus = corpus or create_corpus(user=user, slug=options["corpus"])
        count = ByteCount()
        named = {"mapping": mapping, "encoding": options["encoding"]}
        items = read_paths(paths, limits=limits(), **named, open_file=count.open)
        how = [options["source"], sorted(mapping.items()), options["encoding"]]
        how += [options["add_labels"], options["no_suggest"], options["done"]]
        how += [options["upsert"]] if options["upsert"] else []
        line = ProgressLine(self.stderr, "items", total=size_of(paths))

        def show(batch: ImportBatch) -> None:
            counts = f"{batch.added} added, {batch.duplicates} duplicates, {batch.failed} failed"
            line.say(counts, items=batch.items, done=count.bytes)

        with closing(line):
            return import_articles(
                user=user,
                corpus=corpus,
                items=_with_source(items, options["source"]),
                origin=ImportBatch.Origin.COMMAND,
                add_labels=options["add_labels"],
                suggest=not options["no_suggest"],
                columns=mapping,
                encoding=options["encoding"],
                done=options["done"],
                upsert=options["upsert"],
                same=digest_of(paths, how),
                progress=show,
            )

    def _wait(self, batch: ImportBatch) -> Progress:
        line = ProgressLine(self.stderr, "articles")

        def show(progress: Progress) -> None:
            done = progress.done + progress.failed
            line.say(f"suggestions: {done} of {progress.total} articles", items=done)

        with closing(line):
            return wait_for_batch(batch.pk, show)

    def _report(
        self, batch: ImportBatch, suggestions: Progress | None, *, as_json: bool, list_duplicates: bool
    ) -> None:
        counts = {name: getattr(batch, name) for name in ("added", "duplicates", "changed", "failed")}
        if batch.options.get("upsert"):
            counts["updated"] = batch.updated
        problems = batch.problems.defer("data").order_by("id")
        reported = problems.exclude(kind=Kind.DUPLICATE)
        if as_json:
            rows = [_problem(problem) for problem in reported.iterator()]
            self.stdout.write(json.dumps({**counts, "problems": rows}, ensure_ascii=False))
        else:
            self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
            for problem in reported.iterator():
                self.stdout.write(f"  {problem}")
        if list_duplicates:
            self._list(problems.filter(kind=Kind.DUPLICATE).iterator())
        for article_id, error in suggestions.failures if suggestions else ():
            self.stderr.write(f"no suggestions for article {article_id}: {error}")
        for notice in batch_notices(batch.pk) if suggestions else ():
            self.stderr.write(f"{notice['text']} ({notice['count']} {notice['of']})")
        if batch.failed and not (batch.added or batch.duplicates or batch.updated):
            raise CommandError("nothing was imported: see the problems above")

    def _list(self, duplicates: Iterable[ImportProblem]) -> None:
        """List duplicates on stderr, so that stdout has only the object of --json."""
        for problem in duplicates:
            place = f"{problem.item}:{problem.line}" if problem.line else problem.item
            self.stderr.write(f"  {place} is a duplicate of article {problem.article_id}", style_func=str)


def _problem(problem: ImportProblem) -> dict[str, Any]:
    reason = f"{problem.field}: {problem.reason}" if problem.field else problem.reason
    return {"item": problem.item, "line": problem.line, "reason": reason}


def _mapping(pairs: Sequence[str]) -> dict[str, str]:
    try:
        return mapping_of(pairs)
    except ValueError as error:
        raise CommandError(f"--columns: {error}") from error


def _with_source(items: Iterable[Draft | Failure], source: str) -> Iterator[Draft | Failure]:
    for item in items:
        yield replace(item, source=source) if source and isinstance(item, Draft) and not item.source else item
