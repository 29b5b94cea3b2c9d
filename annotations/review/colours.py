"""Short names and colours of labels: a hue per family, distinct to colour-blind readers (after Okabe and Ito, 2008).

Pages show a colour by its class, which `static/css/base.css` defines for both themes.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence

from annotations.review.models import Label

Family = Label.Family
# By family the text colours of its labels, in order, in the light and the dark theme.
_LIGHT = {
    Family.PEOPLE: ("#0a57a4", "#265d79", "#3c4fb0"),
    Family.PLACES: ("#006446", "#326325", "#156065"),
    Family.ORGANISATIONS: ("#973700", "#85490b"),
    Family.THINGS: ("#8e3280", "#94355a", "#6b3fa0", "#774874", "#8e2b88"),
    Family.NUMBERS: ("#64573f", "#545a5e", "#6e5334", "#555b47", "#645555", "#515a67", "#5f5845"),
}
_DARK = {
    Family.PEOPLE: ("#80baf5", "#86c5e0", "#a7b1f5"),
    Family.PLACES: ("#4fc9a0", "#94cf7c", "#6fced3"),
    Family.ORGANISATIONS: ("#f69f64", "#e3b072"),
    Family.THINGS: ("#e49ed8", "#ef9bba", "#c8a7f1", "#d4a7d0", "#ed96e4"),
    Family.NUMBERS: ("#c9b892", "#b3bdc2", "#d1b08a", "#b8c0a4", "#c7b3b3", "#adb9c9", "#c8bda0"),
}
# The least number of differing characters shown of long names.
_TAIL = 4
_SHORT = {
    "PERSON": "PER", "PRODUCT": "PROD", "WORK_OF_ART": "WORK", "LANGUAGE": "LANG", "PERCENT": "PCT",
    "QUANTITY": "QTY", "CARDINAL": "NUM", "ORDINAL": "ORD",
}  # fmt: skip


def short_names(names: Iterable[str]) -> dict[str, str]:
    """Unique short names of labels, by name, for the tags at the end of spans."""
    names_shown = {name: _SHORT.get(name) or (name if len(name) <= 6 else name[:5] + ".") for name in names}
    for group in _duplicates(names_shown):
        names_shown |= _distinguish(group)
    # Names that are still ambiguous are shown in full.
    for group in _duplicates(names_shown):
        names_shown |= {name: name for name in group}
    return names_shown


def _duplicates(short: dict[str, str]) -> list[list[str]]:
    """Groups of names that share a short name, without the name that equals it."""
    groups: dict[str, list[str]] = defaultdict(list)
    for name, shown in short.items():
        groups[shown].append(name)
    return [[name for name in group if name != shown] for shown, group in groups.items() if len(group) > 1]


def _distinguish(group: Sequence[str]) -> dict[str, str]:
    """Short names that drop the common prefix: T…001 and T…002 for TYPE_001 and TYPE_002."""
    if len(group) == 1:
        return {group[0]: group[0]}
    common = next((n for n, signs in enumerate(zip(*group, strict=False)) if len(set(signs)) > 1), min(map(len, group)))
    shared = group[0][:common]
    shared = shared[: max(shared.rfind(sign) for sign in "_.-") + 1] or shared
    rests = [name[len(shared) :].lstrip("_.-") for name in group]
    length = next((n for n in range(_TAIL, 65) if len({rest[:n] for rest in rests}) == len(rests)), _TAIL)
    return {name: f"{name[0]}…{rest[:length]}" for name, rest in zip(group, rests, strict=True) if rest}


def label_colours(labels: Iterable[Label]) -> list[tuple[int, str, str]]:
    """(id, colour in the light theme, colour in the dark theme) of each label."""
    return [(pk, _LIGHT[family][number], _DARK[family][number]) for pk, family, number in _places(labels)]


def colour_classes(labels: Iterable[Label]) -> dict[int, str]:
    """By id of each label the class of its colour, such as `l-people-1`."""
    return {pk: f"l-{family}-{number + 1}" for pk, family, number in _places(labels)}


def _places(labels: Iterable[Label]) -> list[tuple[int, Family, int]]:
    """(id, family, position among the colours of the family) of each label. A family with many labels repeats them."""
    seen: Counter[Family] = Counter()
    places = []
    for label in labels:
        family = Family(label.family) if label.family in Family.values else Family.THINGS
        places.append((label.pk, family, seen[family] % len(_LIGHT[family])))
        seen[family] += 1
    return places
