"""Apply to all like: one correction on a span and on everything like it that was shown, as one stroke.

The origin alone puts its article into its editor's hands: the others keep their stage, for nobody has looked at them.
"""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from annotations.review.actions.choices import MAX_ID, Choice, Like
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
from annotations.review.models import MAIN_LAYER, Label, Review, Verb
from annotations.review.queries.alike import MAX_LIKES, Matches, like_places, like_spans
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from annotations.review.actions.change_set import ChangeSet
from annotations.review.actions.confirm_shown import changed_since
from annotations.review.actions.decide_many import BulkScope
from annotations.review.models import Span
from annotations.review.queries.alike import Shift, Surroundings
from annotations.review.queries.words import words_at
from corpusapp.text.ranges import range_fault

FIELD = "choice"


def preview_like(*, user: "User", article: Article, choice: Choice, corpus: bool) -> Matches:
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
        return like_places(article, origin.start, origin.end, labels[choice.label or ""], corpus=corpus)
    return like_spans(origin.span, origin.surface, corpus=corpus, shift=origin.shift)


def apply_to_like(
    *, user: "User", article: Article, choice: Choice, shown: Sequence[Like], client_key: str | None = None
) -> DecisionResult:
    """Apply `choice` to its span in `article`, and the same to the likes that were `shown`, as one decision.

    What changed since it was shown is left out and reported; what `decide` would refuse of the choice itself refuses
    the whole. A repeated `client_key` returns the stroke that it made before.
    """
    choice.check(FIELD)
    _check_shown(choice, shown)
    require(user, article.corpus, Role.EDITOR)
    request = digest("apply to like", article.pk, choice.as_request(), [asdict(like) for like in shown])
    return once(user, client_key, request, lambda: _apply(user, article, choice, shown, client_key, request))


def _check_shown(choice: Choice, shown: Sequence[Like]) -> None:
    if len(shown) > MAX_LIKES:
        raise Invalid(f"{len(shown)} matches in one decision: the limit is {MAX_LIKES}", field="matches")
    seen = {choice.span}
    for position, like in enumerate(shown):
        field = f"matches[{position}]"
        like.check(choice.verb, field)
        key = (like.article, like.start, like.end) if choice.verb == Verb.ADD else like.span
        if key in seen:
            raise Invalid("it is listed twice, or is the choice itself: list each match once", field=field)
        seen.add(key)


