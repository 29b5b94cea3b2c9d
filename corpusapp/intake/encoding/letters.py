"""The probability of a word in a language: a trigram model over its frequent words and geographic names.

The words are the stop words of jusText (from Wikipedia, most frequent first) and the names of countries, languages,
months and days of CLDR, from Babel. Chinese, Japanese and Korean use single characters: the level-one characters of the
national standards, and the most common of these.
"""

import math
import unicodedata
from functools import cache, lru_cache
from importlib import resources
from itertools import chain

# Code -> (jusText's list, Babel's locale).
_SOURCES = {
    "en": ("English", "en"),
    "de": ("German", "de"),
    "fr": ("French", "fr"),
    "es": ("Spanish", "es"),
    "pt": ("Portuguese", "pt"),
    "it": ("Italian", "it"),
    "nl": ("Dutch", "nl"),
    "sv": ("Swedish", "sv"),
    "da": ("Danish", "da"),
    "no": ("Norwegian_Bokmal", "nb"),
    "fi": ("Finnish", "fi"),
    "is": ("Icelandic", "is"),
    "ca": ("Catalan", "ca"),
    "gl": ("Galician", "gl"),
    "eu": ("Basque", "eu"),
    "sq": ("Albanian", "sq"),
    "et": ("Estonian", "et"),
    "pl": ("Polish", "pl"),
    "cs": ("Czech", "cs"),
    "sk": ("Slovak", "sk"),
    "hu": ("Hungarian", "hu"),
    "ro": ("Romanian", "ro"),
    "hr": ("Croatian", "hr"),
    "sl": ("Slovenian", "sl"),
    "lt": ("Lithuanian", "lt"),
    "lv": ("Latvian", "lv"),
    "tr": ("Turkish", "tr"),
    "ru": ("Russian", "ru"),
    "uk": ("Ukrainian", "uk"),
    "be": ("Belarusian", "be"),
    "bg": ("Bulgarian", "bg"),
    "sr": ("Serbian", "sr"),
    "mk": ("Macedonian", "mk"),
    "el": ("Greek", "el"),
    "he": ("Hebrew", "he"),
    "ar": ("Arabic", "ar"),
    "fa": ("Persian", "fa"),
    "vi": ("Vietnamese", "vi"),
    "th": ("", "th"),
}
IDEOGRAPHIC = ("ja", "zh", "zh-tw", "ko")
LANGUAGES = (*_SOURCES, *IDEOGRAPHIC)

# Letters that code pages lack, and their usual replacements.
_FOLDED = str.maketrans("șțȘȚیکİ", "şţŞŢيكi")
_MOST_WORDS = 1500
# Weights of trigrams, bigrams and single letters for smoothing, after Witten and Bell.
_TRUST_TWO, _TRUST_ONE, _TRUST_NONE = 3.0, 3.0, 20.0
_BORDER = " "
_MOST_KNOWN = 20_000

_QUOTES = frozenset("“”‘’„‚–—…«»")
_APOSTROPHES = frozenset("’´·\u00a0")
# How much rarer a punctuation mark is between two letters than elsewhere.
_WITHIN = 0.05
_SIGNS = frozenset("\u00a0€£§°·¿¡№´®©•‹›ªº™")
_RARE_SIGNS = frozenset("²³½¼¾±×÷µ†‡‰¢¥¤¶")
_WESTERN = frozenset("àáâãäåæçèéêëìíîïñòóôõöøùúûüýÿßœ")
_OTHER_LATIN = frozenset("ąćęłńśźżčďěňřšťůžőűăâîşţđģķļņāēīūėįųğıðþ")
# Shares of capitals (U) and small letters (l) after another letter or at the start of a word.
_CASE_SHARES = {("", "U"): 0.2, ("", "l"): 0.8, ("l", "U"): 0.002, ("U", "U"): 0.3, ("U", "l"): 0.7}
_CASES = {kinds: math.log(share) for kinds, share in _CASE_SHARES.items()}


class Weights(dict[str, float]):
    """Sums of weights; 0 for what was never added."""

    def __missing__(self, key: str) -> float:
        return 0.0


class Letters:
    """A trigram model of one language."""

    def __init__(self, words: Weights) -> None:
        self._counts, self._after = Weights(), Weights()
        for word, weight in words.items():
            padded = f"{_BORDER * 2}{word}{_BORDER}"
            for at in range(2, len(padded)):
                for size in (0, 1, 2):
                    self._counts[padded[at - size : at + 1]] += weight
                    self._after[padded[at - size : at] if size else ""] += weight
        self._total = self._after.pop("", 0.0)
        self._known: dict[str, float] = {}

    def logarithm(self, before: str, letter: str) -> float:
        """The log probability of `letter` after the two characters of `before`."""
        found = self._known.get(before + letter)
        if found is None:
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            found = self._known[before + letter] = math.log(self._share(before, letter))
        return found

    def _share(self, before: str, letter: str) -> float:
        counts, after = self._counts, self._after
        one = (counts[letter] + _TRUST_NONE * _anywhere(letter)) / (self._total + _TRUST_NONE)
        two = (counts[before[1] + letter] + _TRUST_ONE * one) / (after[before[1]] + _TRUST_ONE)
        return (counts[before + letter] + _TRUST_TWO * two) / (after[before] + _TRUST_TWO)


