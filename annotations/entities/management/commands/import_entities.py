"""Import a list of entities from the command line."""

import json
from argparse import ArgumentParser
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from annotations.entities.actions.import_list import ListImport, import_list
from annotations.entities.queries.list_files import MAX_ENTITIES, read_list_file
from annotations.linkers.lists import FORMATS, EntityList
from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.permissions import find_corpus
from corpusapp.core.command_errors import command_errors
from corpusapp.core.errors import LeftOut

_QUOTED = 20


class Command(BaseCommand):
    help = """Import a list of entities into a corpus: CSV or TSV, JSON Lines, and SKOS in Turtle, RDF/XML, JSON-LD or
        N-Triples. Known entities gain what the list adds to them; importing a list again changes nothing."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("corpus", metavar="CORPUS", help="slug of the corpus")
        parser.add_argument("path", type=Path, metavar="FILE")
        parser.add_argument("--label", default="", metavar="LABEL", help="label of entities that name none")
        parser.add_argument("--format", choices=list(FORMATS), default="", help="default: by the name of the file")
        parser.add_argument("--scheme", default="", help="scheme of identifiers that name none; default: local")
        parser.add_argument(
            "--columns",
            action="append",
            default=[],
            metavar="COLUMN=MEANING",
            help="what a column means, such as --columns Titel=name --columns GND=identifier:gnd; repeatable",
        )
        parser.add_argument(
            "--partial", action="store_true", help="leave out what cannot be taken; default: all or none"
        )
        parser.add_argument("--preview", action="store_true", help="only say what would be done")
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        with command_errors("import the list again, it continues where it stopped"):
            try:
                outcomes = self._import(options)
            except LeftOut as refusal:
                self._list(refusal.left_out)
                raise
            except OSError as error:
                raise CommandError(f"{options['path']} cannot be read: {error.strerror or error}") from error
        self._report(outcomes, as_json=options["json"])

    @transaction.atomic
    def _import(self, options: dict[str, Any]) -> list[ListImport]:
        user = command_line_user()
        corpus = find_corpus(user, options["corpus"])
        listed = read_list_file(
            options["path"].read_bytes(), corpus=corpus, name=options["path"].name, format=options["format"],
            columns=_meanings(options["columns"]), scheme=options["scheme"], command=True,
        )  # fmt: skip
        return [
            import_list(
                user=user, corpus=corpus, listed=part, label=options["label"], all_or_none=not options["partial"],
                preview=options["preview"],
            )
            for part in _parts(listed)
        ]  # fmt: skip

    def _report(self, outcomes: Sequence[ListImport], *, as_json: bool) -> None:
        counts = {name: sum(getattr(one, name) for one in outcomes) for name in ("added", "updated", "unchanged")}
        left_out = [item for one in outcomes for item in one.left_out]
        if as_json:
            decisions = [one.decision.pk for one in outcomes if one.decision]
            about = {**counts, "left_out": left_out, "decisions": decisions}
            self.stdout.write(json.dumps(about, ensure_ascii=False))
            return
        self.stdout.write(", ".join(f"{count} {name}" for name, count in counts.items()))
        self._list(left_out)

    def _list(self, left_out: Sequence[dict[str, Any]]) -> None:
        for item in left_out[:_QUOTED]:
            place = f"line {item['line']}" if item["line"] else item["item"]
            self.stderr.write(f"  {place}: {item['field'] and item['field'] + ': '}{item['reason']}")
        if len(left_out) > _QUOTED:
            self.stderr.write(f"  and {len(left_out) - _QUOTED} more")


def _parts(listed: EntityList) -> list[EntityList]:
    """The list in parts, each of which becomes a decision."""
    starts = range(0, max(1, len(listed.entries)), MAX_ENTITIES)
    return [
        replace(listed, entries=listed.entries[at : at + MAX_ENTITIES], faults=[] if at else listed.faults)
        for at in starts
    ]


def _meanings(pairs: Sequence[str]) -> dict[str, str]:
    """{column: meaning}. The name of a column may contain an equals sign."""
    if wrong := next((pair for pair in pairs if not pair.rpartition("=")[0]), None):
        raise CommandError(f"--columns {wrong}: write COLUMN=MEANING, such as --columns Titel=name")
    return {column: meaning for column, _, meaning in (pair.rpartition("=") for pair in pairs)}
