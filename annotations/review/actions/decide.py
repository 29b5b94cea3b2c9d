"""Confirm, reject, relabel, move and add spans of one article, all or none, as one decision."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.choices import Choice
from annotations.review.actions.decisions import DecisionResult, begin, digest, enter_review, once, record, with_names
from annotations.review.models import Label, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from collections.abc import Iterator, Mapping

from annotations.review.actions.change_set import ChangeSet, Columns, Triple, columns_of, holders, left_behind
from annotations.review.actions.choices import MAX_ID
from annotations.review.models import MAIN_LAYER, Change, Span, State
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict, NotFound, Stale
from corpusapp.core.prepared import Prepared
from corpusapp.text.ranges import range_fault


def labels_named(corpus: Corpus, wanted: Mapping[str, str]) -> dict[str, Label]:
    """The labels of the corpus by name; an unknown one is refused. `wanted` gives the field of each name."""
    if not wanted:
        return {}
    found = {label.name: label for label in _LABELS.all(corpus=corpus.pk)}
    for name, field in wanted.items():
        if name not in found:
            known = ", ".join(list(found)[:40])
            raise Invalid(
                f"the corpus {corpus.slug!r} has no label {name!r}: its labels are {known or 'none'}",
                field=field,
            )
    return {name: found[name] for name in wanted}


def named_in(choice: Choice, field: str) -> Iterator[tuple[str, str]]:
    """Each label that a choice names, with the field that names it."""
    if choice.label:
        yield choice.label, f"{field}.label"
    if choice.seen:
        yield choice.seen.label, f"{field}.seen.label"


_LABELS = Prepared(lambda corpus: Label.objects.filter(corpus=corpus), corpus=int)


def change_set_for(article: Article, choices: Sequence[Choice], labels: Mapping[str, Label]) -> ChangeSet:
    """The rows that are named, and those that may hold a triple that a choice aims at or saw: two queries."""
    change_set = ChangeSet(article)
    named = [choice.span for choice in choices if choice.span is not None and 0 < choice.span <= MAX_ID]
    if named:
        change_set.read(Span.objects.filter(article=article, layer=MAIN_LAYER, pk__in=named))
    targets = [target_of(choice, change_set, labels, article.length) for choice in choices]
    targets += [place_seen(choice, labels, article.length) for choice in choices if choice.span not in change_set.spans]
    change_set.read(holders((article.pk, target) for target in targets if target))
    return change_set


def place_seen(choice: Choice, labels: Mapping[str, Label], length: int) -> Triple | None:
    """The triple that the editor saw; None where the choice does not say it, or none such can exist."""
    if choice.seen is None or range_fault(choice.seen.start, choice.seen.end, length):
        return None
    return Triple(choice.seen.start, choice.seen.end, labels[choice.seen.label].pk)


def target_of(choice: Choice, change_set: ChangeSet, labels: Mapping[str, Label], length: int) -> Triple | None:
    """The triple that a choice aims at; None where it aims at none, or at none that can exist."""
    span = change_set.spans.get(choice.span or 0)
    seen = span or (choice.seen and place_seen(choice, labels, length))
    start = choice.start if choice.start is not None else seen and seen.start
    end = choice.end if choice.end is not None else seen and seen.end
    label_id = labels[choice.label].pk if choice.label else seen and seen.label_id
    if choice.verb not in (Verb.RELABEL, Verb.MOVE, Verb.ADD) or range_fault(start, end, length):
        return None
    return Triple(start, end, label_id) if label_id else None


class Application:
    """One choice, applied to the change set. Each verb returns the row that it leaves.

    `notice` says what was carried out otherwise than it was asked for, since the suggestion was withdrawn meanwhile.
    """

    def __init__(self, change_set: ChangeSet, labels: Mapping[str, Label], field: str) -> None:
        self.change_set, self.labels, self.field = change_set, labels, field
        self.notice = ""

    def apply(self, choice: Choice) -> Span:
        if choice.verb == Verb.ADD:
            return self._add(choice)
        span = self.seen(choice)
        if choice.verb == Verb.CONFIRM:
            return self._set_state(span, State.CONFIRMED, Verb.CONFIRM)
        if choice.verb == Verb.REJECT:
            return self._set_state(span, State.REJECTED, Verb.REJECT)
        return self._retarget(span, choice)

    def seen(self, choice: Choice) -> Span:
        """The span that a choice names, at the revision that it names.

        A suggestion that a machine withdrew or replaced meanwhile is decided on at the place where it was seen. What
        another decision changed is refused, with who took it and when.
        """
        span = self.change_set.spans.get(choice.span or 0)
        if span is None:
            return self._gone(choice)
        if span.revision != choice.revision:
            raise self._stale(f"span {span.pk} is at revision {span.revision}, you saw {choice.revision}", span)
        return span

    def _gone(self, choice: Choice) -> Span:
        """What stands in for a span that is there no longer."""
        article = self.change_set.article
        removed = _newest_change(article.pk, choice.span)
        if removed is not None and removed.after_revision is None:
            raise Conflict(
                f"{removed.decision.user} removed span {choice.span} by an undo: check the current spans, and decide "
                "again",
                field=f"{self.field}.span",
                by=str(removed.decision.user),
                at=removed.decision.created_at,
            )
        if choice.seen and (fault := range_fault(choice.seen.start, choice.seen.end, article.length)):
            raise Invalid(f"{fault[1]}, in article {article.pk}", field=f"{self.field}.seen.{fault[0]}")
        place = place_seen(choice, self.labels, article.length)
        if place is None:
            raise NotFound(
                f"article {article.pk} has no span {choice.span}: it may no longer be suggested; reload the article, "
                "or send the span that you saw as seen",
                field=f"{self.field}.span",
            )
        holder = self.change_set.holder(place)
        if holder is not None and holder.state != State.SUGGESTED:
            raise self._stale(f"suggestion {choice.span} was decided in the meantime", holder)
        where = f"“{choice.seen.label}” at [{place.start}, {place.end})"
        self.notice = f"the suggestion {where} changed in the meantime: your decision was applied there"
        return holder or self.change_set.withdrawn(place)

    def _stale(self, what: str, span: Span) -> Stale:
        newest = _newest_change(self.change_set.article.pk, span.pk)
        person = {"by": str(newest.decision.user), "at": newest.decision.created_at} if newest else {}
        who = f"; {newest.decision.user} decided it" if newest else ""
        detail = f"{what}{who}: check the current state, and decide again"
        return Stale(detail, field=f"{self.field}.revision", current=span, **person)

    def _set_state(self, span: Span, state: State, verb: Verb) -> Span:
        if span.state == state:
            raise Conflict(f"span {span.pk} is already {state}", field=self.field, current=span)
        return self.change_set.alter(span, verb, state=state)

    def _retarget(self, span: Span, choice: Choice) -> Span:
        """Give the span another range or label; its former triple stays behind as rejected."""
        verb = Verb(choice.verb)
        target = self.checked_target(choice, span)
        before = columns_of(span)
        if target == Triple(*before[:3]):
            raise Conflict(f"span {span.pk} already has this range and label", field=self.field, current=span)
        if span.state == State.REJECTED:
            raise Conflict(
                f"span {span.pk} is rejected: confirm it first, or add a new span",
                field=self.field,
                current=span,
            )
        if holder := self.change_set.holder(target):
            self._take_over(holder, verb)
            self.change_set.alter(span, verb, implicit=True, state=State.REJECTED)
            return holder
        self.change_set.alter(span, verb, **target._asdict(), state=State.CONFIRMED, score=None, pipeline_id=None)
        self.change_set.add(left_behind(before), verb, implicit=True)
        return span

    def _add(self, choice: Choice) -> Span:
        target = self.checked_target(choice, None)
        holder = self.change_set.holder(target)
        if holder is None:
            columns = Columns(*target, state=State.CONFIRMED, score=None, pipeline_id=None, revision=1)
            return self.change_set.add(columns, Verb.ADD)
        if holder.state == State.CONFIRMED:
            raise Conflict(
                f"an identical span exists: {choice.label} [{target.start}, {target.end}) is span {holder.pk}",
                field=self.field,
                current=holder,
            )
        return self._take_over(holder, Verb.ADD)

    def _take_over(self, holder: Span, verb: Verb) -> Span:
        """The row that already holds the triple becomes the confirmed one."""
        if holder.state == State.CONFIRMED:
            self.change_set.note(holder, verb)
            return holder
        return self.change_set.alter(holder, verb, state=State.CONFIRMED)

    def checked_target(self, choice: Choice, span: Span | None) -> Triple:
        """The triple that a choice aims at, in the bounds of the text."""
        start = choice.start if choice.start is not None or span is None else span.start
        end = choice.end if choice.end is not None or span is None else span.end
        if fault := range_fault(start, end, self.change_set.article.length):
            name, reason = fault
            raise Invalid(f"{reason}, in article {self.change_set.article.pk}", field=f"{self.field}.{name}")
        label_id = self.labels[choice.label].pk if choice.label else span and span.label_id
        return Triple(start, end, label_id)


def _newest_change(article: int, span: int | None) -> Change | None:
    """The last that a decision did to a span, with who took it and when."""
    changes = Change.objects.filter(article=article, span_id=span).select_related("decision__user")
    return changes.order_by("-id").first()


MAX_CHOICES = 5000


def decide(
    *, user: "User", article: Article, choices: Sequence[Choice], client_key: str | None = None
) -> DecisionResult:
    """Apply `choices` to the article's spans as one decision.

    A repeated `client_key` returns the decision that it made before. Refuses: `Invalid` (unsound request), `NotFound`,
    `NotAllowed`, `RevisionMissing`, `Stale` (a span changed since), `Conflict` (done article, identical span).
    """
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    for position, choice in enumerate(choices):
        choice.check(_field(choices, position))
    require(user, article.corpus, Role.EDITOR)
    request = digest("decide", article.pk, [choice.as_request() for choice in choices])
    return once(user, client_key, request, lambda: _decide(user, article, choices, client_key, request))


def _decide(
    user: "User", article: Article, choices: Sequence[Choice], client_key: str | None, request: bytes
) -> DecisionResult:
    review = begin(user, article)
    labels = _labels(article, choices)
    change_set = change_set_for(article, choices, labels)
    applications = [Application(change_set, labels, _field(choices, position)) for position in range(len(choices))]
    results = [application.apply(choice) for application, choice in zip(applications, choices, strict=True)]
    notices = [application.notice for application in applications if application.notice]
    enter_review(review, user)
    verbs = {choice.verb for choice in choices}
    verb = Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL
    decision = record(user, article, verb, change_set, client_key=client_key, request_sha256=request, notices=notices)
    return DecisionResult(decision, with_names(results))


def _field(choices: Sequence[Choice], position: int) -> str:
    return f"decisions[{position}]"


def _labels(article: Article, choices: Sequence[Choice]) -> dict[str, Label]:
    """The labels that are named, by name; an unknown one is refused where it is named first."""
    wanted: dict[str, str] = {}
    for position, choice in enumerate(choices):
        for name, field in named_in(choice, _field(choices, position)):
            wanted.setdefault(name, field)
    return labels_named(article.corpus, wanted)
