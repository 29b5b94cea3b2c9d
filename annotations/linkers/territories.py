"""Names of countries and territories in many languages, from Unicode's CLDR and ISO 3166."""

import pickle
import re
import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pycountry
from babel import Locale, localedata
from babel.core import get_global

from annotations.linkers.words import WORDS

# Territories of CLDR that ISO 3166 has not, with a name that texts use: two bodies, and Kosovo.
_BODIES = ("EU", "UN", "XK")


@lru_cache(maxsize=65536)
def territory_of(name: str) -> str:
    """The ISO 3166 code of the territory with this name, in any language; empty if there is none."""
    spelling = _spelling(name)
    if (code := _names().get(spelling)) is not None:
        return code
    # The form of the state may be named or not: Republic of Kosovo, Great Britain.
    words = spelling.split()
    kept = [word for word in words if word not in _FORMS]
    return _names().get(" ".join(kept), "") if kept and len(kept) < len(words) else ""


_FORMS = WORDS["forms of states"]


@lru_cache(maxsize=65536)
def continent_of(name: str) -> str:
    """The UN M49 code of the continent or region with this English name; empty if there is none."""
    return _continents().get(_spelling(name), "")


@lru_cache(maxsize=1)
def _continents() -> dict[str, str]:
    return {_spelling(name): code for code, name in Locale("en").territories.items() if code.isdigit()}


def country_of_dateline(text: str) -> str:
    """The ISO 3166 code of the country of the place in a dateline: `DAMASCUS, Aug. 8 (AP) --` is SY.

    Countries are known, and the cities that time zones are named after, which are capitals and large ones. Empty if
    the place is another.
    """
    place, *others = [part for part in re.split(r"[,;:()\u2012-\u2015/|]|--", text) if part.strip()] or [""]
    # `ALEPPO, Syria` names its country.
    named = next((code for part in others[:1] if (code := territory_of(part))), "")
    return named or territory_of(place) or _cities().get(_spelling(place), "")


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    found: dict[str, str] = {}
    for zone, code in sorted(get_global("zone_territories").items()):
        if len(code) == 2 and code.isalpha():
            found.setdefault(_spelling(zone.rpartition("/")[2].replace("_", " ")), code)
    return found


def _spelling(name: str) -> str:
    text = unicodedata.normalize("NFKD", name.casefold())
    text = "".join(c for c in text if not unicodedata.combining(c))
    text = re.sub(r"['’ʼ`‘.]", "", text)
    return " ".join(word for word in re.findall(r"[^\W_]+", text) if word not in ("the", "and", "al", "el"))


def _territories(locale: str) -> Mapping[str, str]:
    """The names of territories in one language. Not by `localedata.load`, which keeps all of CLDR in memory."""
    with Path(localedata.resolve_locale_filename(locale)).open("rb") as file:
        data: Mapping[str, Any] = pickle.load(file)
    return dict(data.get("territories", {}))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """Territories by normalised name. English names win over those of other languages."""
    found: dict[str, str] = {}
    weak: dict[str, set[str]] = {}
    locales = ["en", *sorted(name for name in localedata.locale_identifiers() if "_" not in name and name != "en")]
    for locale in locales:
        # Whole, although only names are read: Babel gives what was loaded first to all later users of the locale.
        for code, name in _territories(locale).items():
            if (len(code) == 2 and code.isalpha() and pycountry.countries.get(alpha_2=code)) or code in _BODIES:
                for spelling in _spellings(name):
                    # Short words of other languages are words of this one: `man` is the Isle of Man.
                    if locale == "en" or len(spelling) > 3 or not spelling.isascii():
                        found.setdefault(spelling, code)
    found |= {_spelling(code): code for code in _BODIES}
    for country in pycountry.countries:
        for name in (country.name, getattr(country, "official_name", ""), getattr(country, "common_name", "")):
            for spelling in _spellings(name):
                found.setdefault(spelling, country.alpha_2)
                forms, of, place = spelling.partition(" of ")
                if of and " " in forms and _FORMS.issuperset(forms.split()):
                    # DR Congo, PR China.
                    found.setdefault(f"{''.join(word[0] for word in forms.split())} {place}", country.alpha_2)
            for word in _spelling(name).split():
                weak.setdefault(word, set()).add(country.alpha_2)
        for short in (country.alpha_2, country.alpha_3):
            if short in ("US", "USA", "GB", "GBR"):
                found.setdefault(_spelling(short), country.alpha_2)
    for alias, codes in get_global("territory_aliases").items():
        if len(codes) == 1 and alias.isalpha() and len(alias) == 2:
            found.setdefault(_spelling(alias), codes[0])
    # A word of an official name that no other country has: America, Britain.
    for word, codes_of_word in weak.items():
        if len(codes_of_word) == 1 and len(word) > 6 - 1 and word not in _COMMON:
            found.setdefault(word, next(iter(codes_of_word)))
    return found


# Words of official names that say nothing by themselves.
_COMMON = WORDS["of official names"]


_PLAIN = re.compile(r"[^(),&.]*\Z")


def _spellings(name: str) -> set[str]:
    """The ways to write a name: as it is, without what is in brackets, and that; `Korea, Republic of` in order."""
    name = name.strip()
    if _PLAIN.match(name):
        return {spelling} if len(spelling := _spelling(name)) > 1 else set()
    outside, inside = re.sub(r"\s*\([^)]*\)", "", name), re.findall(r"\(([^)]*)\)", name)
    forms = {name, outside, *(part for part in inside if len(part) > 3)}
    if ", " in name and "(" not in name:
        head, _, tail = name.partition(", ")
        forms |= {f"{tail} {head}"}
    forms |= {form.replace("&", "and") for form in forms}
    forms |= {re.sub(r"\bSt\.", "Saint", form) for form in forms}
    return {spelling for form in forms if len(spelling := _spelling(form)) > 1}
