"""Take a decision back by a new one. What no longer stands as the decision left it stays, and is reported."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from annotations.review.actions.change_set import COLUMNS, ChangeSet, Columns, Triple, article_stub, columns_of, holders
from annotations.review.actions.decisions import (
    DecisionResult,
    begin,
    digest,
    enter_review,
    locked_reviews,
    once,
    record_all,
    with_names,
)
from annotations.review.actions.stages import finish_again, finishable_again, reopen_finished
from annotations.review.models import MAIN_LAYER, Change, Decision, Review, Span, Stage, Verb
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import may, require
from corpusapp.core.errors import Conflict, Invalid, NotAllowed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

NOT_UNDONE = (Verb.IMPORT, Verb.REOPEN)


def undo(*, user: "User", decision: Decision, client_key: str | None = None) -> DecisionResult:
    """Restore, for each choice of `decision`, what still stands as it was left; undoing an undo is a redo.

    A decision on several articles is taken back in all of them but those that were done or withdrawn since. A finish is
    taken back with what it confirmed: its articles are in review again; a redo marks them done again. Refuses:
    `NotAllowed` (another's decision, unless by a manager), `Conflict` (undone already, or nothing still stands).
    """
    if decision.verb in NOT_UNDONE:
        raise Invalid(f"a decision of the kind {decision.verb} cannot be undone", field="decision")
    if decision.user_id != user.pk and not may(user, decision.corpus, Role.MANAGER):
        raise NotAllowed(f"decision {decision.pk} is {decision.user}'s: you can undo your own")
    request = digest("undo", decision.pk)
    return once(user, client_key, request, lambda: _undo(user, decision, client_key, request))


def _undo(user: "User", decision: Decision, client_key: str | None, request: bytes) -> DecisionResult:
    changes = list(decision.changes.order_by("id"))
    reopened = _reopen(user, decision)
    change_sets = _open_change_sets(user, decision, changes)
    if Decision.objects.filter(undoes=decision).exists():
        raise Conflict(f"decision {decision.pk} is already undone")
    verb = Verb.REDO if decision.verb == Verb.UNDO else Verb.UNDO
    restored, left_out = _restore(change_sets, _as_it_stands(decision, change_sets, changes), verb)
    stayed = [pk for pk in decision.finished if pk not in reopened]
    left_out += [{"article": pk, "reason": f"article {pk} was reopened or withdrawn since"} for pk in stayed]
    again = _finishable(user, decision, left_out) if verb == Verb.REDO else []
    if not restored and not reopened and not again:
        raise Conflict("everything in this decision has changed since: nothing to undo", current=left_out)
    new = record_all(
        user,
        decision.corpus_id,
        verb,
        list(change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        finished=[review.article_id for review in again],
        undoes=decision,
    )
    finish_again(user, again)
    return DecisionResult(new, with_names(restored), left_out)


def _reopen(user: "User", decision: Decision) -> list[int]:
    """The articles that are in review again since the finish that marked them done is taken back."""
    if not decision.finished:
        return []
    require(user, decision.corpus, Role.EDITOR)
    return reopen_finished(user, decision, locked_reviews(decision.corpus_id, decision.finished).values())


def _finishable(user: "User", undone: Decision, left_out: list[dict[str, Any]]) -> list[Review]:
    """The reviews, locked, that a redo marks done again; others that the undo opened are added to `left_out`."""
    finish = undone.undoes
    # What the undo left out has no span: it was not opened by it.
    stayed = {entry["article"] for entry in undone.left_out if "span" not in entry}
    opened = [pk for pk in finish.finished if pk not in stayed] if finish else []
    if not opened:
        return []
    require(user, undone.corpus, Role.EDITOR)
    found = finishable_again(undone, locked_reviews(undone.corpus_id, opened).values())
    gone = sorted(set(opened) - {review.article_id for review in found})
    left_out += [{"article": pk, "reason": f"article {pk} was finished, reopened or withdrawn since"} for pk in gone]
    return found


def _open_change_sets(user: "User", decision: Decision, changes: Sequence[Change]) -> dict[int, ChangeSet]:
    """A change set for each article that may be changed, in the order of the decision, under the articles' locks."""
    if article := decision.article:
        enter_review(begin(user, article), user)
        change_sets = {article.pk: ChangeSet(article)}
    else:
        require(user, decision.corpus, Role.EDITOR)
        touched = list(dict.fromkeys(change.article_id for change in changes))
        reviews = locked_reviews(decision.corpus_id, touched)
        standing = [pk for pk in touched if pk in reviews and reviews[pk].stage != Stage.DONE]
        change_sets = {pk: ChangeSet(article_stub(pk, decision.corpus_id, reviews[pk].length)) for pk in standing}
    for span in _rows([change for change in changes if change.article_id in change_sets]):
        change_sets[span.article_id].read([span])
    return change_sets


def _restore(
    change_sets: Mapping[int, ChangeSet], changes: Sequence[Change], verb: Verb
) -> tuple[list[Span], list[dict[str, Any]]]:
    restored: list[Span] = []
    left_out: list[dict[str, Any]] = []
    for group in _groups(changes):
        article, change_set = group[0].article_id, change_sets.get(group[0].article_id)
        if change_set is None:
            reason: str | None = f"article {article} is now done or withdrawn"
        else:
            reason = _obstacle(change_set, group)
        if change_set is None or reason:
            left_out.append({"article": article, "span": group[0].span_id, "reason": reason})
            continue
        restored += [span for change in group if (span := _take_back(change_set, change, verb))]
    return restored, left_out


def _as_it_stands(
    decision: Decision, change_sets: Mapping[int, ChangeSet], changes: Sequence[Change]
) -> Sequence[Change]:
    """The changes, those of spans that later decisions changed and gave back at the revision that they have now."""
    rows = {pk: span for change_set in change_sets.values() for pk, span in change_set.spans.items()}
    moved = [change for change in changes if change.after_revision and change.span_id in rows]
    moved = [change for change in moved if rows[change.span_id].revision != change.after_revision]
    if moved:
        given_back = _given_back(decision, {change.span_id for change in moved})
        for change in moved:
            if change.span_id not in given_back:
                continue
            if change.before_revision == change.after_revision:
                # The decision only met it: there is nothing to take back, then as now.
                change.before_revision = rows[change.span_id].revision
            change.after_revision = rows[change.span_id].revision
    return changes


def _given_back(decision: Decision, spans: set[int]) -> set[int]:
    """Those of `spans` of which every decision after `decision` was taken back, and none of these undos was."""
    later: dict[int, dict[int, int | None]] = {span: {} for span in spans}
    found = Change.objects.filter(span_id__in=spans, decision__gt=decision.pk).order_by("-decision")
    columns = ("span_id", "decision", "decision__undoes", "before_revision", "after_revision")
    for span, pk, undone, before, after in found.values_list(*columns):
        if before != after:
            later[span][pk] = undone
    for results in later.values():
        for pk, undone in list(results.items()):
            if pk in results and undone in results:
                del results[pk], results[undone]
    return {span for span, results in later.items() if not results}


def _rows(changes: Sequence[Change]) -> list[Span]:
    """The rows that were changed, and those that now hold a triple that is to come back: two queries."""
    coming: list[tuple[int, Triple]] = []
    for change in changes:
        before, after = side(change, "before"), side(change, "after")
        if before and (after is None or before[:3] != after[:3]):
            coming.append((change.article_id, Triple(*before[:3])))
    changed = Span.objects.filter(pk__in=[change.span_id for change in changes], layer=MAIN_LAYER)
    return [*changed, *holders(coming)]


def _groups(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """The changes of one choice together: an explicit one with the implicit ones that follow it."""
    group: list[Change] = []
    for change in changes:
        if group and not change.implicit:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _obstacle(change_set: ChangeSet, group: Sequence[Change]) -> str | None:
    """Why this choice cannot be taken back; None where all its rows stand as it left them."""
    leaving = {change.span_id for change in group}
    for change in group:
        span, after, before = change_set.spans.get(change.span_id), side(change, "after"), side(change, "before")
        if (span is None) != (after is None) or (span and after and not _stands(span, after)):
            return f"span {change.span_id} has changed"
        holder = change_set.holder(Triple(*before[:3])) if before else None
        if holder is not None and holder.pk not in leaving:
            return f"span {holder.pk} now has its former range and label"
    return None


def _stands(span: Span, after: Columns) -> bool:
    """Whether the row is as the decision left it. A new score of a later run is no change."""
    now = columns_of(span)
    return now._replace(score=None, pipeline_id=None) == after._replace(score=None, pipeline_id=None)


def _take_back(change_set: ChangeSet, change: Change, verb: Verb) -> Span | None:
    span, before = change_set.spans.get(change.span_id), side(change, "before")
    if span is None:
        # Its revision goes on from where it was removed, so that no revision ever names two states.
        again = before._replace(revision=before.revision + 2) if before else None
        return change_set.add(again, verb, implicit=change.implicit, pk=change.span_id) if again else None
    if before is None:
        change_set.remove(span, verb, implicit=change.implicit)
        return span
    if before == side(change, "after"):
        return span
    columns = before._asdict()
    del columns["revision"]
    return change_set.alter(span, verb, implicit=change.implicit, **columns)


def side(change: Change, name: str) -> Columns | None:
    """A change's columns `before` or `after`."""
    values = [getattr(change, f"{name}_{column}") for column in COLUMNS]
    return Columns(*values) if values[-1] is not None else None