class Characters:
    """A model of single characters, for languages that have thousands."""

    def __init__(self, shares: dict[str, float]) -> None:
        self._shares = shares

    def logarithm(self, before: str, letter: str) -> float:
        return math.log(self._shares.get(letter) or _anywhere(letter) * 0.1)


def logarithm(language: str, word: str) -> float:
    """The log probability of a word, a run of letters and punctuation, in a language."""
    letters = _letters(language)
    turkish = language == "tr"
    found = 0.0
    before, case = _BORDER * 2, ""
    word = word.translate(_FOLDED)
    for at, character in enumerate(word + _BORDER):
        small = "ı" if turkish and character == "I" else _small(character)
        if _is_letter(small):
            kind = _case(character)
            found += letters.logarithm(before, small)
            found += _CASES.get((case, kind), 0.0)
            before, case = before[1] + small, kind
        else:
            inside = before[1] != _BORDER
            found += letters.logarithm(before, _BORDER) if inside else 0.0
            within = _WITHIN if inside and small not in _APOSTROPHES and _is_letter(word[at + 1 : at + 2]) else 1.0
            found += math.log(within * _signs(small))
            before, case = _BORDER * 2, ""
    return found


@lru_cache(maxsize=4096)
def _is_letter(character: str) -> bool:
    return bool(character) and (character.isalpha() or unicodedata.category(character).startswith("M"))


def _signs(character: str) -> float:
    return 1.0 if character == _BORDER else _anywhere(character)


@lru_cache(maxsize=4096)
def _small(character: str) -> str:
    small = character.lower()
    return small if len(small) == 1 else character


@lru_cache(maxsize=4096)
def _case(character: str) -> str:
    return "U" if character.isupper() else "l" if character.islower() else ""


@lru_cache(maxsize=65536)
def _anywhere(character: str) -> float:
    """The probability of a character in texts of a language that does not use it."""
    if character.isascii():
        return 1 / 100 if character.isalpha() or character == _BORDER else 1e-3
    for characters, share in (
        (_QUOTES, 2e-3),
        (_SIGNS, 3e-4),
        (_WESTERN, 3e-4),
        (_OTHER_LATIN, 5e-5),
        (_RARE_SIGNS, 2e-6),
    ):
        if character in characters:
            return share
    kind = unicodedata.category(character)
    return {"Ll": 2e-6, "Lo": 1e-6, "Mn": 1e-6, "Cc": 1e-10, "Co": 1e-11, "Cn": 1e-12}.get(kind, 2e-7)


@cache
def _letters(language: str) -> Letters | Characters:
    if language in IDEOGRAPHIC:
        return Characters(_SHARES[language]())
    stop_words, locale = _SOURCES[language]
    words = Weights()
    for rank, word in enumerate(_stop_words(stop_words)):
        words[_plain(word)] += 20 / (20 + rank) + 0.1
    for word in _names(locale):
        words[_plain(word)] += 0.15
    words.pop("", None)
    return Letters(words)


def _plain(word: str) -> str:
    folded = unicodedata.normalize("NFC", word.translate(_FOLDED)).lower().translate(_FOLDED)
    return folded.strip(".,:;()[]«»„“”\"'-–0123456789")


def _stop_words(name: str) -> list[str]:
    if not name:
        return []
    listed = resources.files("justext").joinpath("stoplists", f"{name}.txt").read_text("utf-8")
    return listed.split()[:_MOST_WORDS]


def _names(locale: str) -> list[str]:
    from babel import Locale

    known = Locale.parse(locale)
    calendars = [names for wide in (known.months, known.days) for names in wide["format"]["wide"].values()]
    return " ".join(chain(known.territories.values(), known.languages.values(), calendars)).split()


def _ranked(common: str, level_one: list[str], level_two: list[str], scale: float) -> dict[str, float]:
    """Shares by rank for the common characters, and by level for all others."""
    shares = dict.fromkeys(level_two, 0.01 * scale / max(1, len(level_two)))
    shares.update(dict.fromkeys(level_one, 0.44 * scale / max(1, len(level_one))))
    weights = {character: 1 / (rank + 8) for rank, character in enumerate(dict.fromkeys(common))}
    total = sum(weights.values())
    for character, weight in weights.items():
        shares[character] = shares.get(character, 0) + 0.55 * scale * weight / total
    return shares


def _plane(encoding: str, rows: range, columns: range) -> list[str]:
    found = []
    for row in rows:
        for column in columns:
            try:
                found.append(bytes((row, column)).decode(encoding))
            except UnicodeDecodeError:
                continue
    return found


