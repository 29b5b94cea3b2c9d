"""Measure how well the intake does on data whose true result is known."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from corpusapp.intake.html.evaluate import MeasuredPage, measure_pages, total


class Command(BaseCommand):
    help = "Print precision, recall and F1 of main texts over 4-word shingles, averaged over the pages of a list."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("list", type=Path, help='a JSONL file of {"file", "url", "text"}')
        parser.add_argument("--json", action="store_true", help="print one JSON object and nothing else")
        parser.add_argument("--pages", action="store_true", help="list the pages too, the worst first")

    def handle(self, *args: Any, **options: Any) -> None:
        measure = self._main_text
        try:
            figures = measure(options["list"], show_pages=options["pages"] and not options["json"])
        except (OSError, ValueError) as error:
            raise CommandError(f"{options['list']}: {error}") from error
        if options["json"]:
            self.stdout.write(json.dumps(figures))
            return
        for name, value in figures.items():
            self.stdout.write(f"{name:10}{value:.4f}")

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
