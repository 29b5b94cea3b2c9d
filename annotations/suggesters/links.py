"""Which short forms in an article belong to which full names: surnames, first names, acronyms."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

_PARTS = re.compile(r"[\s-]+")


@dataclass
class Links:
    """By surface: the full names that end with it (`last`), that begin with it (`first`), or that it abbreviates."""

    last: dict[str, list[str]] = field(default_factory=dict)
    first: dict[str, list[str]] = field(default_factory=dict)
    initials: dict[str, str] = field(default_factory=dict)


def link(labels: Mapping[str, Counter[str]], named: set[str]) -> Links:
    """Links between the surfaces of one article.

    `labels` counts the labels that a base suggester gave each surface; `named` are those that stand where a person's
    name does.
    """
    last, first = defaultdict(list), defaultdict(list)
    initials = {}
    for surface, counts in labels.items():
        parts = surface.split()
        if len(parts) > 1 and (surface in named or _most(counts) == "PERSON"):
            first[parts[0]].append(surface)
            for position in range(1, len(parts)):
                last[" ".join(parts[position:])].append(surface)
        if short := _initials(surface):
            initials[short] = surface
    return Links(dict(last), dict(first), initials)


def _most(counts: Counter[str]) -> str:
    return counts.most_common(1)[0][0] if counts else ""


def _initials(surface: str) -> str:
    letters = [part[0] for part in _PARTS.split(surface) if part[:1].isupper()]
    return "".join(letters) if len(letters) > 1 else ""
