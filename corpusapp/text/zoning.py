"""Find the zones of a plain text: title, dateline, byline, caption, chrome. The text itself does not change."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from corpusapp.text.agencies import is_known
from corpusapp.text.chrome.find import find_chrome
from corpusapp.text.dateline import Dateline, find_dateline, shifted
from corpusapp.text.dates import MONTHS
from corpusapp.text.lines import Line, RecurringLines, find_recurring, split_lines
from corpusapp.text.places import COUNTRIES
from corpusapp.text.words import words
from corpusapp.text.zones import BYLINE, CAPTION, CHROME, DATELINE, TITLE, ZoneRange

_LONGEST_CAPTION = 500
_CREDIT_WORDS = (
    r"(?:photo(?:graph)?s?|image|picture|pic|handout|file|archives?|screengrab|screenshot|getty(?: images)?|courtesy)"
)
_END = re.compile(
    rf"[(\[](?:[^()\[\]]{{0,60}}\b)?{_CREDIT_WORDS}\b[^()\[\]]{{0,80}}[)\]]\.?$"
    r"|(?:^|[.\s–—|/-])\s?(?:photo(?:graph)?|picture|image|credit|pic)(?: (?:credit|by|courtesy"
    r"|source))?\s?[:：]\s?[^:：]{2,70}$"
    r"|[–—|/-]\s?(?:[^\W\d_][\w.&'’-]* ){1,4}photo(?: by [^.]{3,50})?\.?$"
    r"|\b(?:AP|AFP|EPA|Reuters|Xinhua|Getty|IRNA|SANA|Tasnim|Mehr|Fars|ISNA) (?:photo|image"
    r"|pic)s?(?:[/ ][^.]{0,50})?\.?$",
    re.IGNORECASE,
)
_HINTS = ("photo", "image", "pic", "handout", "file", "archive", "screen", "getty", "courtesy", "credit")
_SLASH_CREDIT = re.compile(r"[(\[]([^()\[\]/]{2,40})\s?/\s?([^()\[\]/]{2,40})\s?[)\]]\.?$")
# A line that is only a credit: code points, slashes, and words between them.
_LONGEST_CREDIT, _MOST_PARTS = 100, 5
_CREDIT_NAME = re.compile(r"(?:[^\W\d_]\.\s?)+[^\W\d_][\w'’-]+|[^\W\d_][\w'’-]+(?: [^\W\d_][\w.'’-]+){1,3}")
_START = re.compile(
    r"(?:file(?: photo)?\s?[-–—:]|(?:photo|picture|image|caption|file photo|archive photo|handout photo)\s?[:：]"
    r"|image (?:source|caption|credit)\b|media caption\b|photo(?:graph)? by\b|(?:this|a|an|the|in this"
    r"|in an?)(?: \w+){0,2}"
    r" (?:file |handout |combined |combination |undated |archive |screen ?grab |satellite |aerial ){0,2}"
    r"(?:photo|picture|image|photograph|frame grab|screengrab|screenshot)s?\b(?=[^.]{0,80}\b(?:shows?|taken"
    r"|released|provided|made available|dated|obtained|posted|from)\b|,)"
    r"|(?:file )?(?:photo|picture|image) shows\b|عکس\s?:|صورة\s?:)",
    re.IGNORECASE,
)

_SIDES = re.compile(
    r"\((?:\d(?:st|nd|rd|th) )?(?:L|R|C|left|right|cent(?:re|er)|(?:2nd|3rd|second|third|far|front|back) (?:L|R"
    r"|left|right))\)"
)
_TALKS = re.compile(r"\b(?:said|says|told|added|noted|stressed)\b", re.IGNORECASE)
_LONGEST_TITLE, _FEWEST_WORDS = 220, 3
_LONGEST = 200
_LETTER = r"[^\W\d_]"
_NAME_WORD = (
    rf"(?:(?:al|el|as|an|bin|ibn|abu|de|da|del|van|von|der|la|le|ben|bint|ul|ur)[- ])*(?![a-z]){_LETTER}(?:{_LETTER}"
    rf"|['’.-](?={_LETTER}))*\.?"
)
_NAME = rf"{_NAME_WORD}(?: {_NAME_WORD}){{1,3}}"
_NAMES = rf"{_NAME}(?:(?:,| and| &|, and| /) {_NAME}){{0,4}}"
_WHERE = r"(?:\s?(?:,|•|\||–|—|-|/|\bin\b|\bat\b|\bfrom\b)\s?[^.!?:;]{2,60})?"
_BY = re.compile(
    rf"(?:by|written by|story by|text by|analysis by|opinion by|author|authors?:|reporter|writer|par|von"
    rf"|por)\s?:?\s+(?:the )?{_LETTER}\S*(?: [^.!?]{{2,100}})?",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"({_NAMES}){_WHERE}")
_DESK = re.compile(
    r"(?:[^\W\d_][\w.'’-]* ){0,4}(?:desk|staff|bureau|correspondents?|agencies|newsroom|reporter|writers?"
    r"|staff writer|editorial board)(?:,? (?:with|and|in|of|for) [^.!?]{3,50})?|(?:with|from) (?:news )?agencies"
    r"|agencies",
    re.IGNORECASE,
)
_ROLE = re.compile(
    r"(?:(?:[^\W\d_-]+[ -]){0,3}(?:correspondent|reporter|editor|writer|columnist|contributor|analyst|journalist"
    r"|producer|bureau chief|staff|journalists?)"
    r"(?:(?: in|,| for| at| of) [^.!?]{2,50})?)",
    re.IGNORECASE,
)
_REPORTING = re.compile(
    r"\(?(?:(?:additional |further |with )?(?:reporting|writing|editing|compiled|translated|edited|written"
    r"|translated and edited|written and edited|reported"
    r"|based on reporting|based on reports|photo editing) (?:by|from)\b"
    r"|(?:editor|author|translator|reporter|writer|source|sources|edited by|written by|by)\s?[:：]\s?(?=\S)).{2,200}",
    re.IGNORECASE,
)
_INITIALS = re.compile(
    r"\(?[A-Za-z]{1,4}\.?(?: ?[A-Z][a-z]+)?(?:\s?/\s?[A-Za-z]{1,4}\.?(?: ?[A-Z][a-z]+)?){1,4}(?:\s*\([A-Za-z"
    r" ,/]{2,50}\))?\)?"
)
_SUFFIX = re.compile(
    r"(?:\((?:additional )?(?:reporting|writing|editing|compiled) by [^()]{3,200}\)"
    r"|(?:author|editor)\s?: [^.!?]{3,120}"
    r"|(?<=[.!?\"”’»)] )[a-z]{2,4} ?/ ?[a-z]{2,4}(?: ?/ ?[a-z]{2,4})?(?: \([A-Za-z ,/]{2,60}\))?)$",
    re.IGNORECASE,
)
_NO_NAMES = words("""
    the a an of for to on with from and in at is are was were by as new news world politics opinion middle east
    africa asia europe talks war peace crisis
    president minister statement report ministry government iranian syrian russian turkish american
    what how why who when where background context next
