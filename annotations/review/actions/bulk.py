"""Apply verbs to many spans that were shown: for confirm all, apply to matches and the concordance.

A choice is left out, with the reason, if its span has changed or its range was taken since it was shown. No row changes
twice. All rows are read beforehand, in a fixed number of queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.review.actions.change_set import ChangeSet, Triple, article_stub, spans_at
from annotations.review.actions.choices import MAX_ID, ArticleChoice
from annotations.review.actions.decide import ChoiceApplier, target_triple
from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State, Verb
from annotations.review.queries.matches import OccupiedRanges
from corpusapp.core.errors import Conflict
from corpusapp.text.ranges import range_fault


class BulkDecision:
    """Choices in articles whose `reviews` are locked. `left_out` collects those not applied, with the reasons.

    With `suggestions_only`, decided spans are left out.
    """

    def __init__(
        self, labels: Mapping[str, Label], reviews: Mapping[int, Review], *, suggestions_only: bool = False
    ) -> None:
        self.labels, self.reviews, self.suggestions_only = labels, reviews, suggestions_only
        self.change_sets: dict[int, ChangeSet] = {}
        self.left_out: list[dict[str, Any]] = []

    def closed(self, article: int) -> str | None:
        """Why the article cannot be changed, or None."""
        if article in self.change_sets:
            return None
        review = self.reviews.get(article)
        if review is None:
            return f"there is no article {article} in this corpus: it may be withdrawn"
        return f"article {article} is done" if review.stage == Stage.DONE else None

    def read(self, choices: Sequence[ArticleChoice]) -> None:
        """Read the spans that choices name, the spans at their targets, and the occupied ranges around new spans."""
        open_choices = [item for item in choices if self.closed(item.article) is None]
        self.read_spans((item.article, item.choice.span) for item in open_choices)
        self.read_targets(open_choices)
        self.occupied = OccupiedRanges.of({item.article for item in open_choices if item.choice.verb == Verb.ADD})

    def read_spans(self, named: Iterable[tuple[int, int | None]]) -> list[Span]:
        """Read spans, given by article and id, into change sets, and create the change sets of their articles."""
        named = list(named)
        for pk, _ in named:
            if pk not in self.change_sets:
                review = self.reviews[pk]
                self.change_sets[pk] = ChangeSet(article_stub(pk, review.corpus_id, review.length))
        ids = [span for _, span in named if span is not None and 0 < span <= MAX_ID]
        rows = Span.objects.filter(pk__in=ids, layer=MAIN_LAYER) if ids else []
        found = [span for span in rows if span.article_id in self.change_sets]
        for span in found:
            self.change_sets[span.article_id].read([span])
        return found

    def read_targets(self, choices: Iterable[ArticleChoice]) -> None:
        """Read the spans that already have the targets of choices, in one query. Needs `read_spans` first."""
        targets = ((item.article, self._target(item)) for item in choices)
        for span in spans_at((article, target) for article, target in targets if target):
            self.change_sets[span.article_id].read([span])

    def apply(self, choices: Sequence[ArticleChoice], field: str = "decisions") -> list[Span]:
        """Apply the choices; the resulting spans, in order. `field` names the list in a refusal."""
        results = []
        for position, item in enumerate(choices):
            reason = self.closed(item.article) or self.obstacle(item)
            if reason is None:
                try:
                    results.append(self._applier(item, f"{field}[{position}]").apply(item.choice))
                except Conflict as conflict:
                    # The span already is as requested. Verbs refuse before they change anything.
                    reason = conflict.detail
            if reason:
                self.left_out.append({**item.location(), "reason": reason})
        return results

    def obstacle(self, item: ArticleChoice) -> str | None:
        """Why a choice cannot be applied, or None."""
        check = self._taken if item.choice.verb == Verb.ADD else self._changed
        return check(item) or self._target_changed(item)

    def _applier(self, item: ArticleChoice, field: str) -> ChoiceApplier:
        return ChoiceApplier(self.change_sets[item.article], self.labels, field)

    def _target(self, item: ArticleChoice) -> Triple | None:
        change_set = self.change_sets[item.article]
        return target_triple(item.choice, change_set, self.labels, change_set.article.length)

    def _changed(self, item: ArticleChoice) -> str | None:
        """Why a span is not as it was shown, or None."""
        change_set = self.change_sets[item.article]
        span = change_set.spans.get(item.choice.span or 0)
        if span is None:
            return f"article {item.article} has no span {item.choice.span}: it may no longer be suggested"
        if change_set.has_changed(span):
            return "this decision already changed it"
        if span.revision != item.choice.revision:
            return f"it has changed: revision {span.revision}, {span.state}"
        return f"it is already {span.state}" if self.suggestions_only and span.state != State.SUGGESTED else None

    def _taken(self, item: ArticleChoice) -> str | None:
        """Why a range is not free, or None. Marks a free range as occupied."""
        start, end, label = item.choice.start or 0, item.choice.end or 0, self.labels[item.choice.label or ""].pk
        if range_fault(start, end, self.change_sets[item.article].article.length):
            return None  # The verb refuses it.
        if reason := self.occupied.obstacle(item.article, start, end, label):
            return reason
        self.occupied.add(item.article, start, end)
        return None

    def _target_changed(self, item: ArticleChoice) -> str | None:
        """Why a choice cannot have its target, or None: this decision already changed the span there."""
        change_set, target = self.change_sets[item.article], self._target(item)
        existing = change_set.span_at(target) if target else None
        if existing and change_set.has_changed(existing):
            return "it would become a span that this decision also changed"
        return None
