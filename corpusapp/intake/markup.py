"""What mark-up may hold, counted before a parser sees it: parsers of HTML compare each attribute of a tag with all."""

import re

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
