"""Verbs on many spans, each as it was shown: one engine for confirm all, apply to matches and the concordance.

A choice is carried out where its span is still as it was shown, and its place still free; what changed since is left
out, with the reason. No row changes twice, and what was read before anything changes costs a fixed number of queries.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from annotations.review.actions.change_set import ChangeSet, article_stub, holders
from annotations.review.actions.choices import MAX_ID, Placed
from annotations.review.actions.decide import Application, target_of
from annotations.review.models import MAIN_LAYER, Label, Review, Span, Stage, State, Verb
from annotations.review.queries.matches import Surroundings
from corpusapp.core.errors import Conflict
from corpusapp.text.ranges import range_fault


class BulkDecision:
    """Choices over articles whose `reviews` are locked; `left_out` collects what is not carried out, and why.

    With `suggestions_only`, spans that anybody has decided are left out.
    """

    def __init__(
        self, labels: Mapping[str, Label], reviews: Mapping[int, Review], *, suggestions_only: bool = False
    ) -> None:
        self.labels, self.reviews, self.suggestions_only = labels, reviews, suggestions_only
        self.change_sets: dict[int, ChangeSet] = {}
        self.left_out: list[dict[str, Any]] = []

    def closed(self, article: int) -> str | None:
        """Why nothing may change in the article; None where it may."""
        if article in self.change_sets:
            return None
        review = self.reviews.get(article)
        if review is None:
            return f"there is no article {article} in this corpus: it may be withdrawn"
        return f"article {article} is done" if review.stage == Stage.DONE else None

    def read(self, choices: Sequence[Placed]) -> None:
        """Read the spans that choices name, the rows that they aim at, and what surrounds the places of new spans."""
        standing = [placed for placed in choices if self.closed(placed.article) is None]
        self.read_spans((placed.article, placed.choice.span) for placed in standing)
        self.read_targets(standing)
        self.around = Surroundings.of({placed.article for placed in standing if placed.choice.verb == Verb.ADD})

    def read_spans(self, named: Iterable[tuple[int, int | None]]) -> list[Span]:
        """Read spans by their articles' ids and their own into the change sets of the articles, which it opens."""
        wanted = list(named)
        for pk, _ in wanted:
            if pk not in self.change_sets:
                review = self.reviews[pk]
                self.change_sets[pk] = ChangeSet(article_stub(pk, review.corpus_id, review.length))
        ids = [span for _, span in wanted if span is not None and 0 < span <= MAX_ID]
        rows = Span.objects.filter(pk__in=ids, layer=MAIN_LAYER) if ids else []
        found = [span for span in rows if span.article_id in self.change_sets]
        for span in found:
            self.change_sets[span.article_id].read([span])
        return found

    def read_targets(self, choices: Iterable[Placed]) -> None:
        """Read the rows that hold what choices aim at: one query. The rows that they name were read before."""
        targets = ((placed.article, self._target(placed)) for placed in choices)
        for span in holders((article, target) for article, target in targets if target):
            self.change_sets[span.article_id].read([span])

    def apply(self, choices: Sequence[Placed], field: str = "decisions") -> list[Span]:
        """The rows that the choices leave, in their order. `field` names their list in a refusal."""
        results = []
        for position, placed in enumerate(choices):
            reason = self.closed(placed.article) or self.obstacle(placed)
            if reason is None:
                try:
                    results.append(self._application(placed, f"{field}[{position}]").apply(placed.choice))
                except Conflict as conflict:
                    # It has what is asked for already. The verbs refuse before they change anything.
                    reason = conflict.detail
            if reason:
                self.left_out.append({**placed.named(), "reason": reason})
        return results

    def obstacle(self, placed: Placed) -> str | None:
        """Why a choice is not carried out; None where it is."""
        taken = self._taken if placed.choice.verb == Verb.ADD else self._changed
        return taken(placed) or self._target_changed(placed)

    def _application(self, placed: Placed, field: str) -> Application:
        return Application(self.change_sets[placed.article], self.labels, field)

    def _target(self, placed: Placed) -> Any:
        change_set = self.change_sets[placed.article]
        return target_of(placed.choice, change_set, self.labels, change_set.article.length)

    def _changed(self, placed: Placed) -> str | None:
        """Why a span is not as it was shown."""
        change_set = self.change_sets[placed.article]
        span = change_set.spans.get(placed.choice.span or 0)
        if span is None:
            return f"article {placed.article} has no span {placed.choice.span}: it may no longer be suggested"
        if change_set.has_changed(span):
            return "this decision already changed it"
        if span.revision != placed.choice.revision:
            return f"it has changed: revision {span.revision}, {span.state}"
        return f"it is already {span.state}" if self.suggestions_only and span.state != State.SUGGESTED else None

    def _taken(self, placed: Placed) -> str | None:
        """Why a place is not free."""
        start, end, label = placed.choice.start or 0, placed.choice.end or 0, self.labels[placed.choice.label or ""].pk
        if range_fault(start, end, self.change_sets[placed.article].article.length):
            # The verb refuses it.
            return None
        if reason := self.around.obstacle(placed.article, start, end, label):
            return reason
        self.around.occupy(placed.article, start, end)
        return None

    def _target_changed(self, placed: Placed) -> str | None:
        """Why a choice cannot have what it aims at: the decision changed that row before."""
        change_set, target = self.change_sets[placed.article], self._target(placed)
        holder = change_set.holder(target) if target else None
        if holder and change_set.has_changed(holder):
            return "it would become a span that this decision also changed"
        return None
