"""Which keys an expert presses for a correction, and which of them only walk.

Offsets here are code points; the page's are converted.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from tests.benchmarks.economy.gold import Triple
from tests.benchmarks.economy.simulated_article import Correction

# Keys that change nothing but the selection or the view.
WALKING, DECIDING = "walking", "deciding"
_WORD = re.compile(r"\w+")

# The range of what is selected: a span, a possible span, or words. In UTF-16 units, null without a selection.
_SELECTED = """() => {
    const box = document.getElementById("text"), offset = (node, at) => {
        const range = document.createRange();
        range.setStart(box, 0);
        range.setEnd(node, at);
        return range.toString().length;
    };
    const chosen = getSelection();
    if (chosen.rangeCount && !chosen.isCollapsed && box.contains(chosen.anchorNode)) {
        const range = chosen.getRangeAt(0);
        return [offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset)];
    }
    const possible = CSS.highlights.get("possible-selected");
    for (const range of possible ?? [])
        return [offset(range.startContainer, range.startOffset), offset(range.endContainer, range.endOffset)];
    const parts = [...box.querySelectorAll(".sp.selected")];
    if (!parts.length) return null;
    const start = offset(parts[0], 0), last = parts.at(-1);
    return [start, offset(last, last.childNodes.length)];
}"""
_KEYS = """() => ({
    commands: JSON.parse(document.getElementById("desk").dataset.keys),
    labels: Object.fromEntries([...document.querySelectorAll("#labels [data-id]")]
        .map(({ dataset }) => [dataset.name, dataset.digit || dataset.letter || ""])),
    doubt: Number(document.getElementById("desk").dataset.doubt) / 100,
})"""


@dataclass
class Keyboard:
    """A page and the keys pressed on it. `pressed` has each key with its kind."""

    page: Any
    text: str
    pressed: list[tuple[str, str]] = field(default_factory=list)

    def __post_init__(self) -> None:
        found = self.page.evaluate(_KEYS)
        self.commands, self.labels, self.doubt = found["commands"], found["labels"], found["doubt"]
        self.units = [0]
        for character in self.text:
            self.units.append(self.units[-1] + len(character.encode("utf-16-le")) // 2)

    def press(self, kind: str, *keys: str) -> None:
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed.append((key, kind))

    def command(self, name: str, kind: str) -> None:
        self.press(kind, self.commands[name])

    def label(self, name: str) -> None:
        """The label's key, or the first letters of its name in the field that finds any label."""
        if key := self.labels[name]:
            self.press(DECIDING, f"Shift+{key}" if key.isupper() else key)
        else:
            self.command("find-label", DECIDING)
            self.press(DECIDING, *name.lower()[:3], "Enter")

    def selected(self) -> tuple[int, int] | None:
        """The range of the selected span or words."""
        found = self.page.evaluate(_SELECTED)
        return (self.units.index(found[0]), self.units.index(found[1])) if found else None

    def find(self, typed: Sequence[str], end: str = "Enter") -> None:
        self.command("find", WALKING)
        self.press(WALKING, *typed, end)

    def set_edges(self, start: int, end: int, kind: str) -> None:
        """Move the boundaries of what is selected by words, and where that goes too far, by characters."""
        for side, goal in ((0, start), (1, end)):
            by_character = False
            for _ in range(60):
                now = self.selected()
                if now is None or now[side] == goal:
                    break
                outwards = (goal < now[side]) == (side == 0)
                name = f"{('start', 'end')[side]}-{'out' if outwards else 'in'}"
                self.press(kind, f"Alt+{self.commands[name]}" if by_character else self.commands[name])
                after = self.selected()
                by_character = by_character or after is None or (after[side] < goal) != (now[side] < goal)
            else:
                raise RuntimeError(f"the boundary cannot be moved to {goal}: {self.text[start:end]!r}")


def words_of(text: str) -> list[tuple[int, int, str]]:
    return [(match.start(), match.end(), _plain(match[0])) for match in _WORD.finditer(text.replace("_", " "))]


def _plain(word: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c))


def _starts(word: str, piece: str) -> bool:
    return word.startswith(piece) if piece != piece.lower() else word.lower().startswith(piece)


def found(words: Sequence[tuple[int, int, str]], pieces: Sequence[str], after: int) -> list[tuple[int, int]]:
    """The ranges that the find field finds, the first after a place first."""
    matches = [
        (words[at][0], words[at + len(pieces) - 1][1])
        for at in range(len(words) - len(pieces) + 1)
        if all(_starts(words[at + number][2], piece) for number, piece in enumerate(pieces))
    ]
    first = next((at for at, match in enumerate(matches) if match[0] >= after), 0)
    return matches[first:] + matches[:first]


def typed_for(
    words: Sequence[tuple[int, int, str]], start: int, end: int, after: int, *, whole: bool
) -> list[str] | None:
    """The fewest keys that find a range, or with `whole` false any of it: letters, then steps to further matches.

    None if nothing that can be typed finds it.
    """
    inside = [word for word in words if word[0] < end and start < word[1]]
    if not inside:
        return None
    best: list[str] | None = None
    names = [word for _, _, word in inside]
    for pieces in [*_pieces([name.lower() for name in names], whole), *_pieces(names, whole)]:
        typed = " ".join(pieces)
        if best is not None and len(typed) >= len(best):
            continue
        for steps, match in enumerate(found(words, pieces, after)):
            right = match == (inside[0][0], inside[-1][1]) if whole else start <= match[0] and match[1] <= end
            if right and (best is None or len(typed) + steps < len(best)):
                best = [*typed, *["ArrowDown"] * steps]
    return best


def _pieces(names: Sequence[str], whole: bool) -> Iterator[list[str]]:
    """Beginnings of words: one is typed longer, the others by their first letter."""
    if whole:
        for longer in range(len(names)):
            for length in range(1, len(names[longer]) + 1):
                yield [name[: length if at == longer else 1] for at, name in enumerate(names)]
        yield list(names)
        return
    for first in range(len(names)):
        for count in (1, 2):
            for length in range(1, len(names[first]) + 1):
                rest = [name[:1] for name in names[first + 1 : first + count]]
                if len(rest) == count - 1:
                    yield [names[first][:length], *rest]


def nearest(corrections: Sequence[Correction], place: int) -> Correction:
    """The first correction from a place on, or else the first of the article."""

    def start(one: Correction) -> int:
        return place_of(one)[0]

    ordered = sorted(corrections, key=start)
    return next((one for one in ordered if start(one) >= place), ordered[0])


def place_of(correction: Correction) -> Triple:
    found = correction.span or correction.target
    assert found is not None
    return found
