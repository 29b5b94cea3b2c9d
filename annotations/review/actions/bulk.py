"""Apply verbs to many spans that were shown: for confirm all, apply to matches and the concordance.

A choice is left out, with the reason, if its span has changed or its range was taken since it was shown. No row changes
twice. All rows are read beforehand, in a fixed number of queries: what the choices name when the articles are opened,
and targets that only follow from other spans after that.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from annotations.review.actions.change_set import Triple, spans_at
from annotations.review.actions.choices import MAX_ID, ArticleChoice
from annotations.review.actions.decide import ChoiceApplier, seen_triple, shown_entities, target_triple
from annotations.review.actions.decisions import no_article_named
from annotations.review.actions.opening import OpenArticles
from annotations.review.models import MAIN_LAYER, Span, Stage, State, Verb
from annotations.review.queries.matches import OccupiedRanges
from corpusapp.core.errors import Conflict
from corpusapp.text.ranges import range_fault


class BulkDecision:
    """Choices in opened articles. `left_out` collects those not applied, with the reasons.

    With `suggestions_only`, decided spans are left out.
    """

    def __init__(self, opened: OpenArticles, *, suggestions_only: bool = False) -> None:
        self.opened, self.labels, self.change_sets = opened, opened.labels, opened.change_sets
        self.suggestions_only = suggestions_only
        self.left_out: list[dict[str, Any]] = []
        self.notices: list[str] = []
        self.spared_actions = 0
        # The spans that choices keep, with the entities that were shown with them.
        self.entities: list[tuple[Span, int]] = []

    def _unknown(self, item: ArticleChoice) -> str | None:
        """Why the external ID names no article, or None."""
        return no_article_named(item.external_id) if item.external_id and not item.article else None

    def closed(self, article: int) -> str | None:
        """Why the article cannot be changed, or None."""
        review = self.opened.reviews.get(article)
        if review is None:
            return f"there is no article {article} in this corpus: it may be withdrawn"
        return f"article {article} is done" if review.stage == Stage.DONE else None

    def read_occupied(self, choices: Sequence[ArticleChoice]) -> None:
        """Read the occupied ranges of the articles that get new spans."""
        added = {item.article for item in choices if item.choice.verb == Verb.ADD and self.closed(item.article) is None}
        self.occupied = OccupiedRanges.of(added)

    def read_spans(self, named: Iterable[int | None]) -> list[Span]:
        """Read spans, given by id, into the change sets of their articles."""
        ids = [span for span in named if span is not None and 0 < span <= MAX_ID]
        rows = Span.objects.filter(pk__in=ids, layer=MAIN_LAYER).select_related("label", "pipeline") if ids else []
        found = [span for span in rows if span.article_id in self.change_sets]
        for span in found:
            self.change_sets[span.article_id].read([span])
        return found

    def read_targets(self, choices: Iterable[ArticleChoice]) -> None:
        """Read the spans that already have the targets of choices, in one query."""
        targets = [(item.article, target) for item in choices if (target := self._target(item))]
        for article, target in targets:
            self.change_sets[article].places_read.add(target)
        for span in spans_at(targets):
            self.change_sets[span.article_id].read([span])

    def apply(self, choices: Sequence[ArticleChoice], field: str = "decisions") -> list[Span]:
        """Apply the choices; the resulting spans, in order. `field` names the list in a refusal."""
        results = []
        for position, item in enumerate(choices):
            reason = self._unknown(item) or self.closed(item.article) or self.obstacle(item)
            if reason is None:
                try:
                    applier = self._applier(item, f"{field}[{position}]")
                    results.append(applier.apply(item.choice))
                    self.entities += shown_entities([(item.choice, results[-1])])
                    self.notices += [applier.notice] if applier.notice else []
                    self.spared_actions += item.choice.spared_actions
                except Conflict as conflict:
                    # The span already is as requested. Verbs refuse before they change anything.
                    reason = conflict.detail
            if reason:
                self.left_out.append({"item": position, **item.location(), "reason": reason})
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
        change_set, choice = self.change_sets[item.article], item.choice
        span = change_set.spans.get(choice.span or 0) or self._seen(item)
        if span is None and choice.seen is not None:
            return None  # A withdrawn suggestion: the verb is applied where it was.
        if span is None:
            return f"article {item.article} has no span {choice.span}: it may no longer be suggested"
        if change_set.has_changed(span):
            return "this decision already changed it"
        is_at_revision = choice.revision is not None and choice.span in (None, span.pk)
        if is_at_revision and span.revision != choice.revision:
            return f"it has changed: revision {span.revision}, {span.state}"
        if span.state == State.SUGGESTED or (is_at_revision and not self.suggestions_only):
            return None
        return f"it is already {span.state}"

    def _seen(self, item: ArticleChoice) -> Span | None:
        """The span at the triple that was seen, if it is still there."""
        change_set = self.change_sets[item.article]
        triple = seen_triple(item.choice, self.labels, change_set.article.length)
        return change_set.span_at(triple) if triple else None

    def _taken(self, item: ArticleChoice) -> str | None:
        """Why a range is not free, or None. Marks a free range as occupied."""
        start, end, label = item.choice.start or 0, item.choice.end or 0, self.labels[item.choice.label or ""].pk
        if range_fault(start, end, self.change_sets[item.article].article.length):
            return None  # The verb refuses it.
        existing = self.change_sets[item.article].span_at(Triple(start, end, label))
        if existing is not None and existing.state == State.SUGGESTED:
            return None  # The verb confirms what is suggested just there.
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
