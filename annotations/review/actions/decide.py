"""Confirm, reject, relabel, move and add: one stroke, applied all or none."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from django.db.models import Q

from annotations.review.actions.choices import MAX_ID, Choice
from annotations.review.actions.idempotency import digest, once
from annotations.review.actions.ledger import Columns, Ledger, Triple, columns_of, left_behind
from annotations.review.actions.stroke import Stroke, begin, enter_review, record, with_names
from annotations.review.models import MAIN_LAYER, Label, Span, State, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.refusals import Conflict, Invalid, NotFound, Stale
from corpusapp.text.ranges import range_fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_CHOICES = 5000


def decide(*, user: "User", article: Article, choices: Sequence[Choice], client_key: str | None = None) -> Stroke:
    """Apply `choices` to the article's spans as one decision.

    A repeated `client_key` returns the stroke that it made before. Refuses: `Invalid` (unsound request), `NotFound`,
    `NotAllowed`, `RevisionMissing`, `Stale` (a span changed since), `Conflict` (done article, identical span).
    """
    if not choices:
        raise Invalid("a stroke needs at least one decision", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} decisions in one stroke: send at most {MAX_CHOICES}", field="decisions")
    for position, choice in enumerate(choices):
        choice.check(_field(choices, position))
    require(user, article.corpus, Role.EDITOR)
    request = digest("decide", article.pk, [asdict(choice) for choice in choices])
    return once(user, client_key, request, lambda: _decide(user, article, choices, client_key, request))


def _decide(
    user: "User", article: Article, choices: Sequence[Choice], client_key: str | None, request: bytes
) -> Stroke:
    review = begin(user, article)
    labels = _labels(article, choices)
    ledger = _ledger(article, choices, labels)
    results = [
        _Application(ledger, labels, _field(choices, position)).apply(choice) for position, choice in enumerate(choices)
    ]
    enter_review(review, user)
    verbs = {choice.verb for choice in choices}
    verb = Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL
    decision = record(user, article, verb, ledger, client_key=client_key, request_sha256=request)
    return Stroke(decision, with_names(results))


def _field(choices: Sequence[Choice], position: int) -> str:
    return f"decisions[{position}]"


def _labels(article: Article, choices: Sequence[Choice]) -> dict[str, Label]:
    """The labels that are named, by name; an unknown one is refused."""
    wanted = {choice.label: position for position, choice in reversed(list(enumerate(choices))) if choice.label}
    found = {label.name: label for label in Label.objects.filter(corpus_id=article.corpus_id, name__in=list(wanted))}
    for name, position in wanted.items():
        if name not in found:
            known = ", ".join(Label.objects.filter(corpus_id=article.corpus_id).values_list("name", flat=True)[:40])
            raise Invalid(
                f"the corpus {article.corpus.slug!r} has no label {name!r}: its labels are {known or 'none'}",
                field=f"{_field(choices, position)}.label",
            )
    return found


def _ledger(article: Article, choices: Sequence[Choice], labels: dict[str, Label]) -> Ledger:
    """The rows that are named, and those that may hold a triple that a choice aims at: two queries."""
    layer = Span.objects.filter(article=article, layer=MAIN_LAYER)
    ledger = Ledger(article)
    named = [choice.span for choice in choices if choice.span is not None and 0 < choice.span <= MAX_ID]
    ledger.read(layer.filter(pk__in=named))
    targets = Q()
    for choice in choices:
        if target := _target(choice, ledger, labels, article.length):
            targets |= Q(**target._asdict())
    if targets:
        ledger.read(layer.filter(targets).exclude(pk__in=list(ledger.spans)))
    return ledger


def _target(choice: Choice, ledger: Ledger, labels: dict[str, Label], length: int) -> Triple | None:
    """The triple that a choice aims at; None where it aims at none, or at none that can exist."""
    span = ledger.spans.get(choice.span or 0)
    start = choice.start if choice.start is not None else span and span.start
    end = choice.end if choice.end is not None else span and span.end
    label_id = labels[choice.label].pk if choice.label else span and span.label_id
    if choice.verb not in (Verb.RELABEL, Verb.MOVE, Verb.ADD) or range_fault(start, end, length):
        return None
    return Triple(start, end, label_id) if label_id else None


class _Application:
    """One choice, applied to the ledger. Each verb returns the row that it leaves."""

    def __init__(self, ledger: Ledger, labels: dict[str, Label], field: str) -> None:
        self.ledger, self.labels, self.field = ledger, labels, field

    def apply(self, choice: Choice) -> Span:
        if choice.verb == Verb.ADD:
            return self._add(choice)
        span = self._seen(choice)
        if choice.verb == Verb.CONFIRM:
            return self._set_state(span, State.CONFIRMED, Verb.CONFIRM)
        if choice.verb == Verb.REJECT:
            return self._set_state(span, State.REJECTED, Verb.REJECT)
        return self._retarget(span, choice)

    def _seen(self, choice: Choice) -> Span:
        span = self.ledger.spans.get(choice.span or 0)
        if span is None:
            raise NotFound(
                f"article {self.ledger.article.pk} has no span {choice.span}: it may have been proposed "
                "no longer; look at the article again",
                field=f"{self.field}.span",
            )
        if span.revision != choice.revision:
            raise Stale(
                f"span {span.pk} is at revision {span.revision}, you saw {choice.revision}: "
                "look at what stands now, and decide again",
                field=f"{self.field}.revision",
                current=span,
            )
        return span

    def _set_state(self, span: Span, state: State, verb: Verb) -> Span:
        if span.state == state:
            raise Conflict(f"span {span.pk} is already {state}", field=self.field, current=span)
        return self.ledger.alter(span, verb, state=state)

    def _retarget(self, span: Span, choice: Choice) -> Span:
        """Give the span another range or label; its former triple stays behind as rejected."""
        verb = Verb(choice.verb)
        target = self._checked_target(choice, span)
        before = columns_of(span)
        if target == Triple(*before[:3]):
            raise Conflict(f"span {span.pk} already has this range and label", field=self.field, current=span)
        if span.state == State.REJECTED:
            raise Conflict(
                f"span {span.pk} is rejected: confirm it first, or add the span that you mean",
                field=self.field,
                current=span,
            )
        if holder := self.ledger.holder(target):
            self._take_over(holder, verb)
            self.ledger.alter(span, verb, implicit=True, state=State.REJECTED)
            return holder
        self.ledger.alter(span, verb, **target._asdict(), state=State.CONFIRMED, score=None, pipeline_id=None)
        self.ledger.add(left_behind(before), verb, implicit=True)
        return span

    def _add(self, choice: Choice) -> Span:
        target = self._checked_target(choice, None)
        holder = self.ledger.holder(target)
        if holder is None:
            columns = Columns(*target, state=State.CONFIRMED, score=None, pipeline_id=None, revision=1)
            return self.ledger.add(columns, Verb.ADD)
        if holder.state == State.CONFIRMED:
            raise Conflict(
                f"an identical span stands already: {choice.label} [{target.start}, {target.end}) is span {holder.pk}",
                field=self.field,
                current=holder,
            )
        return self._take_over(holder, Verb.ADD)

    def _take_over(self, holder: Span, verb: Verb) -> Span:
        """The row that already holds the triple becomes the confirmed one."""
        if holder.state == State.CONFIRMED:
            self.ledger.note(holder, verb)
            return holder
        return self.ledger.alter(holder, verb, state=State.CONFIRMED)

    def _checked_target(self, choice: Choice, span: Span | None) -> Triple:
        start = choice.start if choice.start is not None or span is None else span.start
        end = choice.end if choice.end is not None or span is None else span.end
        if fault := range_fault(start, end, self.ledger.article.length):
            name, reason = fault
            raise Invalid(f"{reason}, in article {self.ledger.article.pk}", field=f"{self.field}.{name}")
        label_id = self.labels[choice.label].pk if choice.label else span and span.label_id
        return Triple(start, end, label_id)
