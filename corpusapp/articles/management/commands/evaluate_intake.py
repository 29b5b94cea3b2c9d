"""Score the intake on data with known results."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.intake.scoring import MeasuredPage, evaluate_chrome, measure_pages, total


class Command(BaseCommand):
    help = """Print precision, recall and F1: of main texts by 4-word shingles, averaged over pages; with --chrome, of
        boilerplate by characters, pooled over articles, with the running text lost."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", type=Path, help='JSONL of {"file", "url", "text"}, or of {"text", "chrome"}')
        parser.add_argument("--chrome", action="store_true", help="score the detection of boilerplate")
        parser.add_argument("--json", action="store_true", help="print only one JSON object")
        parser.add_argument("--pages", action="store_true", help="also list the pages, worst first")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            figures = self._figures(options)
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['list']}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name:20}{value:.4f}" if isinstance(value, float) else f"{name:20}{value}")

    def _figures(self, options: dict[str, Any]) -> dict[str, float]:
        if not options["chrome"]:
            return self._main_text(options["list"], show_pages=options["pages"] and not options["json"])
        figures = evaluate_chrome(_lines(options["list"]))
        if not figures.pop("articles"):
            raise ValueError("the list is empty: add at least one line")
        return figures

    def _main_text(self, source: Path, *, show_pages: bool) -> dict[str, float]:
        pages = list(measure_pages(source))
        score = total(pages)
        if show_pages:
            self._show(pages)
        return {"precision": score.precision, "recall": score.recall, "f1": score.f1}

    def _show(self, pages: list[MeasuredPage]) -> None:
        for page in sorted(pages, key=lambda page: page.match.score.f1):
            found = page.match
            counts = f"{found.superfluous} superfluous, {found.missing} missing"
            self.stdout.write(f"{found.score.f1:.3f}  {page.file}  {counts}  {page.refusal}".rstrip())
        self.stdout.write(f"{len(pages) / max(sum(page.seconds for page in pages), 1e-9):.1f} pages/s")


def _lines(source: Path) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file; raises ValueError with the line for an invalid one."""
    with source.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                yield _object(line, number)


def _object(line: str, number: int) -> dict[str, Any]:
    try:
        found = json.loads(line)
    except ValueError as error:
        raise ValueError(f"line {number} is not JSON: {error}") from error
    if not isinstance(found, dict):
        raise ValueError(f"line {number} must be an object")
    return found
