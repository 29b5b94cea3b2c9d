"""Score linking against reviewed links. Does not use the database."""

import json
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from annotations.linkers.evaluation import UnfitGold, evaluate, read_gold


class Command(BaseCommand):
    help = "Link the mentions of reviewed articles from nothing, and score the links."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "gold",
            type=Path,
            help='a JSON Lines file of {"text", "spans": [[start, end, label], …], "entities": [[start, end, id], …]}',
        )
        parser.add_argument("--labels", default="", help="link and score only these labels, separated by commas")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        labels = [label.strip() for label in options["labels"].split(",") if label.strip()]
        try:
            evaluation = evaluate(read_gold(options["gold"]), labels)
        except UnfitGold as unfit:
            raise CommandError(str(unfit)) from unfit
        if not evaluation.mentions:
            raise CommandError(f"{options['gold']} has no scored mention with these labels: name others")
        result = evaluation.as_json()
        self.stdout.write(json.dumps(result) if options["json"] else _table(result))


def _table(result: dict[str, Any]) -> str:
    rows: list[tuple[str, ...]] = [("", "precision", "recall", "F1")]
    for name, title in _TITLES.items():
        rows.append((title, *_numbers(result[name])))
    for label, figures in result["labels"].items():
        rows.append((f"{label}, pairs across articles", *_numbers(figures["cross_article_pairs"])))
        rows.append((f"{label}, B³", *_numbers(figures["b3"])))
    width = max(len(row[0]) for row in rows)
    lines = [f"{first:<{width}}  {'  '.join(f'{cell:>9}' for cell in cells)}" for first, *cells in rows]
    about = f"{result['mentions']} mentions in {result['articles']} articles"
    return "\n".join([*lines, f"{about}, {result['mentions_per_second']:.0f} mentions linked a second"])


_TITLES = {
    "cross_article_pairs": "pairs across articles", "pairs": "pairs", "b3": "B³", "ceafe": "CEAFₑ",
}  # fmt: skip


def _numbers(ratio: dict[str, float]) -> list[str]:
    return [f"{ratio[name]:.4f}" for name in ("precision", "recall", "f1")]
