"""HTML fragments: their text, and a check for markup that is too slow to parse."""

import re

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from corpusapp.intake.draft import Unfit

# Attributes of one tag: parsers compare each with all others. Real tags have a few dozen.
MAX_ATTRIBUTES = 2_000
# Tags as an HTML parser reads them: an open quote, comment or script extends to its end or that of the text.
_TAG = re.compile(
    r"<!--(?:[^-]++|-(?!->))*+"
    r"|<(?P<raw>script|style)\b[^>]*+>?(?:[^<]++|<(?!/(?P=raw)\b))*+"
    r"|<(?P<tag>[a-z](?:[^>\"']++|\"[^\"]*+\"?|'[^']*+'?)*+)",
    re.I,
)
_QUOTED = re.compile(r"\"[^\"]*+\"?|'[^']*+'?")
_NAME = re.compile(r"[^\s=/]++")


def refuse_many_attributes(text: str) -> None:
    """Raise `Unfit` for markup with a tag of more than MAX_ATTRIBUTES attributes."""
    for match in _TAG.finditer(text):
        tag = match["tag"]
        # An attribute takes at least two characters.
        if tag and len(tag) > 2 * MAX_ATTRIBUTES and len(_NAME.findall(_QUOTED.sub("=", tag))) > MAX_ATTRIBUTES:
            raise Unfit(f"a tag has more than {MAX_ATTRIBUTES} attributes", "text")


_BLOCK_TAGS = (
    "address article aside blockquote dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table td th tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
# Includes ruby annotations, which would split and repeat the words that they annotate.
_SKIPPED_TAGS = frozenset(("script", "style", "template", "noscript", "head", "rt", "rp", "rtc"))
_ANY_TAG = re.compile(r"<(?:/?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|!--)", re.I)


def is_html(text: str) -> bool:
    """Whether a text has HTML tags."""
    return bool(_ANY_TAG.search(text))


def words_of(html: str) -> str:
    """The whole text of `html`, blocks separated by an empty line; raises `Unfit` for markup too slow to parse."""
    refuse_many_attributes(html)
    try:
        root = document_fromstring(html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    pieces: list[str] = []
    skipped = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            skipped += name in _SKIPPED_TAGS
            pieces.append("\n\n" if name in _BLOCKS else "\n" if name == "br" else "")
            text = node.text
        else:
            skipped -= name in _SKIPPED_TAGS
            pieces.append("\n\n" if name in _BLOCKS else "")
            text = node.tail
        if text and not skipped:
            pieces.append(re.sub(r"\s+", " ", text))
    joined = re.sub(r" *\n *", "\n", "".join(pieces))
    return re.sub(r"\n{3,}", "\n\n", joined).strip()
