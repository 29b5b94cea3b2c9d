"""Apply one verb to a span and to the matches of it that were shown, as one decision.

Only the article of that span is put in review: nobody has looked at the other articles as a whole.
"""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.choices import MAX_ID, ArticleChoice, Choice, ShownMatch
from annotations.review.actions.decide import ChoiceApplier, shown_entities
from annotations.review.actions.decisions import DecisionResult, results_of, run_once
from annotations.review.actions.opening import OpenArticles, label_fields, open_articles, require_open
from annotations.review.actions.recording import record_all, to_start
from annotations.review.models import Span, Verb
from annotations.review.queries.matches import (
    MAX_MATCHES,
    BoundaryShift,
    Matches,
    OccupiedRanges,
    matching_places,
    matching_spans,
)
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid
from corpusapp.core.idempotency import digest
from corpusapp.text.ranges import range_fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

FIELD = "choice"


def preview_matches(*, user: "User", article: Article, choice: Choice, corpus: bool) -> Matches:
    """The matches of the choice's span, or of its range for `add`, in the article or its corpus. Writes nothing.

    Refuses a choice that is invalid, stale or names an unknown label, and a done article.
    """
    choice.check(FIELD)
    require(user, article.corpus, Role.EDITOR)
    opened = _open(article, choice, [article.pk], lock=False)
    origin = Origin.of(choice, _applier(opened, article, choice), article)
    if origin.span is None:
        return matching_places(article, origin.start, origin.end, opened.labels[choice.label or ""], corpus=corpus)
    return matching_spans(origin.span, origin.surface, corpus=corpus, shift=origin.shift)


def apply_to_matches(
    *, user: "User", article: Article, choice: Choice, shown: Sequence[ShownMatch], client_key: str | None = None
) -> DecisionResult:
    """Apply `choice` to its span in `article` and to the matches that were `shown`, as one decision.

    Matches that changed since are left out and reported. If the choice has an entity, all of them are linked to it. If
    the choice itself is refused, as by `decide`, nothing is done. A repeated `client_key` returns the first decision.
    """
    choice.check(FIELD)
    _check_shown(choice, shown)
    require(user, article.corpus, Role.EDITOR)
    request = digest("apply to like", article.pk, choice.as_request(), [asdict(match) for match in shown])
    return run_once(user, client_key, request, lambda: _apply(user, article, choice, shown, client_key, request))


def _check_shown(choice: Choice, shown: Sequence[ShownMatch]) -> None:
    if len(shown) > MAX_MATCHES:
        raise Invalid(f"{len(shown)} matches in one decision: the limit is {MAX_MATCHES}", field="matches")
    seen: set[object] = {choice.span}
    for position, match in enumerate(shown):
        field = f"matches[{position}]"
        match.check(choice.verb, field)
        key = (match.article, match.start, match.end) if choice.verb == Verb.ADD else match.span
        if key in seen:
            raise Invalid("it is listed twice, or is the choice itself: list each match once", field=field)
        seen.add(key)


