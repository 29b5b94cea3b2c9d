"""Made-up wire copy with its names, any amount of it, for measurements. The same seed makes the same corpus."""

import random
from collections.abc import Iterator
from dataclasses import dataclass

_PEOPLE = ("Karim Daher", "Leila Moradi", "Omid Rastegar", "Samir Qasim", "Nadia Haddad", "Yusuf Erdem", "Ana Petrov")
_PLACES = ("Damascus", "Tehran", "Aleppo", "Isfahan", "Beirut", "Ankara", "Astana", "Homs", "Mashhad", "Latakia")
_BODIES = ("the Joint Committee", "the Foreign Ministry", "Levant Wire", "the Trade Council", "the Relief Agency")
_WORDS = (
    "talks", "officials", "meeting", "said", "agreed", "border", "trade", "visit", "statement", "region", "support",
    "crisis", "delegation", "week", "added", "new", "plan", "security", "aid", "joint", "between", "after", "during",
    "both", "sides", "further", "report", "called", "noted", "held", "continued", "on", "with", "for",
)  # fmt: skip
_NAMES = tuple(
    (name, label) for names, label in ((_PEOPLE, "PERSON"), (_PLACES, "GPE"), (_BODIES, "ORG")) for name in names
)


@dataclass(frozen=True)
class SyntheticArticle:
    """A text of about `words` words and its (start, end, label) in code points."""

    title: str
    text: str
    spans: tuple[tuple[int, int, str], ...]


def articles(count: int, *, spans: int, words: int, seed: int) -> Iterator[SyntheticArticle]:
    """`count` articles with exactly `spans` names each; texts differ from one another."""
    for number in range(count):
        yield _article(number, spans, words, random.Random(f"{seed} {number}"))


def _article(number: int, spans: int, words: int, chance: random.Random) -> SyntheticArticle:
    fillers = max(1, (words - 2 * spans) // (spans + 1))
    pieces = [f"Report {number}:"]
    length = len(pieces[0])
    found = []
    for position in range(spans):
        filler = " " + " ".join(chance.choices(_WORDS, k=fillers)) + (". " if position % 4 else ".\n\n")
        name, label = chance.choice(_NAMES)
        found.append((length + len(filler), length + len(filler) + len(name), label))
        pieces += (filler, name)
        length += len(filler) + len(name)
    pieces.append(" " + " ".join(chance.choices(_WORDS, k=fillers)) + ".")
    text = "".join(pieces)
    title = f"{found[0][2].title()} report {number}" if found else f"Report {number}"
    return SyntheticArticle(title, text, tuple(found))
