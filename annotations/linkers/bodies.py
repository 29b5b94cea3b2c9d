"""Bodies that every country has, such as the Foreign Ministry: a name of such words alone says not which one."""

from functools import lru_cache

from babel import Locale

from annotations.linkers.names import PARTICLES, words_of
from annotations.linkers.words import WORDS

_BODIES = WORDS["bodies"]


def is_generic_word(word: str) -> bool:
    return word in _BODIES


@lru_cache(maxsize=65536)
def is_generic(name: str) -> bool:
    """Whether a name has words of such bodies alone."""
    words = [word for word in words_of(name) if word not in PARTICLES]
    return bool(words) and all(word in _BODIES for word in words)


def generic_place(code: str) -> str:
    """The name of the territory with this code."""
    return str(Locale("en").territories.get(code, code))
