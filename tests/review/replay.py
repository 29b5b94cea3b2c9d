"""The decided spans of an article, from the table and replayed from the log."""

from annotations.review.models import Change, Span, State


def decided(article):
    columns = ("pk", "start", "end", "label_id", "state", "revision")
    return {row[0]: row[1:] for row in Span.objects.filter(article=article).decided().values_list(*columns)}


def replayed(article):
    """Decided spans after applying each change in the log, without those that end as suggested or deleted."""
    state = {}
    for change in Change.objects.filter(article=article).order_by("id"):
        state[change.span_id] = (
            change.after_start,
            change.after_end,
            change.after_label_id,
            change.after_state,
            change.after_revision,
        )
    return {pk: row for pk, row in state.items() if row[3] not in (None, State.SUGGESTED)}
