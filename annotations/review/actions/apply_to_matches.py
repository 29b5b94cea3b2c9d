"""Apply to all like: one correction on a span and on everything like it that was shown, as one decision.

The origin alone puts its article into its editor's hands: the others keep their stage, for nobody has looked at them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from annotations.review.actions.bulk import BulkDecision
from annotations.review.actions.change_set import ChangeSet
from annotations.review.actions.choices import MAX_ID, Choice, Placed, ShownMatch
from annotations.review.actions.decide import Application, change_set_for, labels_named, named_in
from annotations.review.actions.decisions import (
    DecisionResult,
    check_open,
    digest,
    enter_review,
    locked_reviews,
    once,
    record_all,
    with_names,
)
from annotations.review.models import MAIN_LAYER, Label, Review, Span, Verb
from annotations.review.queries.matches import (
    MAX_MATCHES,
    Matches,
    Shift,
    Surroundings,
    matching_places,
    matching_spans,
)
from annotations.review.queries.words import words_at
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, NotFound
from corpusapp.text.ranges import range_fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

FIELD = "choice"


def preview_matches(*, user: "User", article: Article, choice: Choice, corpus: bool) -> Matches:
    """All that is like the choice's span, or its place for `add`, in the article or in its corpus. Writes nothing.

    Refuses a choice that is unsound, names no span as it stands now or an unknown label, and a done article.
    """
    choice.check(FIELD)
    require(user, article.corpus, Role.EDITOR)
    check_open(Review.objects.get(article=article, layer=MAIN_LAYER))
    labels = _labels(article, choice)
    application = Application(change_set_for(article, [choice], labels), labels, FIELD)
    origin = Origin.of(choice, application, article)
    if origin.span is None:
        return matching_places(article, origin.start, origin.end, labels[choice.label or ""], corpus=corpus)
    return matching_spans(origin.span, origin.surface, corpus=corpus, shift=origin.shift)


def apply_to_matches(
    *, user: "User", article: Article, choice: Choice, shown: Sequence[ShownMatch], client_key: str | None = None
) -> DecisionResult:
    """Apply `choice` to its span in `article`, and the same to the likes that were `shown`, as one decision.

    What changed since it was shown is left out and reported; what `decide` would refuse of the choice itself refuses
    the whole. A repeated `client_key` returns the decision that it made before.
    """
    choice.check(FIELD)
    _check_shown(choice, shown)
    require(user, article.corpus, Role.EDITOR)
    request = digest("apply to like", article.pk, choice.as_request(), [asdict(like) for like in shown])
    return once(user, client_key, request, lambda: _apply(user, article, choice, shown, client_key, request))


def _check_shown(choice: Choice, shown: Sequence[ShownMatch]) -> None:
    if len(shown) > MAX_MATCHES:
        raise Invalid(f"{len(shown)} matches in one decision: the limit is {MAX_MATCHES}", field="matches")
    seen = {choice.span}
    for position, like in enumerate(shown):
        field = f"matches[{position}]"
        like.check(choice.verb, field)
        key = (like.article, like.start, like.end) if choice.verb == Verb.ADD else like.span
        if key in seen:
            raise Invalid("it is listed twice, or is the choice itself: list each match once", field=field)
        seen.add(key)


def _apply(
    user: "User", article: Article, choice: Choice, shown: Sequence[ShownMatch], client_key: str | None, request: bytes
) -> DecisionResult:
    ids = {like.article for like in shown if 0 < like.article <= MAX_ID}
    reviews = locked_reviews(article.corpus_id, ids | {article.pk})
    if article.pk not in reviews:
        raise NotFound(f"there is no article {article.pk} that you can see")
    check_open(reviews[article.pk])
    labels = _labels(article, choice)
    change_set = change_set_for(article, [choice], labels)
    application = Application(change_set, labels, FIELD)
    kind = MatchingPlaces if choice.verb == Verb.ADD else MatchingSpans
    matches = kind(Origin.of(choice, application, article), change_set, labels, reviews)
    results = [application.apply(choice), *matches.apply(matches.read_shown(shown), "matches")]
    enter_review(reviews[article.pk], user)
    decision = record_all(
        user,
        article.corpus_id,
        Verb(choice.verb),
        list(matches.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=matches.left_out,
        notices=[application.notice] if application.notice else [],
    )
    return DecisionResult(decision, with_names(results), matches.left_out)


def _labels(article: Article, choice: Choice) -> dict[str, Label]:
    return labels_named(article.corpus, dict(named_in(choice, FIELD)))


@dataclass(frozen=True)
class Origin:
    """What its likes are measured by: the span as it stood before the decision; for `add` the place and the label."""

    choice: Choice
    surface: str
    label_id: int
    start: int
    end: int
    span: Span | None = None
    shift: Shift | None = None

    @classmethod
    def of(cls, choice: Choice, application: Application, article: Article) -> "Origin":
        """Refuses a choice that names no span at its revision, or aims at no place."""
        if choice.verb == Verb.ADD:
            start, end, label_id = application.checked_target(choice, None)
            return cls(choice, article.text[start:end], label_id, start, end)
        span = application.seen(choice)
        shift = None
        if choice.verb == Verb.MOVE:
            start, end, _ = application.checked_target(choice, span)
            shift = Shift(start - span.start, end - span.end, article.text[start:end])
        surface = article.text[span.start : span.end]
        return cls(choice, surface, span.label_id, span.start, span.end, span, shift)


class MatchingSpans(BulkDecision):
    """Suggested spans with the origin's words and label, for all verbs but `add`."""

    def __init__(
        self, origin: Origin, change_set: ChangeSet, labels: Mapping[str, Label], reviews: Mapping[int, Review]
    ) -> None:
        super().__init__(labels, reviews, suggestions_only=True)
        self.origin = origin
        self.home = change_set.article.pk
        self.change_sets[self.home] = change_set

    def read_shown(self, shown: Sequence[ShownMatch]) -> list[Placed]:
        """Read what is needed of all matches, before anything changes; the choices that they stand for."""
        standing = [match for match in shown if self.closed(match.article) is None]
        spans = self.read_spans((match.article, match.span) for match in standing)
        self.texts = self._texts(spans)
        self.read_targets(self._placed(match) for match in standing if match.span in self.texts)
        return [self._placed(match) for match in shown]

    def obstacle(self, placed: Placed) -> str | None:
        return self._changed(placed) or self._differs(placed) or self._target_changed(placed)

    def _placed(self, match: ShownMatch) -> Placed:
        choice = replace(self.origin.choice, span=match.span, revision=match.revision, seen=None)
        change_set = self.change_sets.get(match.article)
        span = change_set.spans.get(match.span or 0) if change_set else None
        if self.origin.shift is not None and span is not None:
            start, end = self.origin.shift.of(span.start, span.end)
            choice = replace(choice, start=start, end=end)
        return Placed(match.article, choice)

    def _texts(self, spans: Sequence[Span]) -> dict[int, tuple[str, str]]:
        """By span its words, and those at the place where a move would bring it."""
        here = {span.pk: (span.article_id, span.start, span.end) for span in spans}
        there: dict[int, tuple[int, int, int]] = {}
        if (shift := self.origin.shift) is not None:
            first = {span.pk: span.start + shift.start for span in spans}
            there = {
                span.pk: (span.article_id, first[span.pk], first[span.pk] + len(shift.text))
                for span in spans
                if first[span.pk] >= 0
            }
        words = words_at([*here.values(), *there.values()])
        return {pk: (words[place], words[there[pk]] if pk in there else "") for pk, place in here.items()}

    def _differs(self, placed: Placed) -> str | None:
        """Why a span is no match of the origin."""
        change_set = self.change_sets[placed.article]
        span = change_set.spans[placed.choice.span or 0]
        words, moved = self.texts.get(span.pk, (None, None))
        if span.label_id != self.origin.label_id or words != self.origin.surface:
            return "it is not a match: its words or its label differ"
        if self.origin.shift is not None:
            choice = placed.choice
            if moved != self.origin.shift.text or range_fault(choice.start, choice.end, change_set.article.length):
                return "the moved range has other words"
        return None


