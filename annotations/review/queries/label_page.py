"""How a label is used: counts of its spans, and confirmed examples in context."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, F, OuterRef
from django.db.models.functions import Substr

from annotations.review.models import MAIN_LAYER, Decision, Label, Review, Span, Stage, State, Verb
from annotations.review.queries.matches import context
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import NotFound

NEWEST = 400
SHOWN = 3
# Newest spans among which examples from different articles are looked for.
_CANDIDATES = 200


@dataclass(frozen=True)
class Example:
    """A confirmed span in context; `count` says how often its surface was confirmed among the newest spans."""

    span: Span
    article: Article
    left: str
    text: str
    right: str
    count: int


def get_label_by_name(corpus: Corpus, name: str) -> Label:
    """The label with this name. The caller has checked who may see the corpus."""
    label = Label.objects.filter(corpus=corpus, name=name).first()
    if label is None:
        raise NotFound(f"the corpus {corpus.slug!r} has no label {name[:64]!r}")
    return label


def frequent_examples(label: Label, number: int = 12) -> list[Example]:
    """Examples of the surfaces that are most frequent among the newest 400 confirmed spans: three queries."""
    rows = Span.objects.filter(label=label, corpus=label.corpus_id, layer=MAIN_LAYER, state=State.CONFIRMED)
    surface = Substr("article__text", F("start") + 1, F("end") - F("start"))
    newest = rows.filter(article__withdrawn_at=None).order_by("-id").annotate(words=surface)
    found: dict[str, list[int]] = {}
    for pk, words in newest.values_list("pk", "words")[:NEWEST]:
        found.setdefault(words, []).append(pk)
    chosen = sorted(found.items(), key=lambda item: -len(item[1]))[:number]
    spans = Span.objects.select_related("article").in_bulk([pks[0] for _, pks in chosen])
    return [_example(spans[pks[0]], len(pks)) for _, pks in chosen if pks[0] in spans]


def state_counts(label: Label) -> dict[str, int]:
    """Counts of the label's spans by state."""
    rows = Span.objects.filter(label=label, corpus=label.corpus_id, layer=MAIN_LAYER, article__withdrawn_at=None)
    return dict(rows.values_list("state").annotate(n=Count("id")).order_by())


@dataclass(frozen=True)
class LabelUsage:
    """What a change of a label touches: spans by state, and the articles with them, of which some are done.

    `withdrawn` spans are in withdrawn articles; `shared` ones have a span of another given label at the same range.
    """

    by_state: Mapping[str, int]
    articles: int
    done: int
    withdrawn: int
    shared: int = 0

    @property
    def spans(self) -> int:
        return sum(self.by_state.values())


def label_usage(label: Label, other: Label | None = None) -> LabelUsage:
    """What a change of a label touches; with `other`, a merge into that one."""
    every = Span.objects.filter(label=label, corpus=label.corpus_id, layer=MAIN_LAYER)
    spans = every.filter(article__withdrawn_at=None)
    articles = spans.order_by().values("article").distinct()
    reviews = Review.objects.filter(article__in=articles, layer=MAIN_LAYER)
    by_state = dict(spans.values_list("state").annotate(n=Count("id")).order_by())
    shared = 0
    if other is not None:
        same = {name: OuterRef(name) for name in ("article", "layer", "start", "end")}
        shared = spans.filter(Exists(Span.objects.filter(label=other, **same))).count()
    return LabelUsage(
        by_state={state: by_state.get(state, 0) for state in State.values},
        articles=articles.count(),
        done=reviews.filter(stage=Stage.DONE).count(),
        withdrawn=every.filter(article__withdrawn_at__isnull=False).count(),
        shared=shared,
    )


def label_counts(corpus: Corpus) -> dict[int, dict[str, int]]:
    """Counts of spans by label and state."""
    spans = Span.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__withdrawn_at=None)
    counts: dict[int, dict[str, int]] = {}
    for label, state, number in spans.values_list("label", "state").annotate(n=Count("id")).order_by():
        counts.setdefault(label, {})[state] = number
    return counts


def standing_merge(label: Label) -> Decision | None:
    """The decision that relabelled the spans of a merged label, if it can be undone."""
    merges = Decision.objects.filter(corpus=label.corpus_id, merged_label=label, undone_by=None)
    return merges.exclude(verb=Verb.UNDO).order_by("-pk").first()


def _example(span: Span, count: int) -> Example:
    text = span.article.text
    left, right = context(text, span.start, span.end)
    return Example(span, span.article, left, text[span.start : span.end], right, count)


def newest_examples(label: Label) -> list[Span]:
    """The newest confirmed spans of the label, each from another article, at most `SHOWN`."""
    spans = Span.objects.filter(corpus_id=label.corpus_id, label=label, state=State.CONFIRMED, layer=MAIN_LAYER)
    newest = spans.filter(article__withdrawn_at=None).order_by("-pk").values_list("pk", "article")[:_CANDIDATES]
    first: dict[int, int] = {}
    for pk, article in newest:
        first.setdefault(article, pk)
    chosen = list(first.values())[:SHOWN]
    return list(Span.objects.filter(pk__in=chosen).select_related("article").order_by("-pk"))
