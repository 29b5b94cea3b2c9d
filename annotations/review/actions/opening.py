"""Open articles for a decision: lock their reviews, and read the spans and labels that its choices concern.

One statement for any number of articles. The database function `review_open` locks first, and reads what was committed
by then.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import DEFAULT_DB_ALIAS

from annotations.review.actions.change_set import ChangeSet, article_stub
from annotations.review.actions.choices import MAX_ID, Choice
from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage
from corpusapp.articles.models import Article, Corpus
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.core.prepared import planning_cursor

_HIDDEN = datetime.max
# The largest integer of PostgreSQL, which offsets are.
_MAX_OFFSET = 2**31 - 1


@dataclass(frozen=True)
class OpenArticles:
    """Reviews and change sets by article, and labels by name, as committed when the articles were locked.

    The change sets are in the order in which the articles were given, which will be that of the log.

    Withdrawn articles, those of other corpora and those that do not exist are missing, as are unknown labels.
    """

    reviews: Mapping[int, Review]
    change_sets: dict[int, ChangeSet]
    labels: Mapping[str, Label]

    def review(self, article: int) -> Review:
        """The review of an article; refuses one that is missing."""
        if article not in self.reviews:
            raise NotFound(f"there is no article {article} that you can see")
        return self.reviews[article]

    def check_labels(self, corpus: Corpus, wanted: Mapping[str, str]) -> None:
        """Refuse an unknown label. `wanted` maps each name to the field that the refusal names.

        Labels are read with the articles: if there is none of these, nothing is refused.
        """
        for name, field in wanted.items():
            if self.reviews and name not in self.labels:
                known = ", ".join(Label.objects.shown().filter(corpus=corpus).values_list("name", flat=True)[:40])
                raise Invalid(
                    f"the corpus {corpus.slug!r} has no label {name!r}: its labels are {known or 'none'}", field=field
                )


def require_open(review: Review) -> None:
    if review.stage == Stage.DONE:
        raise Conflict(f"article {review.article_id} is done: reopen it before you change its spans")


def open_articles(
    corpus_id: int,
    articles: Iterable[int],
    choices: Iterable[tuple[int, Choice]] = (),
    *,
    known: Article | None = None,
    label_names: Collection[str] = (),
    lock: bool = True,
    layer: str = MAIN_LAYER,
) -> OpenArticles:
    """Lock these articles until the transaction ends, in the order of their ids, and read what `choices` concern.

    That is, for each article and choice, the span that it names, and all spans at the range that it names, gives or has
    `seen`. `known` is an article that was read before, for its change set. Without `lock`, only reads.
    """
    articles = list(dict.fromkeys(articles))
    places = [place for article, choice in choices for place in _places(article, choice)]
    with planning_cursor() as cursor:
        cursor.execute(_OPEN, [articles, corpus_id, layer, json.dumps(places), list(label_names), lock])
        rows = cursor.fetchall()
    reviews: dict[int, Review] = {}
    change_sets: dict[int, ChangeSet] = {}
    for review_id, pk, length, stage, editor_id, started_at, _, *span in rows:
        if pk not in reviews:
            reviews[pk] = Review(review_id, corpus_id, pk, layer, stage, editor_id, started_at)
            reviews[pk].length = length
            article = known if known is not None and known.pk == pk else article_stub(pk, corpus_id, length)
            change_sets[pk] = ChangeSet(article)
        if span[0] is not None:
            change_sets[pk].read([_span(change_sets[pk].article, layer, span)])
    for place in places:
        if (change_set := change_sets.get(place["article"])) is not None:
            change_set.places_read |= _range(place, change_set)
    # Each row has the same labels: those that were asked for.
    labels = json.loads(rows[0][6] or "{}") if rows else {}
    in_order = {pk: change_sets[pk] for pk in articles if pk in change_sets}
    return OpenArticles(reviews, in_order, {name: _label(name, **found) for name, found in labels.items()})


def _label(name: str, id: int, hidden: bool) -> Label:
    """A label with the columns that verbs need; when it was hidden does not matter to them."""
    return Label(pk=id, name=name, hidden_at=_HIDDEN if hidden else None)


def _places(article: int, choice: Choice) -> Iterator[dict[str, Any]]:
    """Where a choice needs the spans of an article. Ids and offsets that no row can have are left out."""
    span, start, end = _stored(choice.span, MAX_ID), _stored(choice.start), _stored(choice.end)
    if span is not None or (start is not None and end is not None):
        yield {"article": article, "span": span, "start": start, "end": end}
    if choice.seen is not None:
        start, end = _stored(choice.seen.start), _stored(choice.seen.end)
        if start is not None and end is not None:
            yield {"article": article, "start": start, "end": end}


def _range(place: dict[str, Any], change_set: ChangeSet) -> set[tuple[int, int]]:
    """The range at which a place was read; none if it names a span that does not exist, and not its own range."""
    span = change_set.spans.get(place.get("span") or 0)
    start = place["start"] if place["start"] is not None or span is None else span.start
    end = place["end"] if place["end"] is not None or span is None else span.end
    return {(start, end)} if start is not None and end is not None else set()


def _stored(number: int | None, highest: int = _MAX_OFFSET) -> int | None:
    # Callers may pass what is no integer: the verb refuses it.
    return number if type(number) is int and 0 <= number <= highest else None


def _span(article: Article, layer: str, columns: Sequence[Any]) -> Span:
    """The span of a row, with its label and pipeline."""
    pk, start, end, label_id, label, state, score, pipeline_id, pipeline, version, revision = columns
    place = (pk, article.corpus_id, article.pk, article.length, layer, start, end, label_id)
    span = Span.from_db(DEFAULT_DB_ALIAS, _SPAN_FIELDS, (*place, state, score, pipeline_id, revision))
    span.label = Label(pk=label_id, name=label)
    if pipeline_id is not None:
        span.pipeline = _PIPELINE(pk=pipeline_id, name=pipeline, version=version)
    return span


def label_fields(choice: Choice, field: str) -> Iterator[tuple[str, str]]:
    """Each label name in a choice, with its field."""
    if choice.label:
        yield choice.label, f"{field}.label"
    if choice.seen:
        yield choice.seen.label, f"{field}.seen.label"


_SPAN_FIELDS = [field.attname for field in Span._meta.concrete_fields]
# The model of a higher app.
_PIPELINE: Any = Span._meta.get_field("pipeline").related_model
_OPEN = "SELECT * FROM review_open(%s::bigint[], %s, %s, %s::jsonb, %s::text[], %s)"
