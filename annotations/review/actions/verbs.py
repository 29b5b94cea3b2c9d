"""The five verbs on a span, as they change a ledger."""

from collections.abc import Mapping, Sequence

from annotations.review.actions.choices import MAX_ID, Choice
from annotations.review.actions.ledger import Columns, Ledger, Triple, columns_of, left_behind
from annotations.review.actions.rows import holders
from annotations.review.models import MAIN_LAYER, Label, Span, State, Verb
from corpusapp.articles.models import Article, Corpus
from corpusapp.prepared import Prepared
from corpusapp.refusals import Conflict, Invalid, NotFound, Stale
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


_LABELS = Prepared(lambda corpus: Label.objects.filter(corpus=corpus), corpus=int)


def ledger_for(article: Article, choices: Sequence[Choice], labels: Mapping[str, Label]) -> Ledger:
    """The rows that are named, and those that may hold a triple that a choice aims at: two queries."""
    ledger = Ledger(article)
    named = [choice.span for choice in choices if choice.span is not None and 0 < choice.span <= MAX_ID]
    if named:
        ledger.read(Span.objects.filter(article=article, layer=MAIN_LAYER, pk__in=named))
    targets = (target_of(choice, ledger, labels, article.length) for choice in choices)
    ledger.read(holders((article.pk, target) for target in targets if target))
    return ledger


def target_of(choice: Choice, ledger: Ledger, labels: Mapping[str, Label], length: int) -> Triple | None:
    """The triple that a choice aims at; None where it aims at none, or at none that can exist."""
    span = ledger.spans.get(choice.span or 0)
    start = choice.start if choice.start is not None else span and span.start
    end = choice.end if choice.end is not None else span and span.end
    label_id = labels[choice.label].pk if choice.label else span and span.label_id
    if choice.verb not in (Verb.RELABEL, Verb.MOVE, Verb.ADD) or range_fault(start, end, length):
        return None
    return Triple(start, end, label_id) if label_id else None


class Application:
    """One choice, applied to the ledger. Each verb returns the row that it leaves."""

    def __init__(self, ledger: Ledger, labels: Mapping[str, Label], field: str) -> None:
        self.ledger, self.labels, self.field = ledger, labels, field

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
        """The span that a choice names, at the revision that it names."""
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
        target = self.checked_target(choice, span)
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
        target = self.checked_target(choice, None)
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

    def checked_target(self, choice: Choice, span: Span | None) -> Triple:
        """The triple that a choice aims at, in the bounds of the text."""
        start = choice.start if choice.start is not None or span is None else span.start
        end = choice.end if choice.end is not None or span is None else span.end
        if fault := range_fault(start, end, self.ledger.article.length):
            name, reason = fault
            raise Invalid(f"{reason}, in article {self.ledger.article.pk}", field=f"{self.field}.{name}")
        label_id = self.labels[choice.label].pk if choice.label else span and span.label_id
        return Triple(start, end, label_id)
