"""Captions and credits of pictures; the headline above the running text."""

import re

from corpusapp.text.lines import Line

_LONGEST = 500
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
_NAME = re.compile(r"(?:[^\W\d_]\.\s?)+[^\W\d_][\w'’-]+|[^\W\d_][\w'’-]+(?: [^\W\d_][\w.'’-]+){1,3}")
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
_CREDIT_ALONE = re.compile(rf"[(\[]?\s*(?:{_CREDIT_WORDS})\b[^.]{{0,80}}[)\]]?", re.IGNORECASE)
_SIDES = re.compile(
    r"\((?:\d(?:st|nd|rd|th) )?(?:L|R|C|left|right|cent(?:re|er)|(?:2nd|3rd|second|third|far|front|back) (?:L|R"
    r"|left|right))\)"
)
_TALKS = re.compile(r"\b(?:said|says|told|added|noted|stressed)\b", re.IGNORECASE)


def is_caption(line: Line) -> bool:
    """A picture's caption by its credit, by how it begins, or by who stands on which side."""
    if len(line.text) > _LONGEST:
        return False
    tail = line.text[-160:]
    folded = tail.casefold()
    if any(map(folded.__contains__, _HINTS)) and _END.search(tail):
        return True
    if _slash_credit(tail) or _START.match(line.text):
        return True
    return line.text.count("(") >= 2 and len(_SIDES.findall(line.text)) >= 2 and not _TALKS.search(line.text)


def _slash_credit(tail: str) -> bool:
    """ "(A. Name/The Paper)": one side a person's name."""
    match = _SLASH_CREDIT.search(tail) if tail[-2:].rstrip(".")[-1:] in (")", "]") else None
    if not match:
        return False
    first, second = match[1].strip(), match[2].strip()
    capitals = all(part[0].isupper() for part in (first, second))
    named = any(_NAME.fullmatch(part) for part in (first, second))
    return capitals and named


_LONGEST_TITLE, _FEWEST_WORDS = 220, 3


def is_title(line: Line) -> bool:
    """Could be a headline: some words on one line that do not end in a full stop, colon or comma."""
    if len(line.text) > _LONGEST_TITLE or line.cut or line.text[-1:] in ":,;":
        return False
    if line.dense:
        return 5 <= len(line.text) <= 50 and not line.sentence
    if line.sentence and line.text.rstrip("\"'”’»)] ")[-1:] not in "?!":
        return _abbreviated(line)
    return len(line.words) >= _FEWEST_WORDS or (len(line.words) == 2 and len(line.text) >= 10)


def _abbreviated(line: Line) -> bool:
    """Its last full stop belongs to an abbreviation ("U.S.")."""
    last = line.words[-1] if line.words else ""
    return len(line.text) <= 120 and last.count(".") >= 2
