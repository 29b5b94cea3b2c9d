"""Names as the linker compares them: cleaned, normalised, and under the keys by which they are looked up."""

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

from annotations.linkers.bodies import country_of_adjective, is_generic_word, split_body
from annotations.linkers.territories import territory_of
from annotations.linkers.words import WORDS

MAX_NAME = 300
# Labels whose names are compared as those of people.
PEOPLE = ("PERSON", "PER")
GROUPS = "NORP"
PLACES = ("GPE", "LOC", "FAC")

_POSSESSIVE = re.compile(r"['’ʼ]\s?s?$|['’ʼ]$")
_LEADING = re.compile(r"(?i)^the\s+(?=\S)")
# Letters that Unicode does not take apart into a base letter and marks.
_LETTERS = str.maketrans({
    "ß": "ss", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i", "ħ": "h", "ŋ": "n",
    "ə": "e", "ʿ": "", "ʾ": "", "ی": "ي", "ى": "ي", "ک": "ك", "ة": "ه",
    "ـ": "", "‘": "", "’": "", "'": "", "ʼ": "", "`": "",
})  # fmt: skip
_WORD = re.compile(r"[^\W_]+")
_DOTTED = re.compile(r"\b(?:[^\W\d_]\.\s?){2,}")
# Articles that are written with a name or left out, in Latin letters and in Arabic ones.
_ARTICLES = frozenset({"al", "el", "the", "ul", "ash", "as", "ad", "an", "ar", "at", "az"})
# Words between the words of a name, which acronyms and comparisons leave out.
PARTICLES = WORDS["particles"]
HONORIFICS = WORDS["titles"]
_OF_SURNAMES = WORDS["particles of surnames"]
# The suffixes of names of people.
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv"})


@lru_cache(maxsize=65536)
def clean_name(surface: str) -> str:
    """The surface on one line, without a possessive or a leading article, at most MAX_NAME characters."""
    name = " ".join(surface.split()).strip(' ,;:."“”„«»()[]') if len(surface) < 10 * MAX_NAME else surface[:MAX_NAME]
    if surface.rstrip().endswith(".") and _DOTTED.search(surface):
        name += "."
    return (_LEADING.sub("", _POSSESSIVE.sub("", name)) or name)[:MAX_NAME].strip()


@lru_cache(maxsize=65536)
def folded(text: str) -> str:
    """The text in small letters without marks, in the same script. Dotted capitals become one word: U.S. is us."""
    text = _DOTTED.sub(lambda found: re.sub(r"[.\s]", "", found[0]) + " ", text)
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    return "".join(c for c in text if not unicodedata.combining(c) and unicodedata.category(c) != "Cf")


@lru_cache(maxsize=65536)
def words_of(name: str) -> tuple[str, ...]:
    """The folded words of a name, without articles: al-Assad is assad."""
    words = [_one_spelling(word) for word in _WORD.findall(_PREFIX.sub("co", folded(clean_name(name))))]
    words[:-1] = ["saint" if word == "st" else word for word in words[:-1]]
    kept = [word for at, word in enumerate(words) if word not in _ARTICLES or at == len(words) - 1]
    return tuple(_without_arabic_article(word) for word in kept) or tuple(words)


# British and American spellings of words in the names of bodies.
_SPELLINGS = {"centre": "center", "defence": "defense", "labour": "labor", "programme": "program"}
_PREFIX = re.compile(r"(?i)\bco-(?=op|or)")


def _one_spelling(word: str) -> str:
    return f"{word[:-7]}ization" if word.endswith("isation") else _SPELLINGS.get(word, word)


def _without_arabic_article(word: str) -> str:
    return word[2:] if word.startswith("ال") and len(word) > 4 else word


@lru_cache(maxsize=65536)
def alias_key(name: str) -> str:
    """The key that spellings of a name share: case, accents, punctuation and articles aside."""
    return (" ".join(words_of(name)) or clean_name(name).casefold())[:MAX_NAME]