""")
_PARTICLES = words("""
    al el as an bin ibn abu de da del van von der la le ben bint ul ur and
""")
_DATELINE_WITHIN = 4


@dataclass(frozen=True)
class Zoning:
    """Zones in text order, without overlaps, and the parts of the dateline if there is one."""

    zones: tuple[ZoneRange, ...]
    dateline: Dateline | None = None


def find_zones(text: str, recurring: RecurringLines | None = None) -> list[ZoneRange]:
    """The zones of `text`, in code points. `recurring` are lines of the source's other articles."""
    return list(read_zones(text, recurring).zones)


def read_zones(text: str, recurring: RecurringLines | None = None) -> Zoning:
    """Like `find_zones`, with the parts of the dateline."""
    lines = split_lines(text)
    kinds: dict[int, str] = {index: CAPTION for index, line in enumerate(lines) if is_caption(line)}
    kinds |= {index: BYLINE for index, line in enumerate(lines) if index not in kinds and is_reporting(line)}
    recurrent = find_recurring(lines, recurring) if recurring else frozenset()
    chrome = find_chrome(lines, frozenset(kinds) - recurrent, recurrent)
    kinds |= dict.fromkeys(chrome, CHROME)
    ranges = []
    head = next((i for i, line in enumerate(lines) if i not in kinds and _opens(line)), len(lines))
    if head < len(lines):
        _mark_head(lines, kinds, head)
        _mark_tail_bylines(lines, kinds)
        ranges = _suffix(lines, kinds)
    dateline = _dateline(lines, kinds, head)
    if dateline:
        ranges.append(ZoneRange(dateline.start, dateline.end, DATELINE))
    return Zoning(tuple(sorted([*_merged(lines, kinds), *ranges])), dateline)


