"""The hues of labels: a family each, in shades, told apart by colour-blind readers (after Okabe and Ito, 2008)."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence

from annotations.review.models import Label

Family = Label.Family
# Per family the inks of its labels in their order: on the light paper, and on the dark one.
_LIGHT = {
    Family.PEOPLE: ("#0a5cad", "#2f7396", "#3c4fb0"),
    Family.PLACES: ("#00704f", "#3e7a2e", "#1b7a80"),
    Family.ORGANISATIONS: ("#b84300", "#94510c"),
    Family.THINGS: ("#8f3381", "#a33a63", "#6b3fa0", "#7b4a78", "#9c2f95"),
    Family.NUMBERS: ("#6d5f45", "#5d6468", "#7a5c3a", "#5f6650", "#6a5a5a", "#57616f", "#6f6650"),
}
_DARK = {
    Family.PEOPLE: ("#7cb8f5", "#86c5e0", "#a3aef5"),
    Family.PLACES: ("#4fc9a0", "#94cf7c", "#6fced3"),
    Family.ORGANISATIONS: ("#f59a5c", "#e3b072"),
    Family.THINGS: ("#e08fd2", "#ef9ab9", "#c4a1f0", "#d3a5cf", "#ec8fe2"),
    Family.NUMBERS: ("#c9b892", "#b3bdc2", "#d1b08a", "#b8c0a4", "#c7b3b3", "#adb9c9", "#c8bda0"),
}
_SHORT = {
    "PERSON": "PER", "PRODUCT": "PROD", "WORK_OF_ART": "WORK", "LANGUAGE": "LANG", "PERCENT": "PCT",
    "QUANTITY": "QTY", "CARDINAL": "NUM", "ORDINAL": "ORD",
}  # fmt: skip


def short_name(name: str) -> str:
    """What stands at the end of a span that is drawn."""
    return _SHORT.get(name) or (name if len(name) <= 6 else name[:5] + ".")


def shades(labels: Iterable[Label]) -> list[tuple[int, str, str]]:
    """(label's id, light ink, dark ink)."""
    seen: Counter[str] = Counter()
    found = []
    for label in labels:
        family = label.family if label.family in _LIGHT else Family.THINGS
        number = seen[family]
        seen[family] += 1
        light, dark = _LIGHT[family], _DARK[family]
        found.append((label.pk, light[number % len(light)], dark[number % len(dark)]))
    return found


def stylesheet(labels: Sequence[Label]) -> str:
    """One custom property a label; how spans look with it stands in the static stylesheet."""
    found = shades(labels)
    light = "".join(f".l-{pk}{{--label:{ink}}}\n" for pk, ink, _ in found)
    dark = "".join(f".l-{pk}{{--label:{ink}}}\n" for pk, _, ink in found)
    return f"{light}@media screen and (prefers-color-scheme:dark){{\n{dark}}}\n"


def version(labels: Sequence[Label]) -> str:
    """Names this exact stylesheet in its address."""
    return hashlib.sha256(stylesheet(labels).encode()).hexdigest()[:12]