# Spellings of one sound in names that were transliterated from Arabic or Persian: the first that fits counts.
_SOUNDS = [
    ("tsch", "s"), ("tch", "s"), ("dj", "j"), ("zh", "j"), ("kh", "h"), ("gh", "k"), ("sh", "s"), ("ch", "s"),
    ("sch", "s"),
    ("ph", "f"), ("th", "t"), ("dh", "d"), ("ck", "k"), ("q", "k"), ("g", "k"), ("c", "k"), ("w", "v"), ("z", "s"),
    ("x", "ks"),
]  # fmt: skip
_VOWELS = re.compile(r"(?<!^)[aeiouyh]")
_DOUBLE = re.compile(r"(.)\1+")
_ARABIC = str.maketrans({
    "ا": "a", "أ": "a", "إ": "a", "آ": "a", "ب": "b", "پ": "b", "ت": "t", "ث": "t", "ج": "j", "چ": "s", "ح": "h",
    "خ": "h", "د": "d", "ذ": "d", "ر": "r", "ز": "s", "ژ": "j", "س": "s", "ش": "s", "ص": "s", "ض": "d", "ط": "t",
    "ظ": "s", "ع": "", "غ": "k", "ف": "f", "ق": "k", "ک": "k", "ك": "k", "گ": "k", "ل": "l", "م": "m", "ن": "n",
    "ه": "", "ة": "", "و": "v", "ؤ": "", "ي": "", "ی": "", "ى": "", "ئ": "", "ء": "", "ـ": "",
})  # fmt: skip


@lru_cache(maxsize=65536)
def skeleton(name: str) -> str:
    """The consonants of a name as they sound, by word: Fayssal Mikdad and Faisal Mekdad are `fsl mkd`.

    Arabic letters are read like their transliterations. Empty if there is nothing to compare.
    """
    return " ".join(part for word in words_of(name) if (part := _skeleton_of(word)))


_ABD = re.compile(r"(?<![^\W_])abd [aeou]l |(?<![^\W_])abd[aeou]l[- ]?(?=[^\W_])")
_ONLY_LATIN = str.maketrans("pv", "bf")


@lru_cache(maxsize=65536)
def arabic_skeleton(name: str) -> str:
    """The skeleton of a name without spaces, as far as Arabic letters tell sounds apart: they have no p and no v.

    Abdul Rahman and Abdulrahman are one.
    """
    words = " ".join(words_of(name))
    return "".join(map(_skeleton_of, _ABD.sub("abd ", words).split())).translate(_ONLY_LATIN)


def is_arabic(text: str) -> bool:
    return not text.isascii() and any("\u0600" <= letter <= "\u06ff" for letter in text)


@lru_cache(maxsize=65536)
def sounds(word: str) -> str:
    """A folded word with one spelling for each sound, and single letters."""
    if is_arabic(word):
        # The first letter may be a sign for any vowel.
        first = {"ع": "a", "ي": "a", "ه": "h"}.get(word[0], word[0].translate(_ARABIC))
        word = first + re.sub("[va]", "", word[1:].translate(_ARABIC))
    for spelling, sound in _SOUNDS:
        word = word.replace(spelling, sound)
    return _DOUBLE.sub(r"\1", word)


def _skeleton_of(word: str) -> str:
    word = re.sub(r"(?<=.)v", "", _VOWELS.sub("", sounds(word)))
    return _DOUBLE.sub(r"\1", "a" + word[1:] if word[:1] in "aeiouy" else word)


@lru_cache(maxsize=65536)
def person_words(name: str) -> tuple[str, ...]:
    """The words of a person's name, without titles and suffixes."""
    words = [word for word in words_of(name) if word not in _SUFFIXES]
    while len(words) > 1 and words[0] in HONORIFICS:
        del words[0]
    joined: list[str] = []
    for word in words:
        # A particle belongs to the surname: Le Pen, van der Bellen.
        if joined and joined[-1].rpartition(" ")[2] in _OF_SURNAMES:
            joined[-1] += f" {word}"
        else:
            joined.append(word)
    return tuple(joined)