class MatchingPlaces(MatchingSpans):
    """Free places with the origin's words, for `add`."""

    def read_shown(self, shown: Sequence[ShownMatch]) -> list[Placed]:
        standing = [match for match in shown if self.closed(match.article) is None]
        self.read_spans((match.article, None) for match in standing)
        self.around = Surroundings.of({self.home, *(match.article for match in standing)})
        self.around.occupy(self.home, self.origin.start, self.origin.end)
        sound = [match for match in standing if not range_fault(match.start, match.end, self._length(match.article))]
        self.words = words_at((match.article, match.start, match.end) for match in sound)
        choices = [
            Placed(match.article, replace(self.origin.choice, start=match.start, end=match.end)) for match in shown
        ]
        # A rejected or suggested span may hold the place by the time that the reviews are locked.
        self.read_targets(placed for placed in choices if placed.article in self.change_sets)
        return choices

    def obstacle(self, placed: Placed) -> str | None:
        return self._differs(placed) or self._taken(placed) or self._target_changed(placed)

    def _length(self, article: int) -> int:
        return self.change_sets[article].article.length

    def _differs(self, placed: Placed) -> str | None:
        """Why a place is no match of the origin."""
        found = self.words.get((placed.article, placed.choice.start, placed.choice.end))
        return None if found == self.origin.surface else "the words there differ"