def _opens(line: Line) -> bool:
    """Whether running text begins here: a paragraph, or a dateline before a shorter sentence."""
    return line.prose or (line.sentence and (len(line.words) >= 6 or find_dateline(line.text) is not None))


def _mark_head(lines: Sequence[Line], kinds: dict[int, str], head: int) -> None:
    """Mark the first line that may be a title, and the bylines under it."""
    title = next((i for i in range(head) if i not in kinds and is_title(lines[i])), None)
    if title is None:
        return
    kinds[title] = TITLE
    for index in range(title + 1, head):
        if index in kinds:
            continue
        under_name = kinds.get(index - 1) == BYLINE
        if is_head_byline(lines[index]) or (under_name and is_role(lines[index])):
            kinds[index] = BYLINE


def _mark_tail_bylines(lines: Sequence[Line], kinds: dict[int, str]) -> None:
    """Mark bylines after the last sentence."""
    for index in range(len(lines) - 1, -1, -1):
        if index in kinds:
            continue
        if lines[index].sentence or not is_tail_byline(lines[index]):
            return
        kinds[index] = BYLINE


def _suffix(lines: Sequence[Line], kinds: dict[int, str]) -> list[ZoneRange]:
    """The zone of a credit at the end of the last paragraph."""
    last = next((i for i in range(len(lines) - 1, -1, -1) if i not in kinds), None)
    if last is None or not lines[last].prose:
        return []
    at = byline_suffix(lines[last])
    return [ZoneRange(lines[last].start + at, lines[last].end, BYLINE)] if at else []


def _dateline(lines: Sequence[Line], kinds: dict[int, str], head: int) -> Dateline | None:
    """The dateline of one of the first lines of running text; after the first line only with an agency or a date."""
    tried = 0
    for index, line in enumerate(lines):
        if index in kinds:
            continue
        if index > head + _DATELINE_WITHIN or tried >= _DATELINE_WITHIN:
            return None
        found = find_dateline(line.text)
        if found and (tried == 0 or index == head or found.agency or found.date):
            return shifted(found, line.start)
        tried += 1
    return None


def _merged(lines: Sequence[Line], kinds: dict[int, str]) -> list[ZoneRange]:
    """Marked lines as zones; adjacent lines of boilerplate, or of a byline, are one zone."""
    zones: list[ZoneRange] = []
    before = -2
    for index in sorted(kinds):
        line, kind = lines[index], kinds[index]
        if zones and before == index - 1 and zones[-1].kind == kind and kind in (CHROME, BYLINE):
            zones[-1] = replace(zones[-1], end=line.end)
        else:
            zones.append(ZoneRange(line.start, line.end, kind))
        before = index
    return zones


def is_caption(line: Line) -> bool:
    """A caption of a picture: by its credit, its beginning, or words such as "(L)" and "(R)"."""
    if len(line.text) > _LONGEST_CAPTION:
        return False
    tail = line.text[-160:]
    folded = tail.casefold()
    if any(map(folded.__contains__, _HINTS)) and _END.search(tail):
        return True
    if _slash_credit(tail) or _START.match(line.text) or _is_credit(line.text):
        return True
    return line.text.count("(") >= 2 and len(_SIDES.findall(line.text)) >= 2 and not _TALKS.search(line.text)