def given_initials(words: Sequence[str]) -> list[str]:
    """The first letters of the given names among the words of a person's name, as they are written and as they sound.

    The C of C. Miller may be a Charles, which sounds like s.
    """
    letters = (letter for word in words[:-1] for letter in (word[:1], skeleton(word)[:1]) if letter)
    return sorted({"a" if letter in "aeiouy" else letter for letter in letters})


@lru_cache(maxsize=65536)
def initials(name: str) -> str:
    """The acronym that a name of several words may have; empty for one word."""
    words = [word for word in _WORD.findall(_PREFIX.sub("co", clean_name(name))) if folded(word) not in PARTICLES]
    return "".join(folded(word[0])[:1] for word in words) if len(words) > 1 else ""


@lru_cache(maxsize=65536)
def is_acronym(name: str) -> bool:
    """Whether a name looks like an acronym: one word, mostly capitals."""
    word = re.sub(r"[.\s]", "", name) if _DOTTED.fullmatch(name + " ") or "." in name else name
    capitals = sum(letter.isupper() for letter in word)
    return 2 <= len(word) <= 8 and word.isalnum() and capitals >= 2 and capitals > len(word) / 2


# The kinds of lookup keys by their first character: a name without legal form and number, a territory whatever the
# language, the words in any order, the skeleton, a surname, a surname as it sounds with the initial of a given name,
# the last word of a body's name, the initials of a body's name, an acronym.
KINDS = "=@#~&%>^!"


def kind_of(key: str) -> str:
    """The kind of a lookup key; `=` for the normalised name too."""
    return key[0] if key and key[0] in KINDS else "="


@lru_cache(maxsize=65536)
def lookup_keys(name: str, label: str) -> tuple[str, ...]:
    """The keys under which an entity with this name is found.

    The first is the normalised name. Others begin with their kind, see `KINDS`.
    """
    people = label in PEOPLE
    key = alias_key(name) if people else plain_key(name, label)
    keys = [alias_key(name)]
    if label in (GROUPS, "ORG"):
        keys.append(f"={key}")
    if not people and label != GROUPS and (code := territory_of(name)):
        keys.append(f"@{code}")
    if label == "ORG" and (body := split_body([word for word in words_of(name) if word not in PARTICLES]))[0]:
        keys.append(body_key(*body))
    if not people and " " in key:
        keys.append(f"#{' '.join(sorted(word for word in key.split() if word not in PARTICLES))}")
    consonants = arabic_skeleton(name)
    compared = people or label in PLACES or " " not in key
    if compared and len(consonants) > (3 if people else 1) and not is_acronym(name):
        keys.append(f"~{consonants}")
    if people:
        words = person_words(name)
        if len(words) > 1:
            surname = skeleton(words[-1])
            keys += [f"&{words[-1]}", *(f"%{letter} {surname}" for letter in given_initials(words))]
    elif letters := initials(name):
        keys.append(f"^{letters}")
        if label == "ORG":
            keys += [f">{word}" for word in _short_forms(key.split())]
    elif is_acronym(name):
        keys.append(f"!{alias_key(name)}")
    return tuple(dict.fromkeys(key[:MAX_NAME] for key in keys))


@lru_cache(maxsize=65536)
def keys_to_find(name: str, label: str) -> tuple[str, ...]:
    """The keys of the entities that a mention of this name may be.

    They are fewer than `lookup_keys` where two names with the same key cannot be one thing: two full names with one
    surname and other given names, or two bodies with the same initials.
    """
    keys = [key for key in lookup_keys(name, label) if kind_of(key) not in "&>^!"]
    if label in PEOPLE:
        return (*keys, f"&{words[0]}") if len(words := person_words(name)) == 1 else tuple(keys)
    if letters := initials(name):
        keys.append(f"!{letters}")
    elif is_acronym(name):
        keys.append(f"^{alias_key(name)}")
    elif label == "ORG" and " " not in (word := plain_key(name, label)) and not is_generic_word(word):
        keys.append(f">{word}")
    return tuple(key[:MAX_NAME] for key in keys)


