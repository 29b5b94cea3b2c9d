"""How a label was used: its confirmed spans in their contexts, and examples of them."""

from dataclasses import dataclass

from django.db.models import Count, F
from django.db.models.functions import Substr

from annotations.review.models import MAIN_LAYER, Label, Span, State
from annotations.review.queries.matches import context
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import NotFound

NEWEST = 400


@dataclass(frozen=True)
class Example:
    """A confirmed span with what stands around it, and how often its words were confirmed among the newest."""

    span: Span
    article: Article
    left: str
    text: str
    right: str
    count: int


def label_of(corpus: Corpus, name: str) -> Label:
    """The label of this name in a corpus that the caller has looked up for the user."""
    label = Label.objects.filter(corpus=corpus, name=name).first()
    if label is None:
        raise NotFound(f"the corpus {corpus.slug!r} has no label {name[:64]!r}")
    return label


def examples(label: Label, number: int = 12) -> list[Example]:
    """One confirmed span for each of the words that were confirmed most often among the newest 400: three queries."""
    rows = Span.objects.filter(label=label, corpus=label.corpus_id, layer=MAIN_LAYER, state=State.CONFIRMED)
    words = Substr("article__text", F("start") + 1, F("end") - F("start"))
    newest = rows.filter(article__withdrawn_at=None).order_by("-id").annotate(words=words).only("pk")[:NEWEST]
    found: dict[str, list[int]] = {}
    for span in newest:
        found.setdefault(span.words, []).append(span.pk)
    chosen = sorted(found.items(), key=lambda item: -len(item[1]))[:number]
    spans = Span.objects.select_related("article").in_bulk([pks[0] for _, pks in chosen])
    return [_example(spans[pks[0]], len(pks)) for _, pks in chosen if pks[0] in spans]


def state_counts(label: Label) -> dict[str, int]:
    """How many spans of the label stand in each state."""
    rows = Span.objects.filter(label=label, corpus=label.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    return dict(rows.values_list("state").annotate(n=Count("id")).order_by())


def _example(span: Span, count: int) -> Example:
    text = span.article.text
    left, right = context(text, span.start, span.end)
    return Example(span, span.article, left, text[span.start : span.end], right, count)


SHOWN = 3
_LOOKED_AT = 200


def examples_of(label: Label) -> list[Span]:
    """At most SHOWN of the label's newest confirmed spans, each of another article, with their articles."""
    spans = Span.objects.filter(corpus_id=label.corpus_id, label=label, state=State.CONFIRMED, layer=MAIN_LAYER)
    newest = spans.filter(article__withdrawn_at=None).order_by("-pk").values_list("pk", "article")[:_LOOKED_AT]
    first: dict[int, int] = {}
    for pk, article in newest:
        first.setdefault(article, pk)
    chosen = list(first.values())[:SHOWN]
    return list(Span.objects.filter(pk__in=chosen).select_related("article").order_by("-pk"))
