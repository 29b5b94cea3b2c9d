"""Fold text for search: remove punctuation, invisible characters, letter case and accents.

`plain` keeps letters, for language-specific stemmers; `folded` unifies the forms of a letter:

- case, accents and vowel signs over letters: `Zürich`, `ZURICH` and `Zu` + U+0308 + `rich` are `zurich`;
- the forms of alef, hamza, yeh and kaf in Arabic and Persian, and their digits; Turkish dotless i;
- forms of width and ligatures, by Unicode's compatibility decomposition;
- scripts without spaces become bigrams: `外交部` is `外交 交部 部`. A word of two characters or more is found by its
  bigrams, a single character as a prefix of one.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from unicodedata import category, digit, is_normalized, normalize

from corpusapp.text.scripts import UNSPACED, is_unspaced

ZERO_WIDTH_SPACE, WORD_JOINER = "\u200b", "\u2060"
# Invisible characters: joiners, soft hyphens, direction marks, variation selectors, the zero-width space.
INVISIBLE_CLASS = (
    "\u00ad\u034f\u0600-\u0605\u061c\u06dd\u070f\u0890\u0891\u08e2\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f"
    "\ufe00-\ufe0f\ufeff\ufff9-\ufffb\U000110bd\U000110cd\U00013430-\U0001343f\U0001bca0-\U0001bca3"
    "\U0001d173-\U0001d17a\U000e0001-\U000e01ef"
)
INVISIBLE = re.compile(f"[{INVISIBLE_CLASS}]+")
# Marks from here on are vowels and parts of letters: in Devanagari, Thai and other scripts they change the word.
_FIRST_MARK_KEPT = 0x0900
_OTHER_MARKS = (
    *range(0x1AB0, 0x1B00), *range(0x1DC0, 0x1E00), *range(0x20D0, 0x2100), *range(0xFE20, 0xFE30),
    *range(0x08CA, 0x0900),
)  # fmt: skip
_DROPPED_MARKS = frozenset(map(chr, _OTHER_MARKS))
# Letters without a Unicode decomposition. Modifier letters used as apostrophes separate words.
_SAME = {
    "ø": "o", "đ": "d", "ł": "l", "ħ": "h", "ı": "i", "ŧ": "t", "æ": "ae", "œ": "oe", "þ": "th", "ð": "d",
    "\u0671": "\u0627", "\u0649": "\u064a", "\u06cc": "\u064a", "\u0629": "\u0647", "\u06c1": "\u0647",
    "\u06be": "\u0647", "\u06d5": "\u0647", "\u06a9": "\u0643", "\u0640": "", "\u02bb": " ", "\u02bc": " ",
}  # fmt: skip
# These separate words, or join the parts of an emoji.
_KEPT_JOINERS = "\u200b\u200c\u200d"
_BETWEEN_UNSPACED = re.compile(f"(?<=[{UNSPACED}]){ZERO_WIDTH_SPACE}+(?=[{UNSPACED}])")
_UNSPACED_RUN = re.compile(f"[{UNSPACED}]+")
# Anything but ASCII and typographic punctuation, which stay unchanged.
_OTHER_LETTERS = re.compile(
    "[^\0-\x7f\u00a0-\u00a9\u00ab\u00ac\u00ae-\u00b1\u00b4\u00b6-\u00b8\u00bb\u00bf\u2010-\u2027\u2030-\u205e]+"
)
_NOT_ASCII = re.compile(r"[^\0-\x7f]+")
_PIECES = re.compile(f"[{UNSPACED}][{UNSPACED}{INVISIBLE_CLASS}]*|[^ {UNSPACED}]+")


class _Plain(dict[int, "str | None"]):
    """Keeps letters, digits and marks, drops invisible characters, and replaces all others by a space."""

    def __missing__(self, code: int) -> str | None:
        character = chr(code)
        if INVISIBLE.match(character):
            self[code] = " " if character == ZERO_WIDTH_SPACE else None
        else:
            self[code] = character if category(character)[0] in "LNM" else " "
        return self[code]


class _Folded(dict[int, str]):
    """The folded form of a character of a plain text: none, one or several characters."""

    def __missing__(self, code: int) -> str:
        kept = (part for part in normalize("NFKD", chr(code)) if not _is_accent(part))
        folded = "".join(map(_folded_part, "".join(kept).casefold()))
        self[code] = normalize("NFC", folded)
        return self[code]


def _is_accent(character: str) -> bool:
    is_mark = category(character)[0] == "M"
    return is_mark and (ord(character) < _FIRST_MARK_KEPT or character in _DROPPED_MARKS)


def _folded_part(character: str) -> str:
    if character in _SAME:
        return _SAME[character]
    if _is_accent(character):
        return ""
    if category(character) == "Nd":
        return str(digit(character))
    return character if category(character)[0] in "LNM" else " "


class _Edges(dict[int, str]):
    """Keeps characters of words and replaces all others by a space; lengths do not change."""

    def __missing__(self, code: int) -> str:
        character = chr(code)
        inside = category(character)[0] in "LNM" or (character != ZERO_WIDTH_SPACE and INVISIBLE.match(character))
        self[code] = character if inside else " "
        return self[code]


class _Aligned(dict[int, str]):
    """Folds letters, drops invisible characters within words, and keeps all others."""

    def __init__(self) -> None:
        super().__init__()
        # Characters that become none, or more than one.
        self.uneven: set[str] = set()

    def __missing__(self, code: int) -> str:
        character = chr(code)
        if character in _KEPT_JOINERS or not INVISIBLE.match(character):
            self[code] = _FOLDED[code] if category(character)[0] in "LNM" else character
        else:
            self[code] = ""
        if len(self[code]) != 1:
            self.uneven.add(character)
        return self[code]


_PLAIN, _FOLDED, _EDGES, _ALIGNED = _Plain(), _Folded(), _Edges(), _Aligned()
_PLAIN_ASCII = bytes(range(128)).decode().translate(_PLAIN).encode() + bytes(128)


def plain(text: str) -> str:
    """The words of a text, separated by spaces, without invisible characters."""
    if text.isascii():
        # Bytes are translated much faster.
        return text.encode().translate(_PLAIN_ASCII).decode()
    if ZERO_WIDTH_SPACE in text:
        text = _BETWEEN_UNSPACED.sub("", text)
    return (text if is_normalized("NFC", text) else normalize("NFC", text)).translate(_PLAIN)


def folded(words: str) -> str:
    """Plain words in folded form. Scripts without spaces do not change: see `with_bigrams`."""
    return words.lower() if words.isascii() else words.translate(_FOLDED)


def with_bigrams(words: str, *, last: bool = True) -> str:
    """Runs of scripts without spaces as bigrams; with `last`, also the last character of each run."""
    if words.isascii() or not is_unspaced(words):
        return words
    return _UNSPACED_RUN.sub(lambda run: f" {' '.join(_bigrams(run[0], last))} ", words)


def without_unspaced(words: str) -> str:
    """The text without the runs of scripts without spaces."""
    return words if words.isascii() else _UNSPACED_RUN.sub(" ", words)


def _bigrams(run: str, last: bool) -> Iterator[str]:
    yield from (run[at : at + 2] for at in range(len(run) - 1))
    if last or len(run) == 1:
        yield run[-1]


def joined_and_parted(text: str) -> str:
    """The text, followed by its words with invisible characters once more, split at these, with their neighbours.

    People write both forms, and search for phrases of both.
    """
    if not INVISIBLE.search(text):
        return text
    words = text.split()
    parted = [INVISIBLE.search(word) is not None for word in words]
    near = [any(parted[max(place - 1, 0) : place + 2]) for place in range(len(words))]
    return " ".join(
        [*words, *(part for word, is_near in zip(words, near, strict=True) if is_near for part in parts_of(word))]
    )


def parts_of(word: str) -> list[str]:
    """The parts of a word between invisible characters."""
    return [part for part in INVISIBLE.split(word) if part]


# Ranges `[start, end)` of a text in which only letters, digits, marks and invisible characters are no spaces.
Places = Callable[[str], Iterable[tuple[int, int]]]


def words_in(text: str, among: Places | None = None) -> Iterator[tuple[int, int]]:
    """The ranges `[start, end)` of the words of a text. In a script without spaces, a whole run is one word.

    `among` limits them to some places (see `fold_to`).
    """
    if ZERO_WIDTH_SPACE in text:
        text = _BETWEEN_UNSPACED.sub(lambda spaces: WORD_JOINER * len(spaces[0]), text)
    text = text.translate(_EDGES)
    if among is None:
        return (match.span() for match in _PIECES.finditer(text))
    return (match.span() for place in among(text) for match in _PIECES.finditer(text, *place))


def fold_to(words: Collection[str]) -> Places | None:
    """For `words_in`: all words whose folded form, or a part of it, is one of `words`, and those that are not ASCII.

    Most words of most texts are ASCII, and are compared by patterns alone. None if the folded `words` are not all
    ASCII, or there are none.
    """
    if not words or not all(word.isascii() for word in words):
        return None
    # The regex engine skips quickly to a first character out of a class.
    patterns = [re.compile(rf"[{word[0]}{word[0].upper()}](?i:{re.escape(word[1:])})(?![^ ])") for word in words]

    def places(text: str) -> Iterable[tuple[int, int]]:
        found = [
            match.span()
            for pattern in patterns
            for match in pattern.finditer(text)
            if match.start() == 0 or text[match.start() - 1] == " "
        ]
        return sorted({*found, *_other_words(text)})

    return places


def _other_words(text: str) -> Iterator[tuple[int, int]]:
    """The words, divided by spaces, with characters outside ASCII."""
    end = 0
    for match in () if text.isascii() else _NOT_ASCII.finditer(text):
        if match.start() >= end:
            end = text.find(" ", match.end())
            end = len(text) if end < 0 else end
            yield text.rfind(" ", 0, match.start()) + 1, end


@lru_cache(maxsize=20_000)
def folded_word(word: str) -> str:
    """The folded form of one word."""
    return folded(plain(word)).strip()


def folded_characters(word: str) -> tuple[str, list[tuple[int, int]]]:
    """The folded form of a word, and for each of its characters the range of the source character in the word."""
    places = list(_characters(word))
    pieces = [folded_word(word[start:end]) for start, end in places]
    return "".join(pieces), [place for piece, place in zip(pieces, places, strict=True) for _ in piece]


@dataclass(frozen=True)
class Aligned:
    """A text in folded form, with its separators.

    `starts` maps each of its characters to an offset of `stored`; None if all offsets are equal.
    """

    text: str
    stored: str
    starts: list[int] | None = None

    def range(self, start: int, end: int) -> tuple[int, int]:
        """The range in the stored text, including combining marks of its last letter."""
        if self.starts is None:
            return start, end
        start, end = self.starts[start], self.starts[end - 1] + 1
        while end < len(self.stored) and category(self.stored[end])[0] == "M":
            end += 1
        return start, end


def aligned(text: str) -> Aligned:
    """The folded form of a text to search in, with the offsets of the stored text."""
    if text.isascii():
        return Aligned(text.lower(), text)
    if ZERO_WIDTH_SPACE in text or not is_normalized("NFC", text):
        return _aligned_by_character(text)
    # The only letter whose lowercase form is longer.
    lowered = text.replace("İ", "i").lower()
    uneven: list[int] = []
    compared = _OTHER_LETTERS.sub(lambda run: _aligned_run(run, uneven), lowered)
    if not uneven:
        return Aligned(compared, text)
    starts: list[int] = []
    last = 0
    for at in uneven:
        starts += range(last, at)
        starts += [at] * len(_ALIGNED[ord(lowered[at])])
        last = at + 1
    return Aligned(compared, text, [*starts, *range(last, len(text))])


def _aligned_run(run: re.Match[str], uneven: list[int]) -> str:
    compared = run[0].translate(_ALIGNED)
    if not _ALIGNED.uneven.isdisjoint(run[0]):
        uneven += (run.start() + at for at, character in enumerate(run[0]) if character in _ALIGNED.uneven)
    return compared


def _aligned_by_character(text: str) -> Aligned:
    """For texts that are not in NFC, or that have zero-width spaces."""
    between = {at for spaces in _BETWEEN_UNSPACED.finditer(text) for at in range(*spaces.span())}
    pieces = [
        ("" if start in between else _aligned_character(text[start:end]), start) for start, end in _characters(text)
    ]
    return Aligned("".join(piece for piece, _ in pieces), text, [start for piece, start in pieces for _ in piece])


@lru_cache(maxsize=20_000)
def _aligned_character(character: str) -> str:
    return normalize("NFC", character).translate(_ALIGNED)


def _characters(text: str) -> Iterator[tuple[int, int]]:
    """The ranges of the characters of a text, each with its combining marks."""
    start = 0
    for at in range(1, len(text)):
        if text[at].isascii() or category(text[at])[0] != "M":
            yield start, at
            start = at
    yield start, len(text)
