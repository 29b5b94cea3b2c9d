"""Score a suggester against reviewed articles. Does not use the database."""

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from annotations.suggesters.gold import GoldArticle, UnfitGold, read_gold, scored, scored_possible
from annotations.suggesters.http_client import ServiceFailed
from annotations.suggestions.pipelines.installed import SPACY

NEWS = "news"


class Command(BaseCommand):
    help = "Score suggestions against reviewed articles, by exact span and label."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("gold", type=Path, help='a JSON Lines file of {"text", "spans": [[start, end, label], …]}')
        parser.add_argument(
            "--labels", default="", help="only these labels, separated by commas; others are ignored on both sides"
        )
        parser.add_argument("--suggester", default=NEWS, help=f"{NEWS} (default), or a base such as spacy")
        parser.add_argument("--pipeline", default=settings.SPACY_PIPELINE, help="the base's option: a spaCy pipeline")
        parser.add_argument("--isolated", action="store_true", help="process each article without the others")
        parser.add_argument(
            "--after", type=int, default=0, metavar="N", help="learn from the first N articles, and score the rest"
        )
        parser.add_argument(
            "--no-training", action="store_true", help="with --after: learn names and weights, but train no model"
        )
        parser.add_argument("--service", default="", metavar="ADDRESS", help="URL of an extra service")
        parser.add_argument("--service-kind", default="plain", help="plain (default) or label-studio")
        parser.add_argument("--json", action="store_true", help="print one JSON object")

    def handle(self, **options: Any) -> None:
        gold = _gold(options["gold"])
        decided, gold = gold[: options["after"]], gold[options["after"] :]
        if options["after"] < 0 or not gold:
            raise CommandError(f"--after {options['after']} leaves no articles to score: use a smaller number")
        suggester, is_reader = _suggester(options["suggester"], options["pipeline"])
        labels = [label.strip() for label in options["labels"].split(",") if label.strip()]
        if options["service"]:
            suggester = _with_service(
                options, suggester, is_reader, labels or sorted({s[2] for a in gold for s in a.spans})
            )
        sources = [article.source for article in gold]
        started = time.perf_counter()
        try:
            as_corpus = is_reader and not options["isolated"]
            if as_corpus:
                pairs = suggester.propose_as_corpus(sources)
                proposals, possible = [found for found, _ in pairs], [others for _, others in pairs]
            else:
                proposals, possible = list(suggester.propose(sources)), None
        except ServiceFailed as failure:
            raise CommandError(f"the service at {options['service']} {failure}") from failure
        seconds = time.perf_counter() - started
        figures = scored(gold, proposals, labels)
        if possible is not None:
            figures["possible"] = scored_possible(gold, proposals, possible, labels)
        figures["words_per_second"] = round(sum(len(article.text.split()) for article in gold) / seconds)
        if decided:
            figures = {**_after(decided, gold, labels, is_reader, options), "without": figures}
        self.stdout.write(json.dumps(figures) if options["json"] else _table(figures))


def _after(
    decided: list[GoldArticle], rest: list[GoldArticle], labels: list[str], is_reader: bool, options: dict[str, Any]
) -> dict[str, Any]:
    """The scores on the rest after learning from the first articles, and facts about the learning."""
    from annotations.suggesters.training import TrainingImpossible
    from annotations.suggestions.pipelines.training import propose_after_learning

    if not is_reader and options["suggester"] != SPACY:
        raise CommandError(f"--after works only with {NEWS} and {SPACY}: set one with --suggester")
    training, started = not options["no_training"], time.perf_counter()
    try:
        found = propose_after_learning(options["pipeline"], decided, rest, labels, training=training, reading=is_reader)
    except TrainingImpossible as impossible:
        raise CommandError(str(impossible)) from impossible
    figures = scored(rest, found.proposals, labels)
    seconds = round(time.perf_counter() - started, 1)
    about: dict[str, Any] = {"after": len(decided), "epochs": found.epochs, "digest": found.digest, "seconds": seconds}
    about["model"] = found.reason
    return {**figures, "learned": about}


def _gold(path: Path) -> list[GoldArticle]:
    try:
        gold = list(read_gold(path))
    except (OSError, UnfitGold, UnicodeDecodeError) as error:
        raise CommandError(str(error)) from error
    if not gold:
        raise CommandError(f"{path} contains no articles: write one line with text and spans for each")
    return gold


def _suggester(name: str, pipeline: str) -> tuple[Any, bool]:
    from annotations.suggesters.registry import UnknownSuggester, installed
    from annotations.suggesters.spacy_ner import PipelineMissing
    from annotations.suggestions.pipelines.readers import news_reader

    registry = installed()
    try:
        if name == NEWS:
            return news_reader(registry.make("spacy", pipeline)), True
        return registry.make(name, pipeline), False
    except UnknownSuggester as unknown:
        raise CommandError(f"{unknown}, or {NEWS}, which uses spacy") from unknown
    except PipelineMissing as missing:
        raise CommandError(str(missing)) from missing


def _with_service(options: dict[str, Any], suggester: Any, is_reader: bool, labels: list[str]) -> Any:
    """The suggester with a service next to its base."""
    from annotations.suggesters.combined import Combined
    from annotations.suggestions.pipelines.services import service_at, service_error

    url, kind = options["service"], options["service_kind"]
    if error := service_error(url, kind):
        raise CommandError(error[1])
    if options["after"]:
        raise CommandError("--service and --after cannot be combined: leave one of them out")
    service = service_at(url, kind, labels)
    try:
        service.open()
    except ServiceFailed as failure:
        raise CommandError(f"the service at {url} {failure}") from failure
    return suggester.with_base(Combined(service, suggester.base)) if is_reader else Combined(service, suggester)


def _table(figures: dict[str, Any]) -> str:
    if "without" in figures:
        about = f"without learning from the first {figures['learned']['after']} articles"
        model = f"\nmodel: {figures['learned']['model']}" if figures["learned"]["model"] else ""
        return f"{_rows(figures)}{model}\n\n{about}:\n{_table(figures['without'])}"
    return f"{_rows(figures)}\n{_possible(figures)}{figures['words_per_second']} words/s"


def _possible(figures: dict[str, Any]) -> str:
    """A line about the possible spans, if there are any."""
    if not (found := figures.get("possible")):
        return ""
    return (
        f"possible spans: {found['for_each_proposal']:.2f} for each proposal, precision {found['precision']:.2f}, "
        f"{found['found']:.0%} of what is missed\n"
    )


def _rows(figures: dict[str, Any]) -> str:
    rows = [*figures["labels"].items(), ("micro", figures["micro"])]
    lines = [f"{'label':<12}{'precision':>10}{'recall':>10}{'F1':>10}"]
    lines += [f"{name:<12}{row['precision']:>10.4f}{row['recall']:>10.4f}{row['f1']:>10.4f}" for name, row in rows]
    return "\n".join(lines)