def _apply(
    user: "User", article: Article, choice: Choice, shown: Sequence[Like], client_key: str | None, request: bytes
) -> DecisionResult:
    ids = {like.article for like in shown if 0 < like.article <= MAX_ID}
    reviews = locked_reviews(article.corpus_id, ids | {article.pk})
    if article.pk not in reviews:
        raise NotFound(f"there is no article {article.pk} that you can see")
    check_open(reviews[article.pk])
    labels = _labels(article, choice)
    change_set = change_set_for(article, [choice], labels)
    application = Application(change_set, labels, FIELD)
    kind = LikePlaces if choice.verb == Verb.ADD else LikeSpans
    likes = kind(Origin.of(choice, application, article), change_set, labels, reviews)
    likes.read(shown)
    results = [application.apply(choice), *likes.apply(shown)]
    enter_review(reviews[article.pk], user)
    decision = record_all(
        user,
        article.corpus_id,
        Verb(choice.verb),
        list(likes.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=likes.left_out,
        notices=[application.notice] if application.notice else [],
    )
    return DecisionResult(decision, with_names(results), likes.left_out)


def _labels(article: Article, choice: Choice) -> dict[str, Label]:
    return labels_named(article.corpus, dict(named_in(choice, FIELD)))


@dataclass(frozen=True)
class Origin:
    """What its likes are measured by: the span as it stood before the stroke; for `add` the place and the label."""

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


class Likes(BulkScope):
    """The likes of one stroke, over the change sets of their articles; the origin's comes first."""

    def __init__(
        self, origin: Origin, change_set: ChangeSet, labels: Mapping[str, Label], reviews: Mapping[int, Review]
    ) -> None:
        super().__init__(labels, reviews)
        self.origin = origin
        self.home = change_set.article.pk
        self.change_sets[self.home] = change_set
        self.left_out: list[dict[str, Any]] = []

    def read(self, shown: Sequence[Like]) -> None:
        """Read what is needed of all likes, before anything changes: a fixed number of queries."""
        open_likes = [like for like in shown if self.closed(like.article) is None]
        self.open(like.article for like in open_likes)
        self._read(open_likes)

    def apply(self, shown: Sequence[Like]) -> Iterator[Span]:
        """The rows that are left, in the order shown; what is not as it was shown goes to `left_out`."""
        for like in shown:
            if reason := self.closed(like.article) or self._obstacle(like):
                self.left_out.append({**like.named(), "reason": reason})
            else:
                yield Application(self.change_sets[like.article], self.labels, "matches").apply(self._choice(like))

    def _read(self, likes: Sequence[Like]) -> None:
        raise NotImplementedError

    def _obstacle(self, like: Like) -> str | None:
        raise NotImplementedError

    def _choice(self, like: Like) -> Choice:
        raise NotImplementedError


class LikeSpans(Likes):
    """Suggested spans, for all verbs but `add`."""

    def _read(self, likes: Sequence[Like]) -> None:
        named = [like.span for like in likes if like.span is not None and 0 < like.span <= MAX_ID]
        rows = Span.objects.filter(pk__in=named, layer=MAIN_LAYER)
        spans = [span for span in rows if span.article_id in self.change_sets]
        for span in spans:
            self.change_sets[span.article_id].read([span])
        self.texts = self._texts(spans)
        aimed = [like for like in likes if like.span in self.change_sets[like.article].spans]
        self.read_targets((like.article, self._choice(like)) for like in aimed)

    def _texts(self, spans: Sequence[Span]) -> dict[int, tuple[str, str]]:
        """By span its words, and those that stand where a move would bring it."""
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

    def _choice(self, like: Like) -> Choice:
        choice = replace(self.origin.choice, span=like.span, revision=like.revision)
        if self.origin.shift is None or like.span is None:
            return choice
        span = self.change_sets[like.article].spans[like.span]
        start, end = self.origin.shift.of(span.start, span.end)
        return replace(choice, start=start, end=end)

    def _obstacle(self, like: Like) -> str | None:
        change_set = self.change_sets[like.article]
        span = change_set.spans.get(like.span or 0)
        if span is not None and change_set.has_changed(span):
            return "the choice itself, or another match, changed it"
        if reason := changed_since(span, like.revision or 0):
            return reason
        if span is None or span.label_id != self.origin.label_id or self._text(span) != self.origin.surface:
            return "it is not a match: its words or its label differ"
        return self._obstacle_to_move(change_set, like)

    def _text(self, span: Span) -> str | None:
        return self.texts.get(span.pk, (None, None))[0]

    def _obstacle_to_move(self, change_set: ChangeSet, like: Like) -> str | None:
        choice = self._choice(like)
        if self.origin.shift is not None:
            fits = self.texts[like.span][1] == self.origin.shift.text
            if not fits or range_fault(choice.start, choice.end, change_set.article.length):
                return "the moved range has other words"
        return self.obstacle_at_target(like.article, choice)


class LikePlaces(Likes):
    """Places where the same words stand free, for `add`."""

    def _read(self, likes: Sequence[Like]) -> None:
        self.around = Surroundings.of(list({self.home, *(like.article for like in likes)}))
        self.around.occupy(self.home, self.origin.start, self.origin.end)
        sound = [like for like in likes if not range_fault(like.start, like.end, self.reviews[like.article].length)]
        self.texts = words_at((like.article, like.start, like.end) for like in sound)

    def _obstacle(self, like: Like) -> str | None:
        if self.texts.get((like.article, like.start, like.end)) != self.origin.surface:
            return "the words there differ"
        place = (like.article, like.start, like.end, self.origin.label_id)
        if reason := self.around.obstacle(*place):
            return reason
        self.around.occupy(like.article, like.start, like.end)
        return None

    def _choice(self, like: Like) -> Choice:
        return replace(self.origin.choice, start=like.start, end=like.end)