_HIGH = range(0xA1, 0xFF)
_WIDE = "，。、：；！？（）「」『』《》“”—…・ー　"


def _with_signs(shares: dict[str, float], signs: float, ascii_too: float = 0.03) -> dict[str, float]:
    for rank, sign in enumerate(_WIDE):
        shares[sign] = signs * (0.25 if rank < 3 else 0.02)
    for code in chain(range(0xFF10, 0xFF1A), range(0xFF21, 0xFF3B)):
        shares[chr(code)] = 2e-4
    shares[_BORDER] = ascii_too
    return shares


def _chinese() -> dict[str, float]:
    one, two = _plane("gb2312", range(0xB0, 0xD8), _HIGH), _plane("gb2312", range(0xD8, 0xF8), _HIGH)
    return _with_signs(_ranked(_COMMON_CHINESE, one, two, 0.87), 0.1)


def _taiwanese() -> dict[str, float]:
    columns = [*range(0x40, 0x7F), *range(0xA1, 0xFF)]
    one = _plane("big5", range(0xA4, 0xC7), columns)  # type: ignore[arg-type]
    two = _plane("big5", range(0xC9, 0xFA), columns)  # type: ignore[arg-type]
    return _with_signs(_ranked(_COMMON_TAIWANESE, one, two, 0.87), 0.1)


def _japanese() -> dict[str, float]:
    one, two = _plane("euc_jp", range(0xB0, 0xD0), _HIGH), _plane("euc_jp", range(0xD0, 0xF5), _HIGH)
    shares = _ranked(_COMMON_JAPANESE, one, two, 0.37)
    hiragana = {character: 1 / (rank + 4) for rank, character in enumerate(_COMMON_HIRAGANA)}
    katakana = dict.fromkeys(map(chr, range(0x30A1, 0x30F7)), 1.0)
    for kana, part in ((dict.fromkeys(map(chr, range(0x3041, 0x3094)), 0.01) | hiragana, 0.4), (katakana, 0.1)):
        total = sum(kana.values())
        shares.update({character: part * weight / total for character, weight in kana.items()})
    return _with_signs(shares, 0.1)


def _korean() -> dict[str, float]:
    hangul = _plane("euc_kr", range(0xB0, 0xC9), _HIGH)
    hanja = _plane("euc_kr", range(0xCA, 0xFE), _HIGH)
    counted = Weights()
    for rank, word in enumerate(_stop_words("Korean")):
        for character in word:
            counted[character] += 20 / (20 + rank) + 0.1
    total = sum(count for character, count in counted.items() if character in set(hangul))
    shares = dict.fromkeys(hanja, 0.01 / len(hanja))
    shares.update({character: (0.8 * counted[character] / total) + 0.05 / len(hangul) for character in hangul})
    return _with_signs(shares, 0.01, 0.15)


_SHARES = {"zh": _chinese, "zh-tw": _taiwanese, "ja": _japanese, "ko": _korean}

_COMMON_CHINESE = (
    "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事"
    "只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部"
    "正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市表院员记者报"
    "京省总统府党政部长会议代表新闻社社会经济发展建设企业市场公司投资改革国际美元法律安全局势战争军队选举总理外交部星期上午下午表示指出认为宣布"
)
_COMMON_TAIWANESE = (
    "的一是不了在人有我他這中大來上國個到說們為子和你地出道也時年得就那要下以生會自著去之過家學對可她裡後小麼心多天而能好都然沒日於起還發成事"
    "只作當想看文無開手十用主行方又如前所本見經頭面公同三已老從動兩長知民樣現分將外但身些與高意進把法此實回二理美點月明其種聲全工己話兒者向情部"
    "正名定女問力機給等幾很業最間新什打便位因重被走電四第門相次東政海口使教西再平真聽世氣信北少關並內加化由卻代軍產入先山五太水萬市表院員記者報"
    "臺台灣省總統府黨立法委員縣長議會經濟發展建設企業市場公司投資改革國際美元法律安全局勢戰爭軍隊選舉總理外交部星期上午下午表示指出認為宣布"
)
_COMMON_JAPANESE = (
    "日一国会人年大十二本中長出三同時政事自行社見月分議後前民生連五発間対上部東者党地合市業内相方四定今回新場金員九入選立開手米力学問高代明実円"
    "関決子動京全目表戦経通外最言氏現理調体化田当八六約主題下首意法不来作性的要用制治度務強気小七成期公野協取都和統以機平総加山思家話世受区領多県"
    "続進正安設保改数記院女初北午指権心界支第産結百派点教報済書府活原先共得解名交資予川向際査勝面委告軍文反元重近千考判認画海参売利組知案道信策集"
    "在件団別物側任引使求所次水半品昨論計死官増係感特情投示変打男基私各始島直両朝革価式確村提運終挙果西勢減台広容必応演電歳住争談能無再位置企真流格"
)
_COMMON_HIRAGANA = "のいたしにるはとかてなをっれらもがであうりすこさまだきけよんくそえどつめせわみおやちろほばぶべ"
