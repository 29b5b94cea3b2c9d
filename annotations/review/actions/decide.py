"""Confirm, reject, relabel, move and add spans of one article as one decision, all or none."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.change_set import ChangeSet, Columns, Triple, columns_of, rejected_remainder
from annotations.review.actions.choices import Choice
from annotations.review.actions.decisions import DecisionResult, results_of, run_once
from annotations.review.actions.opening import label_fields, open_articles, require_open
from annotations.review.actions.recording import record, to_start
from annotations.review.models import Change, Label, Span, State, Verb
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, NotFound, Stale
from corpusapp.core.idempotency import digest
from corpusapp.text.ranges import range_fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_CHOICES = 5000


def decide(
    *, user: "User", article: Article, choices: Sequence[Choice], client_key: str | None = None
) -> DecisionResult:
    """Apply `choices` to spans of the article as one decision.

    A repeated `client_key` returns the first decision. Refuses: `Invalid`, `NotFound`, `NotAllowed`,
    `RevisionMissing`, `Stale` (a span changed since), `Conflict` (done article, identical span).
    """
    if not choices:
        raise Invalid("decisions is empty: send at least one", field="decisions")
    if len(choices) > MAX_CHOICES:
        raise Invalid(f"{len(choices)} verbs in one decision: the limit is {MAX_CHOICES}", field="decisions")
    for position, choice in enumerate(choices):
        choice.check(_field(choices, position))
    require(user, article.corpus, Role.EDITOR)
    request = digest("decide", article.pk, [choice.as_request() for choice in choices])
    return run_once(user, client_key, request, lambda: _decide(user, article, choices, client_key, request))


def _decide(
    user: "User", article: Article, choices: Sequence[Choice], client_key: str | None, request: bytes
) -> DecisionResult:
    wanted = _label_fields(choices)
    opened = open_articles(
        article.corpus_id, [article.pk], ((article.pk, choice) for choice in choices), known=article, label_names=wanted
    )
    review = opened.review(article.pk)
    require_open(review)
    opened.check_labels(article.corpus, wanted)
    change_set = opened.change_sets[article.pk]
    appliers = [ChoiceApplier(change_set, opened.labels, _field(choices, position)) for position in range(len(choices))]
    results = [applier.apply(choice) for applier, choice in zip(appliers, choices, strict=True)]
    verbs = {choice.verb for choice in choices}
    decision = record(
        user,
        article,
        Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL,
        change_set,
        client_key=client_key,
        request_sha256=request,
        notices=[applier.notice for applier in appliers if applier.notice],
        spared_actions=sum(choice.spared_actions for choice in choices),
        starts=to_start([review]),
        entities=shown_entities(zip(choices, results, strict=True)),
    )
    return DecisionResult(decision, results_of(results))


def shown_entities(decided: Iterable[tuple[Choice, Span]]) -> list[tuple[Span, int]]:
    """The spans that choices keep, each with the entity that was shown with it."""
    return [(span, choice.entity) for choice, span in decided if choice.entity and choice.verb != Verb.REJECT]


def _field(choices: Sequence[Choice], position: int) -> str:
    return f"decisions[{position}]"


def _label_fields(choices: Sequence[Choice]) -> dict[str, str]:
    """The labels in the choices, each with the field of the first choice that has it."""
    wanted: dict[str, str] = {}
    for position, choice in enumerate(choices):
        for name, field in label_fields(choice, _field(choices, position)):
            wanted.setdefault(name, field)
    return wanted


def seen_triple(choice: Choice, labels: Mapping[str, Label], length: int) -> Triple | None:
    """The triple that the editor saw; None if the choice does not give it, or its range is invalid."""
    if choice.seen is None or range_fault(choice.seen.start, choice.seen.end, length):
        return None
    return Triple(choice.seen.start, choice.seen.end, labels[choice.seen.label].pk)


def target_triple(choice: Choice, change_set: ChangeSet, labels: Mapping[str, Label], length: int) -> Triple | None:
    """The triple that a choice gives its span; None if it gives none, or its range is invalid."""
    seen = change_set.spans.get(choice.span or 0) or seen_triple(choice, labels, length)
    if choice.verb not in (Verb.RELABEL, Verb.MOVE, Verb.ADD):
        return None
    return _target(choice, labels, seen, length)


def _target(choice: Choice, labels: Mapping[str, Label], seen: Span | Triple | None, length: int) -> Triple | None:
    start = choice.start if seen is None or choice.start is not None else seen.start
    end = choice.end if seen is None or choice.end is not None else seen.end
    label_id = labels[choice.label].pk if choice.label else seen.label_id if seen else None
    if start is None or end is None or label_id is None or range_fault(start, end, length):
        return None
    return Triple(start, end, label_id)


class ChoiceApplier:
    """Applies one choice to a change set. Each verb returns the resulting row.

    `notice` says so if the verb was applied where a suggestion has been withdrawn or replaced meanwhile.
    """

    def __init__(self, change_set: ChangeSet, labels: Mapping[str, Label], field: str) -> None:
        self.change_set, self.labels, self.field = change_set, labels, field
        self.notice = ""

    def apply(self, choice: Choice) -> Span:
        if choice.verb == Verb.ADD:
            return self._add(choice)
        span = self.named_span(choice)
        if choice.verb == Verb.CONFIRM:
            return self._set_state(span, State.CONFIRMED, Verb.CONFIRM)
        if choice.verb == Verb.REJECT:
            return self._set_state(span, State.REJECTED, Verb.REJECT)
        return self._retarget(span, choice)

    def named_span(self, choice: Choice) -> Span:
        """The span that a choice names, at the revision that it names.

        If the suggestion was withdrawn or replaced meanwhile, or is only named by what was seen, the span at that
        range. Refuses a span that another decision changed, with its user and time.
        """
        span = self.change_set.spans.get(choice.span or 0)
        if span is None:
            return self._span_at_seen(choice)
        return self._at_revision(span, choice)

    def _at_revision(self, span: Span, choice: Choice) -> Span:
        if span.revision != choice.revision:
            raise self._stale(f"span {span.pk} is at revision {span.revision}, you saw {choice.revision}", span)
        return span

    def _span_at_seen(self, choice: Choice) -> Span:
        """The span at the triple that the editor saw, for one that no longer exists, or has no other name."""
        article = self.change_set.article
        removed = _newest_change(article.pk, choice.span) if choice.span is not None else None
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
        triple = seen_triple(choice, self.labels, article.length)
        if triple is None or choice.seen is None:
            raise NotFound(
                f"article {article.pk} has no span {choice.span}: it may no longer be suggested; reload the article, "
                "or send the span that you saw as seen",
                field=f"{self.field}.span",
            )
        existing = self.change_set.span_at(triple)
        where = f"“{choice.seen.label}” at [{triple.start}, {triple.end})"
        if existing is not None and choice.span is None and choice.revision is not None:
            return self._at_revision(existing, choice)
        if existing is not None and existing.state != State.SUGGESTED:
            what = f"suggestion {choice.span}" if choice.span is not None else where
            raise self._stale(f"{what} was decided in the meantime: it is {existing.state}", existing)
        if existing is not None and choice.span is None:
            return existing
        self.notice = f"the suggestion {where} changed in the meantime: your decision was applied there"
        if existing is not None:
            return existing
        withdrawn = self.change_set.add_withdrawn(triple)
        withdrawn.label = self.labels[choice.seen.label]
        return withdrawn

    def _stale(self, what: str, span: Span) -> Stale:
        newest = _newest_change(self.change_set.article.pk, span.pk)
        decision = newest.decision if newest else None
        who = f"; {decision.user} decided it" if decision else ""
        return Stale(
            f"{what}{who}: check the current state, and decide again",
            field=f"{self.field}.revision",
            current=span,
            by=str(decision.user) if decision else "",
            at=decision.created_at if decision else None,
        )

    def _set_state(self, span: Span, state: State, verb: Verb) -> Span:
        if span.state == state:
            raise Conflict(f"span {span.pk} is already {state}", field=self.field, current=span)
        return self.change_set.update(span, verb, state=state)

    def _retarget(self, span: Span, choice: Choice) -> Span:
        """Give the span another range or label; its former triple is kept as rejected."""
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
        if existing := self.change_set.stored_at(target):
            self.change_set.confirm(existing, verb)
            self.change_set.update(span, verb, implicit=True, state=State.REJECTED)
            return existing
        self.change_set.update(span, verb, **target._asdict(), state=State.CONFIRMED, score=None, pipeline_id=None)
        if choice.label:
            span.label = self.labels[choice.label]
        self.change_set.add(rejected_remainder(before), verb, implicit=True)
        return span

    def _add(self, choice: Choice) -> Span:
        target = self.checked_target(choice, None)
        existing = self.change_set.stored_at(target)
        if existing is None:
            columns = Columns(*target, state=State.CONFIRMED, score=None, pipeline_id=None, revision=1)
            span = self.change_set.add(columns, Verb.ADD)
            span.label = self.labels[choice.label or ""]
            return span
        if existing.state == State.CONFIRMED:
            raise Conflict(
                f"an identical span exists: {choice.label} [{target.start}, {target.end}) is span {existing.pk}",
                field=self.field,
                current=existing,
            )
        return self.change_set.confirm(existing, Verb.ADD)

    def checked_target(self, choice: Choice, span: Span | None) -> Triple:
        """The triple that a choice gives its span. Refuses a range outside the text, and a hidden label."""
        label = self.labels.get(choice.label or "")
        if label is not None and label.hidden:
            raise Invalid(
                f"the label {label.name!r} is hidden: choose another label of the corpus", field=f"{self.field}.label"
            )
        article = self.change_set.article
        if target := _target(choice, self.labels, span, article.length):
            return target
        start = choice.start if choice.start is not None or span is None else span.start
        end = choice.end if choice.end is not None or span is None else span.end
        name, reason = range_fault(start, end, article.length) or ("label", f"{choice.verb} needs label")
        raise Invalid(f"{reason}, in article {article.pk}", field=f"{self.field}.{name}")


def _newest_change(article: int, span: int) -> Change | None:
    """The newest change of a span, with its decision and user."""
    changes = Change.objects.filter(article=article, span_id=span).select_related("decision__user")
    return changes.order_by("-id").first()
