"""Add and edit the labels of a corpus."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from annotations.review.models import Label
from annotations.review.models.label import label_shape
from annotations.review.ports import notify_labels_changed
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

Family = Label.Family
MAX_POSITION = 32767
# OntoNotes Release 5.0 with OntoDB Tool v0.999, section 2.6: the eighteen types that spaCy's pipelines use.
ONTONOTES = (
    ("PERSON", Family.PEOPLE, "People, also fictional ones. Titles and offices stay out."),
    ("ORG", Family.ORGANISATIONS, "Companies, agencies, institutions, committees, parties."),
    ("GPE", Family.PLACES, "Countries, cities, provinces: places with a government."),
    ("NORP", Family.PEOPLE, "Nationalities, religious and political groups: “Syrian”, “Kurds”."),
    ("LOC", Family.PLACES, "Places without a government: seas, mountains, regions."),
    ("FAC", Family.PLACES, "Buildings, airports, roads, crossings, bridges."),
    ("EVENT", Family.THINGS, "Named meetings, wars, storms, matches."),
    ("LAW", Family.THINGS, "Named documents made into laws: resolutions, treaties."),
    ("DATE", Family.NUMBERS, "Absolute or relative dates and periods."),
    ("TIME", Family.NUMBERS, "Times shorter than a day."),
    ("PRODUCT", Family.THINGS, "Vehicles, weapons, foods: things, not services."),
    ("WORK_OF_ART", Family.THINGS, "Titles of books, songs, films."),
    ("LANGUAGE", Family.THINGS, "Any named language."),
    ("MONEY", Family.NUMBERS, "Sums of money with their unit."),
    ("PERCENT", Family.NUMBERS, "Percentages with their sign or word."),
    ("QUANTITY", Family.NUMBERS, "Measures: weights, distances."),
    ("CARDINAL", Family.NUMBERS, "Numerals that are none of the other types."),
    ("ORDINAL", Family.NUMBERS, "“first”, “second”."),
)


def add_default_labels(*, corpus: Corpus) -> None:
    """Add the OntoNotes labels to a new corpus, in the transaction that creates it."""
    Label.objects.bulk_create(
        Label(corpus=corpus, name=name, family=family, definition=definition, position=position)
        for position, (name, family, definition) in enumerate(ONTONOTES, start=1)
    )


@transaction.atomic
def add_label(
    *, user: "User", corpus: Corpus, name: str, definition: str = "", family: str = Family.THINGS, position: int = 100
) -> Label:
    """Add a label. Refuses an invalid name (`Invalid`) and one that the corpus already has (`Conflict`)."""
    require(user, corpus, Role.MANAGER)
    check_name(name, field="name")
    _check_appearance(family, position)
    if Label.objects.filter(corpus=corpus, name=name).exists():
        raise Conflict(f"the corpus {corpus.slug!r} already has a label {name!r}", field="name")
    label = Label.objects.create(corpus=corpus, name=name, definition=definition, family=family, position=position)
    notify_labels_changed([label], user)
    return label


@transaction.atomic
def edit_label(*, user: "User", label: Label, definition: str, family: str, position: int) -> Label:
    """Change the definition, family and position of a label. Its name is fixed: spans and clients refer to it."""
    require(user, label.corpus, Role.MANAGER)
    _check_appearance(family, position)
    label.definition, label.family, label.position = definition, family, position
    label.save(update_fields=["definition", "family", "position"])
    notify_labels_changed([label], user)
    return label


def ensure_labels(*, corpus: Corpus, names: Sequence[str]) -> None:
    """Add the labels that the corpus lacks, in the transaction of the import that calls this."""
    for name in names:
        check_name(name)
    Label.objects.bulk_create([Label(corpus=corpus, name=name) for name in names], ignore_conflicts=True)
    notify_labels_changed(list(Label.objects.filter(corpus=corpus, name__in=names)), None)


def check_name(name: str, field: str = "label") -> None:
    """Refuse an invalid label name."""
    try:
        label_shape(name)
    except ValidationError as error:
        raise Invalid(f"{name[:80]!r} cannot be a label's name. {error.messages[0]}", field=field) from error


def _check_appearance(family: str, position: int) -> None:
    if family not in Family.values:
        raise Invalid(f"the family must be one of {', '.join(Family.values)}", field="family")
    if not 0 <= position <= MAX_POSITION:
        raise Invalid(f"the position must be between 0 and {MAX_POSITION}", field="position")
