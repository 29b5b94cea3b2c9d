"""Detect the encoding of bytes that declare none: the most likely pair of an encoding and a language.

For each encoding that can decode the bytes, and each of its languages, the probability of the text is that of its words
(`letters`) times that of the pair. All encodings decode the same bytes, so these probabilities can be compared. A word,
such as a name, may be in another language than the rest. ASCII words only help to identify the language.
"""

import codecs
import math
import re
import unicodedata
from collections import Counter
from collections.abc import Mapping
from functools import lru_cache

from corpusapp.intake.encoding.letters import LANGUAGES, logarithm

# Bytes at each end of a file that are examined.
REACH = 1_000_000
# Bytes of the passages that are scored, and how often each byte past ASCII should occur in them.
_MAX_SCORED = 8_000
_WANTED = 25
_FIRST_PASS = 1_000
# An encoding less likely than the best by this logarithm after the first pass is dropped.
_FAR = 40.0
_LONGEST_PASSAGE = 2_000
_PASSAGE = re.compile(rb"(?s).{80,240}?[\x00-\x2f]+(?=[^\x00-\x2f]|\Z)|.{1,400}(?:[^\x00-\x2f]*)")
_HIGH = re.compile(rb"[\x80-\xff]")
_WORD = re.compile(r"[A-Za-z\x80-\U0010ffff]+")
_LONGEST_WORD = 40
_FEWEST_BYTES = 4
# Log probability per byte below which bytes are not text: rare names have -5.6, random bytes -11.
_GARBAGE = -6.3
_FOREIGN_WORD = 0.05
_UNLIKELY_PAIR = 1e-5
_BETWEEN_WORDS = math.log(0.03)
# Bonus of the language that the file declares, and of Mac encodings for files with Mac line ends.
_DECLARED_LANGUAGE_BONUS = math.log(300)
_MAC_BONUS = math.log(1000)

_WESTERN = {"cp1252": 0.9, "mac_roman": 0.01, "iso8859-15": 0.01, "cp850": 0.004, "cp437": 0.001}
_NORDIC = {**_WESTERN, "cp865": 0.001}
_CENTRAL = {"cp1250": 0.8, "iso8859-2": 0.15, "cp852": 0.01, "mac_latin2": 0.004}
_BALTIC = {"cp1257": 0.9, "iso8859-13": 0.03, "iso8859-4": 0.01, "cp775": 0.005}
_CYRILLIC = {"cp1251": 0.85, "koi8-r": 0.05, "cp866": 0.01, "iso8859-5": 0.01, "mac_cyrillic": 0.005}
_UKRAINIAN = {"cp1251": 0.85, "koi8-u": 0.04, "iso8859-5": 0.01, "mac_cyrillic": 0.005}
_GREEK = {"cp1253": 0.8, "iso8859-7": 0.15, "cp737": 0.01, "mac_greek": 0.004}
# Encoding -> share, by language: Windows before ISO, DOS and Mac last.
_ENCODINGS: dict[str, dict[str, float]] = {
    **dict.fromkeys(("en", "de", "fr", "es", "pt", "it", "nl", "is", "ca", "gl", "eu", "sq"), _WESTERN),
    **dict.fromkeys(("sv", "da", "no", "fi"), _NORDIC),
    "et": {**_WESTERN, "cp1252": 0.6, "cp1257": 0.35, "iso8859-13": 0.01, "cp775": 0.003},
    **dict.fromkeys(("pl", "cs", "sk", "hu", "hr", "sl", "ro"), _CENTRAL),
    "lt": _BALTIC,
    "lv": _BALTIC,
    "tr": {"cp1254": 0.95, "cp857": 0.01, "mac_turkish": 0.005},
    "ru": _CYRILLIC,
    "bg": _CYRILLIC,
    **dict.fromkeys(("uk", "be", "sr", "mk"), _UKRAINIAN),
    "el": _GREEK,
    "he": {"cp1255": 0.95, "cp862": 0.01},
    "ar": {"cp1256": 0.95, "iso8859-6": 0.03},
    "fa": {"cp1256": 0.95},
    "vi": {"cp1258": 0.95},
    "th": {"cp874": 0.95},
    "ja": {"cp932": 0.7, "euc_jp": 0.28},
    "zh": {"gb18030": 0.95, "big5hkscs": 0.01},
    "zh-tw": {"cp950": 0.95, "gb18030": 0.01},
    "ko": {"cp949": 0.95},
}
# Rough amount of text in a language, relative to the smaller ones.
_SPREAD = {
    "en": 8,
    **dict.fromkeys(["de", "fr", "es", "it", "pt", "nl", "pl", "ru", "tr", "ja", "zh"], 4),
    **dict.fromkeys(["sv", "da", "no", "fi", "cs", "hu", "ro"], 2),
}
_LATIN = tuple(
    language
    for language, pairs in _ENCODINGS.items()
    if {"cp1252", "cp1250", "cp1257", "cp1254", "cp1258"} & set(pairs)
)
ENCODINGS = tuple(dict.fromkeys(encoding for pairs in _ENCODINGS.values() for encoding in pairs))
_MAC = frozenset(encoding for encoding in ENCODINGS if encoding.startswith("mac_"))


