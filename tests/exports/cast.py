"""A corpus with spans of each state, overlaps, zones, metadata, and characters outside the basic plane."""

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.models import Export
from annotations.exports.queries.records import export_records
from annotations.exports.selection import Selection
from annotations.review.actions.stages import finish_many
from corpusapp.articles.models import Corpus
from tests import factories

ANY = Selection(stages=("any",))
ALL = Selection(states=("confirmed", "suggested", "rejected"), stages=("any",), chrome=True)
TEXT = "DAMASCUS, Sept 3 \U0001f54a - Zarif met Walid Muallem in Damascus.\nRead more: Assad"
SHORT = "Kharrazi left Tehran for Doha.\u2028He is back."


def make_desk() -> Corpus:
    """Two articles, the first with overlapping confirmed spans."""
    corpus = factories.make_corpus()
    spans = [
        [21, 26, "PERSON"],
        [31, 44, "PERSON"],
        [37, 56, "EVENT"],
        {"start": 48, "end": 56, "label": "GPE", "state": "rejected"},
    ]
    meta = {"desk": "foreign", "author": "N. N."}
    known = {"source": "SANA", "url": "https://example.org/1", "published_on": "2018-09-03", "external_id": "e-1"}
    zones = [[0, 18, "dateline"], [58, 74, "chrome"]]
    first = factories.make_article(corpus, TEXT, title="Visit", spans=spans, zones=zones, metadata=meta, **known)
    factories.suggest(first, (0, 8, "GPE"), score=0.75)
    factories.make_article(corpus, SHORT, external_id="e-2", spans=[[0, 8, "PERSON"]], source="IRNA", language="en")
    return corpus


def finish_all(corpus: Corpus) -> None:
    """Mark every article of the corpus done."""
    ids = list(corpus.articles.values_list("pk", flat=True))
    finish_many(user=factories.make_superuser(), corpus=corpus, article_ids=ids)


def held(corpus: Corpus) -> list[tuple]:
    """The contents of a corpus that formats can preserve: without ids, revisions and pipelines."""
    return [
        (
            record.text,
            record.external_id,
            record.title,
            dict(record.meta),
            record.zones,
            sorted((*span.triple, span.state, span.score) for span in record.spans),
        )
        for record in export_records(corpus, ALL)
    ]


def made(corpus: Corpus, form: str, selection: Selection = ALL, **options: bool) -> Export:
    """An export, ordered and made."""
    export = order_export(user=factories.make_superuser(), corpus=corpus, format=form, selection=selection, **options)
    make_export(export_id=export.pk)
    export.refresh_from_db()
    return export
