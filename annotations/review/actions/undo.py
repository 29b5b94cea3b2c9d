"""Undo a decision with a new one. Spans that changed since stay unchanged and are reported."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from annotations.review import ports
from annotations.review.actions.change_set import COLUMNS, ChangeSet, Columns, Triple, columns_of, spans_at
from annotations.review.actions.decisions import (
    DecisionResult,
    lock_reviews,
    reload_spans,
    reopened_by,
    run_once,
)
from annotations.review.actions.labels import lock_pair, set_hidden, set_shown
from annotations.review.actions.opening import open_articles, require_open
from annotations.review.actions.recording import record_all, to_start
from annotations.review.actions.stages import finishable_again, reopen_finished
from annotations.review.models import MAIN_LAYER, Change, Decision, Label, Review, Span, Stage, State, Verb
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import may, require
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

NOT_UNDONE = (Verb.IMPORT, Verb.REOPEN)


def undo(*, user: "User", decision: Decision, client_key: str | None = None) -> DecisionResult:
    """Restore the spans that a decision changed and nobody changed since. Undoing an undo is a redo.

    Articles that are done or withdrawn by now are left out. The undo of a finish also puts its articles back in review,
    a redo marks them done again. The undo of a merge of labels, for managers, also changes done articles, and shows the
    label again; a redo hides it. Refuses: `Invalid` (imports and reopenings), `NotAllowed` (another user's decision,
    except for managers), `Conflict` (already undone, or nothing left to undo).
    """
    if decision.verb in NOT_UNDONE:
        raise Invalid(f"a decision of the kind {decision.verb} cannot be undone", field="decision")
    if decision.merged_label_id:
        require(user, decision.corpus, Role.MANAGER)
    if decision.user_id != user.pk and not may(user, decision.corpus, Role.MANAGER):
        raise NotAllowed(f"decision {decision.pk} is {decision.user}'s: you can undo your own")
    request = digest("undo", decision.pk)
    return run_once(user, client_key, request, lambda: _undo(user, decision, client_key, request))


def _undo(user: "User", decision: Decision, client_key: str | None, request: bytes) -> DecisionResult:
    label, into = decision.merged_label, decision.merged_into
    merged = lock_pair(label, into) if label and into else None
    changes = list(decision.changes.order_by("id"))
    parts = ports.undo_parts(decision)
    reopened = _reopen(user, decision)
    change_sets, starts = _open_change_sets(user, decision, changes, [pk for part in parts for pk in part.articles])
    if Decision.objects.filter(undoes=decision).exists():
        raise Conflict(f"decision {decision.pk} is already undone")
    verb = Verb.REDO if decision.verb == Verb.UNDO else Verb.UNDO
    obstacles = _prepare(parts, change_sets, changes)
    restored, left_out = _restore(change_sets, _update_revisions(decision, change_sets, changes), verb, obstacles)
    not_reopened = [pk for pk in decision.finished if pk not in reopened]
    left_out += [{"article": pk, "reason": f"article {pk} was reopened or withdrawn since"} for pk in not_reopened]
    again = _finishable(user, decision, left_out) if verb == Verb.REDO else []
    left_out += [entry for part in parts for entry in part.left_out]
    if not restored and not reopened and not again and not any(part.count for part in parts):
        raise Conflict("everything in this decision has changed since: nothing to undo", current=left_out)
    new = record_all(
        user,
        decision.corpus_id,
        verb,
        list(change_sets.values()),
        client_key=client_key,
        request_sha256=request,
        left_out=left_out,
        undoes=decision,
        starts=starts,
        finishes=again,
        merged_label=label,
        merged_into=into,
        touched=[decision.article_id] if decision.article_id else [],
    )
    for part in parts:
        part.apply(decision=new)
        new.applied += part.count
    new.applied += len(reopened)
    if merged:
        _set_merged(user, *merged, verb)
    # Those of a merge may be all spans of the corpus.
    return DecisionResult(new, () if merged else reload_spans(restored), left_out)


def _prepare(
    parts: Sequence[ports.UndoPart], change_sets: Mapping[int, ChangeSet], changes: Sequence[Change]
) -> dict[int, str]:
    """Let subscribers find what they restore; their reasons why spans must stay decided, by span."""
    changing = [change for change in changes if change.article_id in change_sets]
    undecided = {one.span_id for one in changing if one.before_state in (None, State.SUGGESTED)}
    obstacles: dict[int, str] = {}
    for part in parts:
        part.prepare(undecided=undecided, changing={change.span_id for change in changing})
        obstacles |= part.obstacles
    return obstacles


def _set_merged(user: "User", label: Label, into: Label, verb: Verb) -> None:
    """Show the label of a merge that is undone; hide that of one that is redone."""
    if verb == Verb.UNDO and label.hidden:
        set_shown(user=user, label=label)
    elif verb == Verb.REDO:
        set_hidden(user=user, label=label, into=into)


def _reopen(user: "User", decision: Decision) -> list[int]:
    """Reopen the articles that a finish marked done; their ids."""
    if not decision.finished:
        return []
    require(user, decision.corpus, Role.EDITOR)
    return reopen_finished(user, decision, lock_reviews(decision.corpus_id, decision.finished).values())


def _finishable(user: "User", undone: Decision, left_out: list[dict[str, Any]]) -> list[Review]:
    """The locked reviews that a redo marks done again. Other articles that the undo reopened go to `left_out`."""
    opened = reopened_by(undone)
    if not opened:
        return []
    require(user, undone.corpus, Role.EDITOR)
    found = finishable_again(undone, lock_reviews(undone.corpus_id, opened).values())
    left = sorted(set(opened) - {review.article_id for review in found})
    left_out += [{"article": pk, "reason": f"article {pk} was finished, reopened or withdrawn since"} for pk in left]
    return found


def _open_change_sets(
    user: "User", decision: Decision, changes: Sequence[Change], others: Sequence[int]
) -> tuple[dict[int, ChangeSet], list[Review]]:
    """A change set for each article that can be changed, under its lock, and the reviews that the undo starts.

    `others` are articles that are locked too.
    """
    require(user, decision.corpus, Role.EDITOR)
    article = decision.article
    touched = [article.pk] if article else [change.article_id for change in changes]
    opened = open_articles(decision.corpus_id, [*touched, *others], known=article)
    # A merge changes done articles too, and leaves all stages as they are.
    merged = decision.merged_label_id is not None
    if article and changes and not merged:
        require_open(opened.review(article.pk))
    change_sets = {
        pk: change_set
        for pk, change_set in opened.change_sets.items()
        if pk in touched and (merged or opened.reviews[pk].stage != Stage.DONE)
    }
    for span in _read_spans([change for change in changes if change.article_id in change_sets]):
        change_sets[span.article_id].read([span])
    starting = article and changes and not merged
    return change_sets, to_start([opened.reviews[pk] for pk in change_sets]) if starting else []


def _restore(
    change_sets: Mapping[int, ChangeSet], changes: Sequence[Change], verb: Verb, obstacles: Mapping[int, str]
) -> tuple[list[Span], list[dict[str, Any]]]:
    restored: list[Span] = []
    left_out: list[dict[str, Any]] = []
    for group in _groups(changes):
        article, change_set = group[0].article_id, change_sets.get(group[0].article_id)
        if change_set is None:
            reason: str | None = f"article {article} is now done or withdrawn"
        else:
            reason = _obstacle(change_set, group, obstacles)
        if change_set is None or reason:
            left_out.append({"article": article, "span": group[0].span_id, "reason": reason})
            continue
        restored += [span for change in group if (span := _revert(change_set, change, verb))]
    return restored, left_out


def _update_revisions(
    decision: Decision, change_sets: Mapping[int, ChangeSet], changes: Sequence[Change]
) -> Sequence[Change]:
    """The changes; where later decisions on a span were all undone, with the revision that the span has now."""
    rows = {pk: span for change_set in change_sets.values() for pk, span in change_set.spans.items()}
    later_revision = [change for change in changes if change.after_revision and change.span_id in rows]
    later_revision = [change for change in later_revision if rows[change.span_id].revision != change.after_revision]
    if later_revision:
        reverted = _reverted_since(decision, {change.span_id for change in later_revision})
        for change in later_revision:
            if change.span_id not in reverted:
                continue
            if change.before_revision == change.after_revision:
                # The decision did not change this span: there is nothing to undo.
                change.before_revision = rows[change.span_id].revision
            change.after_revision = rows[change.span_id].revision
    return changes


def _reverted_since(decision: Decision, spans: set[int]) -> set[int]:
    """Those of `spans` whose decisions after `decision` were all undone, and not redone."""
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


def _read_spans(changes: Sequence[Change]) -> list[Span]:
    """The spans that were changed, and those that now have a triple to be restored: two queries."""
    restored: list[tuple[int, Triple]] = []
    for change in changes:
        before, after = change_columns(change, "before"), change_columns(change, "after")
        if before and (after is None or before[:3] != after[:3]):
            restored.append((change.article_id, Triple(*before[:3])))
    changed = Span.objects.filter(pk__in=[change.span_id for change in changes], layer=MAIN_LAYER)
    return [*changed, *spans_at(restored)]


def _groups(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """Group the changes by choice: an explicit one with the implicit ones after it."""
    group: list[Change] = []
    for change in changes:
        if group and not change.implicit:
            yield group
            group = []
        group.append(change)
    if group:
        yield group


def _obstacle(change_set: ChangeSet, group: Sequence[Change], obstacles: Mapping[int, str]) -> str | None:
    """Why the changes of a choice cannot be undone, or None."""
    changed = {change.span_id for change in group}
    for change in group:
        if change.span_id in obstacles:
            return obstacles[change.span_id]
        span, after, before = (
            change_set.spans.get(change.span_id),
            change_columns(change, "after"),
            change_columns(change, "before"),
        )
        if (span is None) != (after is None) or (span and after and not _is_unchanged(span, after)):
            return f"span {change.span_id} has changed"
        existing = change_set.span_at(Triple(*before[:3])) if before else None
        if existing is not None and existing.pk not in changed:
            return f"span {existing.pk} now has its former range and label"
    return None


def _is_unchanged(span: Span, after: Columns) -> bool:
    """Whether a span is as the decision left it. Score and pipeline of a later run do not count."""
    now = columns_of(span)
    return now._replace(score=None, pipeline_id=None) == after._replace(score=None, pipeline_id=None)


def _revert(change_set: ChangeSet, change: Change, verb: Verb) -> Span | None:
    span, before = change_set.spans.get(change.span_id), change_columns(change, "before")
    if span is None:
        # Continue after the last revision, so that no revision ever names two states.
        columns = before._replace(revision=before.revision + 2) if before else None
        return change_set.add(columns, verb, implicit=change.implicit, pk=change.span_id) if columns else None
    if before is None:
        change_set.remove(span, verb, implicit=change.implicit)
        return span
    if before == change_columns(change, "after"):
        return span
    values = before._asdict()
    del values["revision"]
    return change_set.update(span, verb, implicit=change.implicit, **values)


def change_columns(change: Change, name: str) -> Columns | None:
    """A change's columns `before` or `after`."""
    values = [getattr(change, f"{name}_{column}") for column in COLUMNS]
    return Columns(*values) if values[-1] is not None else None
