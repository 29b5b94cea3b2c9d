"""Read the originals of a corpus again with the current readers."""

import json
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, field
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import QuerySet

from corpusapp.accounts.actions.command_line import command_line_user
from corpusapp.articles.actions.reread import NewReading, apply_reading, compare_reading
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.errors import Refusal
from corpusapp.core.progress import ProgressLine
from corpusapp.intake.versions import READERS

_PAGE, _PROGRESS_EVERY = 500, 100


@dataclass
class Report:
    """Numbers of articles: with another text, only with other zones, unchanged, and failed."""

    articles: int = 0
    other_text: int = 0
    other_zones: int = 0
    same: int = 0
    failed: int = 0
    applied: int = 0
    problems: list[dict[str, Any]] = field(default_factory=list)


class Command(BaseCommand):
    help = """Count the articles that reading their originals again would change; --apply changes them. A different text
        becomes a new version; different zones replace the current ones, including manual ones."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--corpus", required=True, metavar="SLUG")
        parser.add_argument("--apply", action="store_true", help="save the new readings")
        parser.add_argument("--all", action="store_true", help="include articles read by the current readers")
        parser.add_argument("--json", action="store_true", help="print one JSON object on stdout")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            corpus = get_corpus(command_line_user(), options["corpus"])
        except Refusal as refusal:
            raise CommandError(refusal.detail) from refusal
        report = self._read_all(_articles(corpus, everything=options["all"]), apply=options["apply"])
        if options["json"]:
            self.stdout.write(json.dumps(asdict(report), ensure_ascii=False))
            return
        changes = f"{report.other_text} with a new text, {report.other_zones} with new zones, {report.same} unchanged"
        self.stdout.write(f"{report.articles} read again: {changes}, {report.failed} failed; {report.applied} applied")
        for problem in report.problems:
            self.stdout.write(f"  article {problem['article']}: {problem['reason']}")

    def _read_all(self, articles: QuerySet[Article], *, apply: bool) -> Report:
        report, total = Report(), articles.count()
        line = ProgressLine(self.stderr, "articles", total=total)
        with closing(line):
            for article in _paged(articles):
                _read(article, report, apply=apply)
                if report.articles % _PROGRESS_EVERY == 0 or report.articles == total:
                    changed = report.other_text + report.other_zones
                    line.say(f"{changed} of {report.articles} changed", items=report.articles, done=report.articles)
        return report


def _articles(corpus: Corpus, *, everything: bool) -> QuerySet[Article]:
    """The newest versions with an original; only those of older readers, unless `everything`."""
    newest = Article.objects.filter(corpus=corpus, withdrawn_at=None, next=None, original__isnull=False)
    return newest if everything else newest.exclude(original__extractor=READERS)


def _paged(articles: QuerySet[Article]) -> Iterator[Article]:
    """The articles by id, without those imported meanwhile."""
    newest = articles.order_by("-pk").values_list("pk", flat=True).first() or 0
    last = 0
    while ids := list(articles.filter(pk__gt=last, pk__lte=newest).order_by("pk").values_list("pk", flat=True)[:_PAGE]):
        last = ids[-1]
        for pk in ids:
            yield Article.objects.select_related("corpus", "source", "batch").get(pk=pk)


def _read(article: Article, report: Report, *, apply: bool) -> None:
    user = command_line_user()
    report.articles += 1
    try:
        reading = compare_reading(user=user, article=article)
        _count(reading, report)
        if apply and not reading.same_zones:
            apply_reading(user=user, article=article)
            report.applied += 1
    except Refusal as refusal:
        report.failed += 1
        report.problems.append({"article": article.pk, "reason": refusal.detail})


def _count(reading: NewReading, report: Report) -> None:
    if not reading.same_text:
        report.other_text += 1
    elif not reading.same_zones:
        report.other_zones += 1
    else:
        report.same += 1