def _is_credit(text: str) -> bool:
    """ "REUTERS / A. Name / File Photo": a line of parts, one of which is an agency."""
    if "/" not in text or len(text) > _LONGEST_CREDIT or text.count("/") > _MOST_PARTS:
        return False
    parts = [part.strip().removeprefix("via ") for part in text.split("/")]
    words = [part.split() for part in parts]
    if not all(words) or max(map(len, words)) > _MOST_PARTS or not all(part[0].isupper() for part in parts):
        return False
    return any(is_known(part) or is_known(part.rpartition(" via ")[2]) for part in parts)


def _slash_credit(tail: str) -> bool:
    """ "(A. Name/The Paper)": one side is the name of a person."""
    match = _SLASH_CREDIT.search(tail) if tail[-2:].rstrip(".")[-1:] in (")", "]") else None
    if not match:
        return False
    first, second = match[1].strip(), match[2].strip()
    capitals = all(part[0].isupper() for part in (first, second))
    named = any(_CREDIT_NAME.fullmatch(part) for part in (first, second))
    return capitals and named


def is_title(line: Line) -> bool:
    """May be a headline: some words on one line that do not end in a full stop, colon or comma."""
    if len(line.text) > _LONGEST_TITLE or line.cut or line.text[-1:] in ":,;":
        return False
    if line.dense:
        return 5 <= len(line.text) <= 50 and not line.sentence
    if line.sentence and line.text.rstrip("\"'”’»)] ")[-1:] not in "?!":
        return _abbreviated(line)
    return len(line.words) >= _FEWEST_WORDS or (len(line.words) == 2 and len(line.text) >= 10)


def _abbreviated(line: Line) -> bool:
    """The last full stop is part of an abbreviation ("U.S.")."""
    last = line.words[-1] if line.words else ""
    return len(line.text) <= 120 and last.count(".") >= 2


def is_reporting(line: Line) -> bool:
    """ "Reporting by …; editing by …", or a line that names an editor or a source."""
    return len(line.text) <= _LONGEST and "|" not in line.text and _REPORTING.fullmatch(line.text) is not None


def is_head_byline(line: Line) -> bool:
    """A byline between the title and the running text."""
    if len(line.text) > _LONGEST or line.text[-1:] in "?!:…" or (line.sentence and len(line.words) > 6):
        return False
    if line.text[:3].casefold() == "by " or _BY.fullmatch(line.text):
        return _BY.fullmatch(line.text) is not None and _names_start(line)
    return is_reporting(line) or _is_named(line.text) or _DESK.fullmatch(line.text) is not None


def is_role(line: Line) -> bool:
    """The role of the author, on the line under the name."""
    return len(line.text) <= 80 and not line.sentence and _ROLE.fullmatch(line.text) is not None


def is_tail_byline(line: Line) -> bool:
    """A byline after the running text: names of persons or of a bureau, or initials."""
    if len(line.text) > 120 or line.sentence:
        return False
    if _INITIALS.fullmatch(line.text) and "/" in line.text:
        return True
    return _is_named(line.text) or (line.text[:3].casefold() == "by " and _BY.fullmatch(line.text) is not None)


def byline_suffix(line: Line) -> int | None:
    """The offset in the line, in code points, of a credit at its end; None if there is none."""
    shown = line.text[-260:]
    match = _SUFFIX.search(shown)
    return len(line.text) - len(shown) + match.start() if match and match.start() else None


def _names_start(line: Line) -> bool:
    word = line.words[1] if len(line.words) > 1 else ""
    return word[:1].isupper() or word.casefold() in ("the", "our", "al")


def _is_named(text: str) -> bool:
    match = _NAMED.fullmatch(text)
    if not match or len(text) > 110:
        return False
    names = match[1]
    words = [word for word in re.split(r"[\s,/&]+", names) if word]
    if any(word.casefold().strip(".") in _NO_NAMES - {"and"} or word.casefold() in MONTHS for word in words):
        return False
    if names.casefold() in COUNTRIES or names.isupper():
        return False
    return all(word[0].isupper() or "-" in word or word in _PARTICLES for word in words)
