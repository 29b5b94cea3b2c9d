"""Add, edit, rename, hide and order the labels of a corpus."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from annotations.review.models import Label
from annotations.review.models.label import label_shape
from annotations.review.ports import notify_label_set_changed, notify_labels_changed
from corpusapp.accounts.keys import check_label_key
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, Stale

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

Family = Label.Family
MAX_POSITION = 32767
MAX_TEXT = 5000
_DEFINED = ("definition", "family", "position", "key", "examples")


@transaction.atomic
def add_label(
    *,
    user: "User",
    corpus: Corpus,
    name: str,
    definition: str = "",
    family: str = Family.THINGS,
    position: int = 100,
    key: str = "",
    examples: str = "",
) -> Label:
    """Add a label. Refuses an invalid name or key (`Invalid`) and one that the corpus already has (`Conflict`)."""
    require(user, corpus, Role.MANAGER)
    if key:
        # So that two labels added at once do not get the same one.
        _lock_labels(corpus)
    _check_free(corpus, name)
    label = Label(corpus=corpus, name=name)
    _define(label, definition=definition, family=family, position=position, key=key, examples=examples)
    label.save()
    _claim_name(label)
    notify_labels_changed([label], user)
    notify_label_set_changed(corpus.pk)
    return label


@transaction.atomic
def edit_label(
    *,
    user: "User",
    label: Label,
    definition: str,
    family: str,
    position: int | None = None,
    key: str | None = None,
    examples: str | None = None,
) -> Label:
    """Change the definition and appearance of a label; None leaves a value. `rename_label` changes the name."""
    require(user, label.corpus, Role.MANAGER)
    label = _locked(label)
    _define(
        label,
        definition=definition,
        family=family,
        position=label.position if position is None else position,
        key=label.key if key is None else key,
        examples=label.examples if examples is None else examples,
    )
    label.save(update_fields=_DEFINED)
    notify_labels_changed([label], user)
    return label


@transaction.atomic
def rename_label(*, user: "User", label: Label, name: str, shown: str | None = None) -> Label:
    """Rename a label. Its spans stay as they are, and suggesters go on to know it by its former name.

    With `shown`, the name that the user saw, refuses a label that was renamed since (`Stale`).
    """
    require(user, label.corpus, Role.MANAGER)
    label = _locked(label)
    if shown is not None and shown != label.name:
        raise Stale(f"{shown!r} is now named {label.name!r}: check the labels, and rename it again", field="name")
    if name == label.name:
        raise Conflict(f"the label is already named {name!r}: enter another name", field="name")
    _check_free(label.corpus, name)
    former, label.name = label.name, name
    # Its former name comes back with it, so that undoing a rename restores all.
    label.suggester_names = [] if label.suggester_names == [name] else label.suggester_names or [former]
    label.save(update_fields=["name", "suggester_names"])
    _claim_name(label)
    notify_labels_changed([label], user)
    notify_label_set_changed(label.corpus_id)
    return label


@transaction.atomic
def hide_label(*, user: "User", label: Label) -> Label:
    """Hide a label: it is no longer offered or suggested. Its decided spans stay."""
    require(user, label.corpus, Role.MANAGER)
    label = _locked(label)
    if label.hidden:
        raise Conflict(f"the label {label.name!r} is already hidden")
    set_hidden(user=user, label=label)
    return label


def set_hidden(*, user: "User", label: Label, into: Label | None = None) -> None:
    """Hide a locked label, in the transaction of the caller; `into`: the label that it was merged into.

    Refuses the last one that is shown (`Conflict`).
    """
    if not Label.objects.shown().filter(corpus=label.corpus_id).exclude(pk=label.pk).exists():
        raise Conflict(f"{label.name!r} is the last label of {label.corpus.name} that is not hidden: add another first")
    label.hidden_at, label.merged_into = label.hidden_at or timezone.now(), into
    label.save(update_fields=["hidden_at", "merged_into"])
    notify_labels_changed([label], user)
    notify_label_set_changed(label.corpus_id)


@transaction.atomic
def show_label(*, user: "User", label: Label) -> Label:
    """Show a hidden label again. It loses its key if another label has it now."""
    require(user, label.corpus, Role.MANAGER)
    label = _locked(label)
    if not label.hidden:
        raise Conflict(f"the label {label.name!r} is not hidden")
    set_shown(user=user, label=label)
    return label


def set_shown(*, user: "User", label: Label) -> None:
    """Show a locked label again, in the transaction of the caller."""
    taken = label.key and Label.objects.shown().filter(corpus=label.corpus_id, key=label.key).exists()
    label.hidden_at, label.merged_into, label.key = None, None, "" if taken else label.key
    label.save(update_fields=["hidden_at", "merged_into", "key"])
    notify_labels_changed([label], user)
    notify_label_set_changed(label.corpus_id)


@transaction.atomic
def move_label(*, user: "User", label: Label, up: bool) -> None:
    """Move a label up or down in the order of the corpus. The first and the last stay where they are."""
    require(user, label.corpus, Role.MANAGER)
    labels = _lock_labels(label.corpus)
    at = next(number for number, other in enumerate(labels) if other.pk == label.pk)
    # Hidden labels are listed apart, so they are passed.
    others = range(at - 1, -1, -1) if up else range(at + 1, len(labels))
    to = next((number for number in others if labels[number].hidden == labels[at].hidden), at)
    labels.insert(to, labels.pop(at))
    moved = [other for number, other in enumerate(labels, start=1) if other.position != number]
    for number, other in enumerate(labels, start=1):
        other.position = number
    Label.objects.bulk_update(moved, ["position"])
    notify_labels_changed(moved, user)


def ensure_labels(*, corpus: Corpus, names: Sequence[str]) -> None:
    """Add the labels that the corpus lacks, in the transaction of the import that calls this."""
    for name in names:
        check_name(name)
    Label.objects.bulk_create([Label(corpus=corpus, name=name) for name in names], ignore_conflicts=True)
    labels = list(Label.objects.filter(corpus=corpus, name__in=names))
    for label in labels:
        _claim_name(label)
    notify_labels_changed(labels, None)


def check_name(name: str, field: str = "label") -> None:
    """Refuse an invalid label name."""
    try:
        label_shape(name)
    except ValidationError as error:
        raise Invalid(f"{name[:80]!r} cannot be a label's name. {error.messages[0]}", field=field) from error


def _lock_labels(corpus: Corpus) -> list[Label]:
    """All labels of the corpus in their order, locked, so that changes of the label set wait for each other."""
    list(Label.objects.filter(corpus=corpus).order_by("pk").select_for_update(no_key=True).values_list("pk"))
    return list(Label.objects.filter(corpus=corpus))


def _locked(label: Label) -> Label:
    """The label as it is now, with all labels of its corpus locked."""
    found = next(other for other in _lock_labels(label.corpus) if other.pk == label.pk)
    found.corpus = label.corpus
    return found


def lock_pair(label: Label, into: Label) -> tuple[Label, Label]:
    """Two labels of a corpus as they are now, with all labels of the corpus locked."""
    by_id = {other.pk: other for other in _lock_labels(label.corpus)}
    found = by_id[label.pk], by_id[into.pk]
    for each in found:
        each.corpus = label.corpus
    return found


def _check_free(corpus: Corpus, name: str) -> None:
    check_name(name, field="name")
    other = Label.objects.filter(corpus=corpus, name=name).first()
    if other is not None:
        hidden = ", which is hidden: show it, or choose another name" if other.hidden else ""
        raise Conflict(f"the corpus {corpus.slug!r} already has a label {name!r}{hidden}", field="name")


def _claim_name(label: Label) -> None:
    """Let suggesters mean this label by its name, and no other that was once called so."""
    others = Label.objects.filter(corpus=label.corpus_id, suggester_names__contains=[label.name]).exclude(pk=label.pk)
    for other in others:
        other.suggester_names = [name for name in other.suggester_names if name != label.name]
        other.save(update_fields=["suggester_names"])


def _define(label: Label, *, definition: str, family: str, position: int, key: str, examples: str) -> None:
    """Set the values of a label; refuses invalid ones, naming the field."""
    if family not in Family.values:
        raise Invalid(f"the family must be one of {', '.join(Family.values)}", field="family")
    if not 0 <= position <= MAX_POSITION:
        raise Invalid(f"the position must be between 0 and {MAX_POSITION}", field="position")
    if key != label.key:
        check_label_key(key)
        others = Label.objects.shown().filter(corpus=label.corpus_id, key=key).exclude(pk=label.pk)
        if key and not label.hidden and (other := others.first()):
            raise Conflict(f"{key!r} is already the key of {other.name}: choose another", field="key")
    label.definition, label.family, label.position = definition, family, position
    label.key, label.examples = key, _checked_examples(examples)


def _checked_examples(examples: str) -> str:
    """The examples, a line each, without empty lines."""
    lines = [line.strip() for line in examples.splitlines() if line.strip()]
    for number, line in enumerate(lines, start=1):
        if line[0] not in "+-" or not line[1:].strip():
            raise Invalid(
                f"line {number} of the examples, {line[:40]!r}, must begin with + (to label) or - (not to label), and "
                "go on with the example",
                field="examples",
            )
    text = "\n".join(f"{line[0]} {line[1:].strip()}" for line in lines)
    if len(text) > MAX_TEXT:
        raise Invalid(f"the examples have {len(text)} characters: the limit is {MAX_TEXT}", field="examples")
    return text