def _apply(
    user: "User", article: Article, choice: Choice, shown: Sequence[ShownMatch], client_key: str | None, request: bytes
) -> DecisionResult:
    others = (match.article for match in shown if 0 < match.article <= MAX_ID)
    opened = _open(article, choice, [article.pk, *others])
    applier = _applier(opened, article, choice)
    kind = MatchingPlaces if choice.verb == Verb.ADD else MatchingSpans
    matches = kind(Origin.of(choice, applier, article), article.pk, opened)
    results = [applier.apply(choice), *matches.apply(matches.read_shown(shown), "matches")]
    decision = record_all(
        user,
        article.corpus_id,
        Verb(choice.verb),
        list(matches.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=matches.left_out,
        notices=[applier.notice] if applier.notice else [],
        spared_actions=choice.spared_actions,
        starts=to_start([opened.reviews[article.pk]]),
        carried=shown_entities((choice, span) for span in results),
    )
    return DecisionResult(decision, results_of(results), matches.left_out)


def _open(article: Article, choice: Choice, articles: Iterable[int], *, lock: bool = True) -> OpenArticles:
    """Open these articles, and read what the choice concerns in its own, which must be open."""
    wanted = dict(label_fields(choice, FIELD))
    opened = open_articles(
        article.corpus_id, articles, [(article.pk, choice)], known=article, label_names=wanted, lock=lock
    )
    require_open(opened.review(article.pk))
    opened.check_labels(article.corpus, wanted)
    return opened


def _applier(opened: OpenArticles, article: Article, choice: Choice) -> ChoiceApplier:
    return ChoiceApplier(opened.change_sets[article.pk], opened.labels, FIELD)


@dataclass(frozen=True)
class Origin:
    """What matches are compared with: the span before the decision, or the range and label for `add`."""

    choice: Choice
    surface: str
    label_id: int
    start: int
    end: int
    span: Span | None = None
    shift: BoundaryShift | None = None

    @classmethod
    def of(cls, choice: Choice, applier: ChoiceApplier, article: Article) -> "Origin":
        """Refuses a choice whose revision is stale or whose range is invalid."""
        if choice.verb == Verb.ADD:
            start, end, label_id = applier.checked_target(choice, None)
            return cls(choice, article.text[start:end], label_id, start, end)
        span = applier.named_span(choice)
        shift = None
        if choice.verb == Verb.MOVE:
            start, end, _ = applier.checked_target(choice, span)
            shift = BoundaryShift(start - span.start, end - span.end, article.text[start:end])
        surface = article.text[span.start : span.end]
        return cls(choice, surface, span.label_id, span.start, span.end, span, shift)


class MatchingSpans(BulkDecision):
    """Suggestions with the surface and label of the origin, for all verbs but `add`."""

    def __init__(self, origin: Origin, home: int, opened: OpenArticles) -> None:
        super().__init__(opened, suggestions_only=True)
        self.origin, self.home = origin, home

    def read_shown(self, shown: Sequence[ShownMatch]) -> list[ArticleChoice]:
        """Read all rows that the matches need; the choice for each match."""
        open_matches = [match for match in shown if self.closed(match.article) is None]
        spans = self.read_spans(match.span for match in open_matches)
        self.surfaces = self._surfaces(spans)
        self.read_targets(self._choice_for(match) for match in open_matches if match.span in self.surfaces)
        return [self._choice_for(match) for match in shown]

    def obstacle(self, item: ArticleChoice) -> str | None:
        return self._changed(item) or self._differs(item) or self._target_changed(item)

    def _choice_for(self, match: ShownMatch) -> ArticleChoice:
        choice = replace(self.origin.choice, span=match.span, revision=match.revision, seen=None)
        change_set = self.change_sets.get(match.article)
        span = change_set.spans.get(match.span or 0) if change_set else None
        if self.origin.shift is not None and span is not None:
            start, end = self.origin.shift.apply(span.start, span.end)
            choice = replace(choice, start=start, end=end)
        return ArticleChoice(match.article, choice)

    def _surfaces(self, spans: Sequence[Span]) -> dict[int, tuple[str, str]]:
        """By span id its surface, and the surface at the range that a move would give it."""
        here = {span.pk: (span.article_id, span.start, span.end) for span in spans}
        moved: dict[int, tuple[int, int, int]] = {}
        if (shift := self.origin.shift) is not None:
            first = {span.pk: span.start + shift.start for span in spans}
            moved = {
                span.pk: (span.article_id, first[span.pk], first[span.pk] + len(shift.text))
                for span in spans
                if first[span.pk] >= 0
            }
        surfaces = surfaces_at([*here.values(), *moved.values()])
        return {pk: (surfaces[place], surfaces[moved[pk]] if pk in moved else "") for pk, place in here.items()}

    def _differs(self, item: ArticleChoice) -> str | None:
        """Why a span does not match the origin, or None."""
        change_set = self.change_sets[item.article]
        span = change_set.spans[item.choice.span or 0]
        surface, moved = self.surfaces.get(span.pk, (None, None))
        if span.label_id != self.origin.label_id or surface != self.origin.surface:
            return "it is not a match: its words or its label differ"
        if self.origin.shift is not None:
            choice = item.choice
            if moved != self.origin.shift.text or range_fault(choice.start, choice.end, change_set.article.length):
                return "the moved range has other words"
        return None


class MatchingPlaces(MatchingSpans):
    """Ranges without a span that have the surface of the origin, for `add`."""

    def read_shown(self, shown: Sequence[ShownMatch]) -> list[ArticleChoice]:
        open_matches = [match for match in shown if self.closed(match.article) is None]
        self.occupied = OccupiedRanges.of({self.home, *(match.article for match in open_matches)})
        self.occupied.add(self.home, self.origin.start, self.origin.end)
        valid = [
            match for match in open_matches if not range_fault(match.start, match.end, self._length(match.article))
        ]
        self.found = surfaces_at((match.article, match.start or 0, match.end or 0) for match in valid)
        choices = [
            ArticleChoice(match.article, replace(self.origin.choice, start=match.start, end=match.end))
            for match in shown
        ]
        # A span may have been suggested or rejected there before the reviews were locked.
        self.read_targets(item for item in choices if self.closed(item.article) is None)
        return choices

    def obstacle(self, item: ArticleChoice) -> str | None:
        return self._differs(item) or self._taken(item) or self._target_changed(item)

    def _length(self, article: int) -> int:
        return self.change_sets[article].article.length

    def _differs(self, item: ArticleChoice) -> str | None:
        """Why a range does not match the origin, or None."""
        found = self.found.get((item.article, item.choice.start or 0, item.choice.end or 0))
        return None if found == self.origin.surface else "the words there differ"
