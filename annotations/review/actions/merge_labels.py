"""Merge a label into another one: its spans get the other label, and it is hidden."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import transaction

from annotations.review.actions.change_set import ChangeSet, Triple, columns_of, rejected_remainder, spans_at
from annotations.review.actions.labels import lock_pair, set_hidden
from annotations.review.actions.opening import open_articles
from annotations.review.actions.recording import record_all
from annotations.review.models import MAIN_LAYER, Decision, Label, Span, State, Verb
from annotations.review.ports import holds_label
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# One transaction reads and writes them all: this many take about 15 seconds, and almost a gigabyte.
MAX_SPANS = 100_000


@dataclass(frozen=True)
class MergeResult:
    """`decision` is None if the label had nothing to relabel: showing it again is all that undoes the merge."""

    label: Label
    into: Label
    decision: Decision | None


@transaction.atomic
def merge_labels(*, user: "User", label: Label, into: Label) -> MergeResult:
    """Give the spans of `label` the label `into`, as one decision, and hide `label`. Done articles stay done.

    Confirmed spans are relabelled as by `relabel`. Suggested and rejected ones keep their state, so that no suggestion
    looks like a decision; where a span of `into` has the same range, it stands, and a suggestion of `label` goes.
    Spans in withdrawn articles keep `label`. Suggestions that come as `label` later are stored as `into`.

    Refuses: `NotAllowed`, `Invalid` (the same label, or one of another corpus), `Conflict` (`into` is hidden, or there
    are too many spans).
    """
    require(user, label.corpus, Role.MANAGER)
    if label.pk == into.pk:
        raise Invalid(f"{label.name!r} cannot be merged into itself: choose another label", field="into")
    if label.corpus_id != into.corpus_id:
        raise Invalid(f"{into.name!r} is a label of another corpus: choose one of {label.corpus.name}", field="into")
    label, into = lock_pair(label, into)
    if into.hidden:
        raise Conflict(f"{into.name!r} is hidden: show it first, or choose another label", field="into")
    decision = _relabel_all(user, label, into)
    set_hidden(user=user, label=label, into=into)
    return MergeResult(label, into, decision)


def _relabel_all(user: "User", label: Label, into: Label) -> Decision | None:
    spans = Span.objects.filter(corpus=label.corpus_id, label=label, layer=MAIN_LAYER, article__withdrawn_at=None)
    article_ids = list(spans.order_by("article").values_list("article", flat=True).distinct())
    opened = open_articles(label.corpus_id, article_ids)
    spans = spans.filter(article__in=list(opened.change_sets)).order_by("article", "start", "-end", "id")
    if (number := spans.count()) > MAX_SPANS:
        raise Conflict(
            f"{label.name!r} has {number} spans, and a merge changes {MAX_SPANS} at most: hide it instead", field="into"
        )
    rows = list(spans)
    for span in [*rows, *spans_at((row.article_id, Triple(row.start, row.end, into.pk)) for row in rows)]:
        opened.change_sets[span.article_id].read([span])
    for span in rows:
        _relabel(opened.change_sets[span.article_id], span, into)
    if not any(change_set.entries for change_set in opened.change_sets.values()) and not holds_label(label):
        return None
    return record_all(
        user, label.corpus_id, Verb.RELABEL, list(opened.change_sets.values()), merged_label=label, merged_into=into
    )


def _relabel(change_set: ChangeSet, span: Span, into: Label) -> None:
    existing = change_set.span_at(Triple(span.start, span.end, into.pk))
    if span.state != State.CONFIRMED:
        if existing is None:
            change_set.update(span, Verb.RELABEL, label_id=into.pk)
        elif span.state == State.SUGGESTED:
            change_set.remove(span, Verb.RELABEL)
        return
    if existing is None:
        before = columns_of(span)
        change_set.update(span, Verb.RELABEL, label_id=into.pk, score=None, pipeline_id=None)
        change_set.add(rejected_remainder(before), Verb.RELABEL, implicit=True)
        return
    change_set.confirm(existing, Verb.RELABEL)
    change_set.update(span, Verb.RELABEL, implicit=True, state=State.REJECTED)
