"""What mark-up may hold, counted before a parser sees it: parsers of HTML compare each attribute of a tag with all."""

import re

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from corpusapp.intake.draft import Unfit

# Of one tag. Real ones have a few dozen.
MAX_ATTRIBUTES = 2_000
# As an HTML parser reads them, each character once: an open quote, comment or script lasts to its end or the text's.
_TAG = re.compile(
    r"<!--(?:[^-]++|-(?!->))*+"
    r"|<(?P<raw>script|style)\b[^>]*+>?(?:[^<]++|<(?!/(?P=raw)\b))*+"
    r"|<(?P<tag>[a-z](?:[^>\"']++|\"[^\"]*+\"?|'[^']*+'?)*+)",
    re.I,
)
_QUOTED = re.compile(r"\"[^\"]*+\"?|'[^']*+'?")
_NAME = re.compile(r"[^\s=/]++")


def refuse_many_attributes(text: str) -> None:
    """Raises `Unfit` for mark-up with a tag of more than MAX_ATTRIBUTES attributes."""
    for match in _TAG.finditer(text):
        tag = match["tag"]
        # Each attribute takes two characters at least.
        if tag and len(tag) > 2 * MAX_ATTRIBUTES and len(_NAME.findall(_QUOTED.sub("=", tag))) > MAX_ATTRIBUTES:
            raise Unfit(f"a tag has more than {MAX_ATTRIBUTES} attributes", "text")


_BLOCK_TAGS = (
    "address article aside blockquote dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav "
    "ol p pre section table td th tr ul"
)
_BLOCKS = frozenset(_BLOCK_TAGS.split())
# How words are read that stands over them (ruby) would part and repeat them.
_SILENT = frozenset(("script", "style", "template", "noscript", "head", "rt", "rp", "rtc"))
_ANY_TAG = re.compile(r"<(?:/?[a-z][a-z0-9]*(?:\s[^<>]*)?/?>|!--)", re.I)


def is_html(text: str) -> bool:
    """Whether a text holds tags."""
    return bool(_ANY_TAG.search(text))


def words_of(html: str) -> str:
    """The text of `html`, blocks parted by an empty line; raises `Unfit` for mark-up that no parser is given."""
    refuse_many_attributes(html)
    try:
        root = document_fromstring(html.encode("utf-8", "replace"), parser=HTMLParser(encoding="utf-8"))
    except (etree.ParserError, etree.XMLSyntaxError):
        return ""
    pieces: list[str] = []
    silent = 0
    for event, node in etree.iterwalk(root, events=("start", "end", "comment", "pi")):
        name = node.tag if isinstance(node.tag, str) else ""
        if event == "start":
            silent += name in _SILENT
            pieces.append("\n\n" if name in _BLOCKS else "\n" if name == "br" else "")
            text = node.text
        else:
            silent -= name in _SILENT
            pieces.append("\n\n" if name in _BLOCKS else "")
            text = node.tail
        if text and not silent:
            pieces.append(re.sub(r"\s+", " ", text))
    joined = re.sub(r" *\n *", "\n", "".join(pieces))
    return re.sub(r"\n{3,}", "\n\n", joined).strip()