def sample_of(data: bytes) -> bytes:
    """The first and the last REACH bytes of `data`."""
    if len(data) <= 2 * REACH:
        return data
    return data[:REACH] + data[-REACH:].partition(b"\n")[2]


def ranked(data: bytes, *, language: str = "", mac: bool = False, tolerated: float = 0.0) -> list[str]:
    """The encodings that can decode `data`, the most likely first; none if it is too short, or not text.

    `language` is the one that the file declares; `mac`: its line ends are CR. `tolerated` is the share of bytes that
    may be invalid in an encoding.
    """
    if not _HIGH.search(data) or len(data) < _FEWEST_BYTES:
        return []
    passages = _passages(data)
    reading = [encoding for encoding in ENCODINGS if _can_decode(data, encoding, tolerated)]
    # A first pass over the beginning leaves few encodings for the second.
    for part in (passages[:_FIRST_PASS], passages)[len(passages) <= _FIRST_PASS :]:
        found = {encoding: _score(part, encoding, language, mac) for encoding in reading}
        best = max(found, key=found.__getitem__, default="")
        if not best or _is_garbage(part, best, found[best]):
            return []
        reading = [encoding for encoding in reading if found[encoding] > found[best] - _FAR]
    return sorted(reading, key=found.__getitem__, reverse=True)


def _passages(data: bytes) -> bytes:
    """Passages of `data` in which each byte past ASCII occurs, up to the maximum size."""
    seen: Counter[int] = Counter()
    kept: list[bytes] = []
    size = 0
    for match in _PASSAGE.finditer(data):
        high = {byte for byte in match[0] if byte >= 0x80} if not match[0].isascii() else ()
        if any(seen[byte] < _WANTED for byte in high):
            seen.update(high)
            kept.append(match[0] if len(match[0]) <= _LONGEST_PASSAGE else match[0][:_LONGEST_PASSAGE] + b"\n")
            size += len(kept[-1])
            if size > _MAX_SCORED:
                break
    return b"".join(kept)


def _can_decode(data: bytes, encoding: str, tolerated: float) -> bool:
    try:
        # Not final: a sample may end within a character.
        codecs.getincrementaldecoder(encoding)().decode(data)
    except UnicodeDecodeError:
        return tolerated > 0 and data.decode(encoding, "replace").count("\ufffd") <= max(1, tolerated * len(data))
    return True


def _score(data: bytes, encoding: str, named: str, mac: bool) -> float:
    text = data.decode(encoding, "replace")
    if encoding == "cp1258":
        text = unicodedata.normalize("NFC", text)
    words, between = _words_of(text)
    languages = _languages_of(encoding)
    return (
        (_MAC_BONUS if mac and encoding in _MAC else 0.0)
        + between * _BETWEEN_WORDS
        + max(
            _words_in(words, language, languages) + _pair(language, encoding) + _declared_bonus(language, named)
            for language in languages
        )
    )


def _words_of(text: str) -> tuple[Mapping[str, int], int]:
    """(words with their counts, the number of characters between them)."""
    found = _WORD.findall(text)
    words = Counter(word[at : at + _LONGEST_WORD] for word in found for at in range(0, len(word), _LONGEST_WORD))
    return words, len(text) - sum(map(len, found))


def _is_garbage(data: bytes, encoding: str, score: float) -> bool:
    """Whether the words of `data` are too unlikely, per byte, for any text."""
    words, between = _words_of(data.decode(encoding, "replace"))
    size = sum(len(word.encode(encoding, "replace")) * _count_weight(count) for word, count in words.items())
    return score - between * _BETWEEN_WORDS < _GARBAGE * size


def _count_weight(count: int) -> float:
    """The weight of a word that occurs `count` times: repetitions add little evidence."""
    return 1 + math.log(count)


def _words_in(words: Mapping[str, int], language: str, languages: tuple[str, ...]) -> float:
    other = math.log(_FOREIGN_WORD / len(languages))
    return sum(
        _count_weight(count) * _own_or_foreign(word, language, languages, other) for word, count in words.items()
    )


def _own_or_foreign(word: str, language: str, languages: tuple[str, ...], other: float) -> float:
    own = _logarithm(language, word)
    foreign = _best(word, languages) + other
    high, low = max(own, foreign), min(own, foreign)
    return high + math.log1p(math.exp(low - high))


@lru_cache(maxsize=1 << 16)
def _best(word: str, languages: tuple[str, ...]) -> float:
    return max(_logarithm(language, word) for language in languages)


_logarithm = lru_cache(maxsize=1 << 18)(logarithm)


@lru_cache(maxsize=256)
def _languages_of(encoding: str) -> tuple[str, ...]:
    """The languages of an encoding, and English, which occurs with any."""
    own = tuple(language for language in LANGUAGES if encoding in _ENCODINGS[language])
    if set(own) & set(_LATIN):
        return _LATIN
    return tuple(dict.fromkeys((*own, "en")))


def _pair(language: str, encoding: str) -> float:
    return math.log(_ENCODINGS[language].get(encoding, _UNLIKELY_PAIR) * _SPREAD.get(language, 1))


def _declared_bonus(language: str, named: str) -> float:
    return _DECLARED_LANGUAGE_BONUS if named and language.partition("-")[0] == named else 0.0
