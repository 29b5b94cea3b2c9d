"""Cuts text for display: between words, and in scripts without spaces between what is read as one character."""

import re
import unicodedata

from corpusapp.text.scripts import UNSPACED_CHARACTER

# A word longer than this is cut, so that a line without spaces still shows something.
_LONGEST_WORD = 30
# Joins two characters into one, as in emoji.
_JOINER = "\u200d"
_REGIONAL = re.compile("[\U0001f1e6-\U0001f1ff]")


def keep_before(text: str, limit: int) -> str:
    """The beginning of the text, at most `limit` code points, without a part of a word at its end."""
    if len(text) <= limit:
        return text
    at = limit
    while at > max(0, limit - _LONGEST_WORD) and not _between_words(text, at):
        at -= 1
    if at == 0 or not _between_words(text, at):
        at = limit
        while at > 0 and _continues(text, at):
            at -= 1
    return text[:at].rstrip()


def keep_after(text: str, limit: int) -> str:
    """The end of the text, at most `limit` code points, without a part of a word at its beginning."""
    if len(text) <= limit:
        return text
    first = at = len(text) - limit
    while at < min(len(text), first + _LONGEST_WORD) and not _between_words(text, at):
        at += 1
    if at == len(text) or not _between_words(text, at):
        at = first
        while at < len(text) and _continues(text, at):
            at += 1
    return text[at:].lstrip()


def pieces(text: str) -> list[str]:
    """The text in pieces between which it can be cut: words with the spaces behind them, or single characters."""
    cuts = [at for at in range(1, len(text)) if not text[at].isspace() and _between_words(text, at)]
    return [text[start:end] for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True) if start < end]


def _between_words(text: str, at: int) -> bool:
    """Whether no word continues over `at`."""
    if at <= 0 or at >= len(text):
        return True
    before, after = text[at - 1], text[at]
    if before.isspace() or after.isspace():
        return True
    if UNSPACED_CHARACTER.match(before) or UNSPACED_CHARACTER.match(after):
        return not _continues(text, at)
    return False


def _continues(text: str, at: int) -> bool:
    """Whether the character at `at` belongs to the one before: marks, joined emoji, the second letter of a flag."""
    if at >= len(text):
        return False
    before, after = text[at - 1], text[at]
    if unicodedata.category(after)[0] == "M" or _JOINER in (before, after) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if before == "\r" and after == "\n":
        return True
    if not (_REGIONAL.match(before) and _REGIONAL.match(after)):
        return False
    flags = re.search("[\U0001f1e6-\U0001f1ff]*$", text[max(0, at - 60) : at])
    return bool(flags and len(flags[0]) % 2)
