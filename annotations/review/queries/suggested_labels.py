"""Which label a suggestion gets, by the name that a suggester gives it."""

from annotations.review.models import Label


def suggested_labels(corpus_id: int) -> dict[str, Label]:
    """The labels of the corpus by the names by which suggesters know them. No label for a name: it is not suggested.

    A name means the label that has it, else the one that had it or stands for it in the label set. A hidden label is
    not suggested; one that was merged stands for the label that it was merged into.
    """
    labels = list(Label.objects.filter(corpus=corpus_id))
    by_id = {label.pk: label for label in labels}
    found: dict[str, Label | None] = {}
    for label in labels:
        offered = _offered(label, by_id)
        for name in label.suggester_names:
            if found.get(name) is None:
                found[name] = offered
    found |= {label.name: _offered(label, by_id) for label in labels}
    return {name: label for name, label in found.items() if label is not None}


def _offered(label: Label, by_id: dict[int, Label]) -> Label | None:
    """The label itself, or the one that it was merged into, directly or not; None if that is hidden."""
    passed: set[int] = set()
    while label.hidden:
        if label.merged_into_id is None or label.pk in passed:
            return None
        passed.add(label.pk)
        label = by_id[label.merged_into_id]
    return label
