"""Bodies that every country has, such as the Foreign Ministry: a name of such words alone says not which one."""

from collections.abc import Sequence
from functools import lru_cache

from babel import Locale
from babel.core import get_global

from annotations.linkers.territories import continent_of, territory_of
from annotations.linkers.words import WORDS

_BODIES = WORDS["bodies"]
_LOCAL = WORDS["local bodies"]
# Bodies that texts name without their country, by the code of that country.
_KNOWN = {"US": WORDS["bodies of the United States"], "UN": WORDS["bodies of the United Nations"]}


def is_generic_word(word: str) -> bool:
    return word in _BODIES


def is_national(words: Sequence[str]) -> bool:
    """Whether a country has one body of this generic name: a parliament, but not a university."""
    return _LOCAL.isdisjoint(words)


def country_of_body(words: Sequence[str]) -> str:
    """The code of the country, or the United Nations, whose body is usually called by this generic name."""
    name = " ".join(words)
    return next((code for code, names in _KNOWN.items() if name in names), "")


def generic_place(code: str) -> str:
    """The name of the territory with this code."""
    return str(Locale("en").territories.get(code, code))


def split_body(words: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """The code of the country in the name of a body, and the rest if it is generic: Russian Foreign Ministry.

    Empty if the name is another.
    """
    # Departments are those of the United States, where none is named.
    if "department" in words and (code := country_of_body(words)):
        return code, tuple(words)
    for size in range(1, min(3, len(words) - 1) + 1):
        for place, rest in ((words[:size], words[size:]), (words[-size:], words[:-size])):
            if all(word in _BODIES for word in rest) and not all(word in _BODIES for word in place):
                name = " ".join(place)
                code = (
                    territory_of(name)
                    or territory_of(name.removesuffix("s"))
                    or (country_of_adjective(name) if size == 1 else "")
                )
                if code:
                    return code, tuple(rest)
    return "", ()


_ENDINGS = ("n", "i", "ic", "an", "ian", "ean", "ese", "ish", "uese")
_RESTORED = ("", "a", "y", "ia", "e", "ey", "land", "in", "en", "on", "ay", "ary", "al", "ain", "istan")


@lru_cache(maxsize=4096)
def country_of_adjective(word: str) -> str:
    """The code of the country that an English adjective is made from; empty if there is none.

    Those that are not like the name of their country, such as Dutch, are mostly the names of languages.
    """
    for ending in _ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and len(stem) > 2:
            for end in _RESTORED:
                if continent := continent_of(stem + end):
                    return "EU" if continent == _EUROPE else ""
                if code := territory_of(stem + end):
                    return code
    return _languages().get(word, "")


_EUROPE = "150"


@lru_cache(maxsize=1)
def _languages() -> dict[str, str]:
    """The country where most speak the language with this English name. English and Arabic have too many."""
    likely = get_global("likely_subtags")
    return {
        name.casefold(): likely[code].rpartition("_")[2]
        for code, name in Locale("en").languages.items()
        if name.isalpha() and len(code) == 2 and code in likely and code not in ("en", "ar", "pt")
    }
