"""The label sets that a new corpus may begin with."""

from collections.abc import Sequence
from typing import NamedTuple

from annotations.review.actions.labels import check_name
from annotations.review.models import Label
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import LabelSet, NewLabel
from corpusapp.core.errors import Invalid

Family = Label.Family


class _Default(NamedTuple):
    """A label of a set; `suggester_names` are those of the spaCy pipelines whose spans become this label."""

    name: str
    family: str
    definition: str
    suggester_names: Sequence[str] = ()


# OntoNotes Release 5.0 with OntoDB Tool v0.999, section 2.6: the eighteen types that spaCy's pipelines use.
_ONTONOTES = (
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
# The four types of the CoNLL-2003 shared task (Tjong Kim Sang and De Meulder, 2003).
_CONLL = (
    ("PER", Family.PEOPLE, "People, also fictional ones. Titles and offices stay out.", ["PERSON"]),
    ("ORG", Family.ORGANISATIONS, "Companies, agencies, institutions, committees, parties, teams."),
    ("LOC", Family.PLACES, "Countries, cities, regions, seas, mountains, buildings.", ["LOC", "GPE", "FAC"]),
    ("MISC", Family.THINGS, "Other names: nationalities, events, works, laws, languages, products.",
     ["MISC", "NORP", "EVENT", "WORK_OF_ART", "LAW", "LANGUAGE", "PRODUCT"]),
)  # fmt: skip
ONTONOTES, CONLL = "ontonotes", "conll"
_SETS = {
    ONTONOTES: ("OntoNotes", tuple(_Default(*row) for row in _ONTONOTES)),
    CONLL: ("CoNLL", tuple(_Default(*row) for row in _CONLL)),
}


def label_sets() -> list[LabelSet]:
    return [LabelSet(key, title, [label.name for label in labels]) for key, (title, labels) in _SETS.items()]


def label_faults(labels: Sequence[NewLabel]) -> dict[int, str]:
    """Reasons to refuse labels of a new corpus, by their positions."""
    faults: dict[int, str] = {}
    first: dict[str, int] = {}
    for position, label in enumerate(labels):
        try:
            check_name(label.name)
        except Invalid as invalid:
            faults[position] = invalid.detail
            continue
        if first.setdefault(label.name, position) != position:
            faults[position] = f"the label {label.name!r} is listed twice"
    return faults


def add_first_labels(*, corpus: Corpus, label_set: str = "", labels: Sequence[NewLabel] = ()) -> None:
    """Add these labels, or those of a set, to a new corpus, in the transaction that creates it."""
    if label_set and label_set not in _SETS:
        raise Invalid(f"there is no label set {label_set!r}: use one of {', '.join(_SETS)}", field="label_set")
    _, known = _SETS[label_set or ONTONOTES]
    by_name = {label.name: label for _, own in _SETS.values() for label in own}
    chosen = known
    if labels:
        chosen = tuple(
            _Default(
                label.name, by_name[label.name].family if label.name in by_name else Family.THINGS, label.definition
            )
            for label in labels
        )
    Label.objects.bulk_create(
        Label(
            corpus=corpus,
            name=label.name,
            family=label.family,
            definition=label.definition,
            position=position,
            suggester_names=list(label.suggester_names),
        )
        for position, label in enumerate(chosen, start=1)
    )
