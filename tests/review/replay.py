"""The decided spans of an article, from the table and from the log alone."""

from annotations.review.models import Change, Span, State


def decided(article):
    columns = ("pk", "start", "end", "label_id", "state", "revision")
    return {row[0]: row[1:] for row in Span.objects.filter(article=article).decided().values_list(*columns)}


def replayed(article):
    """Each change sets its span to its `after`; what ends as suggested, or not at all, is not decided."""
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