def _short_forms(words: list[str]) -> list[str]:
    """The words by which a body with two is called for short: Berlin of Hertha Berlin, Green of Green Party.

    Not the first word of other names: Apple is not Apple Music.
    """
    if len(words) != 2:
        return []
    first, last = words
    named = is_generic_word(last) and not (is_generic_word(first) or territory_of(first) or country_of_adjective(first))
    return [*([last] if len(last) > 3 else []), *([first] if named and len(first) > 3 else [])]


def body_key(code: str, words: Iterable[str]) -> str:
    """The key of the body that has this generic name in the country with the code."""
    return f"@{code} {' '.join(words)}"


@lru_cache(maxsize=65536)
def generic_words(name: str) -> tuple[str, ...]:
    """The words of a name that has words of bodies alone, such as Foreign Ministry; empty for other names."""
    words = [word for word in words_of(name) if word not in PARTICLES]
    return tuple(words) if all(is_generic_word(word) for word in words) else ()


_LEGAL = WORDS["legal forms"]
_CLUBS = WORDS["forms of clubs"]
_PREFIXES = WORDS["prefixes"]
# The two bodies of the world whose acronyms begin names of others: EU Parliament, UN Security Council.
_FULL = {"eu": ("european",), "un": ("united", "nations")}


def plain_key(name: str, label: str) -> str:
    """The key of a name that is not a person's, without legal forms; that of a group of people without its number."""
    words = list(words_of(name))
    if label == "ORG":
        words = [part for word in words for part in _FULL.get(word, (word,))] if len(words) > 1 else words
        while len(words) > 1 and (words[0] in _CLUBS or words[0] in PARTICLES or words[0].isdigit()):
            del words[0]
    while len(words) > 1 and (words[-1] in _LEGAL or (label == "ORG" and words[-1] in _CLUBS)):
        del words[-1]
    if label == GROUPS:
        while len(words) > 1 and words[0] in _PREFIXES:
            del words[0]
        words[-1:] = [_stem(word) for word in words[-1:]]
    elif label == "ORG" and len(words) == 1 and len(words[0]) > 5 and not is_acronym(name):
        words[0] = words[0].removesuffix("s") if not words[0].endswith("ss") else words[0]
    return (" ".join(words) or alias_key(name))[:MAX_NAME]


def _stem(word: str) -> str:
    """The stem that the names of a group of people share: Kurds and Kurdish are kurd."""
    word = word.removesuffix("s") if len(word) > 3 and not word.endswith("ss") else word
    stem = next((word.removesuffix(end) for end in ("ish", "ic") if word.endswith(end)), word)
    return stem if len(stem) > 2 else word


def script_of(name: str) -> str:
    """The ISO 15924 code of most letters of the name, such as Latn or Arab; empty if there are none."""
    counts: dict[str, int] = {}
    for letter in name:
        if letter.isalpha() and (code := _script(letter)):
            counts[code] = counts.get(code, 0) + 1
    return max(counts, key=lambda code: counts[code]) if counts else ""


_SCRIPTS = {
    "LATIN": "Latn", "ARABIC": "Arab", "CYRILLIC": "Cyrl", "GREEK": "Grek", "HEBREW": "Hebr", "CJK": "Hani",
    "HIRAGANA": "Jpan", "KATAKANA": "Jpan", "HANGUL": "Hang", "DEVANAGARI": "Deva", "THAI": "Thai",
    "ARMENIAN": "Armn", "GEORGIAN": "Geor",
}  # fmt: skip


def _script(letter: str) -> str:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0], "")
