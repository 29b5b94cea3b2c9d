"""Verbs on spans of many articles of a corpus, as they were shown, in one stroke.

Nobody has looked at the articles as a whole: they keep their stages.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from annotations.review.actions.choices import MAX_ID, Choice, Placed
from annotations.review.actions.decide import Application, labels_named
from annotations.review.actions.decisions import DecisionResult, digest, locked_reviews, once, record_all, with_names
from annotations.review.models import MAIN_LAYER, Span, Verb
from annotations.review.queries.alike import Surroundings
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid
from corpusapp.text.ranges import range_fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from collections.abc import Iterable, Mapping

from annotations.review.actions.change_set import ChangeSet, article_stub, holders
from annotations.review.actions.decide import target_of
from annotations.review.models import Label, Review, Stage


class BulkScope:
    """Over reviews that are locked: articles that are done, or not among them, are closed to the stroke."""

    def __init__(self, labels: Mapping[str, Label], reviews: Mapping[int, Review]) -> None:
        self.labels, self.reviews = labels, reviews
        self.change_sets: dict[int, ChangeSet] = {}

    def closed(self, article: int) -> str | None:
        """Why nothing may change in the article; None where it may."""
        review = self.reviews.get(article)
        if review is None:
            return f"there is no article {article} in this corpus: it may be withdrawn"
        return f"article {article} is done" if review.stage == Stage.DONE else None

    def open(self, articles: Iterable[int]) -> None:
        """Open a change set for each article that has none."""
        for pk in articles:
            if pk not in self.change_sets:
                review = self.reviews[pk]
                self.change_sets[pk] = ChangeSet(article_stub(pk, review.corpus_id, review.length))

    def read_targets(self, choices: Iterable[tuple[int, Choice]]) -> None:
        """Read the rows that hold what choices aim at: one query. The rows that they name were read before."""
        wanted = []
        for article, choice in choices:
            change_set = self.change_sets[article]
            if target := target_of(choice, change_set, self.labels, change_set.article.length):
                wanted.append((article, target))
        for span in holders(wanted):
            self.change_sets[span.article_id].read([span])

    def obstacle_at_target(self, article: int, choice: Choice) -> str | None:
        """Why a choice cannot have what it aims at: the stroke changed that row before."""
        change_set = self.change_sets[article]
        target = target_of(choice, change_set, self.labels, change_set.article.length)
        holder = change_set.holder(target) if target else None
        return (
            "it would become a span that this decision also changed"
            if holder and change_set.has_changed(holder)
            else None
        )


MAX_CHOICES = 5000


def decide_many(
    *, user: "User", corpus: Corpus, choices: Sequence[Placed], client_key: str | None = None
) -> DecisionResult:
    """Apply `choices` as one decision that one undo takes back.

    What is not as it was shown (another revision, a place that is taken, a done or withdrawn article) or has what it
    asks for already is left out and reported. Refuses: `Invalid` (unsound request), `RevisionMissing`, `NotFound`,
    `NotAllowed`, and `Conflict` where nothing is left to be done. A repeated `client_key` returns its first stroke.
    """
    _check(choices)
    require(user, corpus, Role.EDITOR)
    request = digest("decide many", corpus.pk, [placed.as_request() for placed in choices])
    return once(user, client_key, request, lambda: _decide(user, corpus, choices, client_key, request))


def _check(choices: Sequence[Placed]) -> None:
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    seen = set()
    for position, placed in enumerate(choices):
        choice, field = placed.choice, _field(position)
        choice.check(field)
        key = (placed.article, choice.start, choice.end, choice.label) if choice.verb == Verb.ADD else choice.span
        if key in seen:
            raise Invalid("it is listed twice: send one verb for each span", field=field)
        seen.add(key)


def _decide(
    user: "User", corpus: Corpus, choices: Sequence[Placed], client_key: str | None, request: bytes
) -> DecisionResult:
    named = {placed.choice.label: f"{_field(n)}.label" for n, placed in enumerate(choices) if placed.choice.label}
    labels = labels_named(corpus, named)
    reviews = locked_reviews(corpus.pk, {placed.article for placed in choices if 0 < placed.article <= MAX_ID})
    many = _Many(labels, reviews)
    many.read(choices)
    results: list[Span] = []
    left_out: list[dict[str, Any]] = []
    for position, placed in enumerate(choices):
        found = many.apply(placed, _field(position))
        if isinstance(found, str):
            left_out.append({**placed.named(), "reason": found})
        else:
            results.append(found)
    if not results:
        raise Conflict(f"nothing was decided: {left_out[0]['reason']}", field="decisions", current=left_out)
    verbs = {placed.choice.verb for placed in choices}
    decision = record_all(
        user,
        corpus.pk,
        Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL,
        list(many.change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
    )
    return DecisionResult(decision, with_names(results), left_out)


class _Many(BulkScope):
    """Choices that name their spans and revisions, or places that must still be free."""

    def read(self, choices: Sequence[Placed]) -> None:
        """Read all that is needed, before anything changes: a fixed number of queries."""
        standing = [placed for placed in choices if self.closed(placed.article) is None]
        self.open(placed.article for placed in standing)
        named = [placed.choice.span for placed in standing if 0 < (placed.choice.span or 0) <= MAX_ID]
        for span in Span.objects.filter(pk__in=named, layer=MAIN_LAYER):
            if span.article_id in self.change_sets:
                self.change_sets[span.article_id].read([span])
        self.read_targets((placed.article, placed.choice) for placed in standing)
        self.around = Surroundings.of([placed.article for placed in standing if placed.choice.verb == Verb.ADD])

    def apply(self, placed: Placed, field: str) -> Span | str:
        """The row that a choice leaves, or why it is left out."""
        if reason := self.closed(placed.article) or self._obstacle(placed):
            return reason
        try:
            return Application(self.change_sets[placed.article], self.labels, field).apply(placed.choice)
        except Conflict as conflict:
            # It has what is asked for already. The verbs refuse before they change anything.
            return conflict.detail

    def _obstacle(self, placed: Placed) -> str | None:
        taken = self._taken if placed.choice.verb == Verb.ADD else self._changed
        return taken(placed.article, placed.choice) or self.obstacle_at_target(placed.article, placed.choice)

    def _changed(self, article: int, choice: Choice) -> str | None:
        """Why a span is not what was shown."""
        change_set = self.change_sets[article]
        span = change_set.spans.get(choice.span or 0)
        if span is None:
            return f"article {article} has no span {choice.span}: it may no longer be suggested"
        if change_set.has_changed(span):
            return "another verb in this decision changed it"
        if span.revision != choice.revision:
            return f"it has changed: revision {span.revision}, {span.state}"
        return None

    def _taken(self, article: int, choice: Choice) -> str | None:
        """Why a place is not free."""
        start, end, label = choice.start or 0, choice.end or 0, self.labels[choice.label or ""].pk
        if range_fault(choice.start, choice.end, self.change_sets[article].article.length):
            # The verb refuses it.
            return None
        if reason := self.around.obstacle(article, start, end, label):
            return reason
        self.around.occupy(article, start, end)
        return None


def _field(position: int) -> str:
    return f"decisions[{position}]"
