"""Text in XML: escapes, and characters that XML 1.0 cannot hold."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# Parsers read line ends and tabs in attributes as spaces. Some programs treat the last two as line ends.
_IN_ATTRIBUTES = {**_ESCAPES, '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\x85": "&#133;", "\u2028": "&#8232;"}
_TEXT, _ATTRIBUTE = str.maketrans(_ESCAPES), str.maketrans(_IN_ATTRIBUTES)


def replace_forbidden(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with U+FFFD for characters that XML cannot hold, and these as (offset, code point).

    The length stays the same, in code points and in UTF-16.
    """
    found = [(match.start(), ord(match[0])) for match in _FORBIDDEN.finditer(text)]
    return (_FORBIDDEN.sub(REPLACEMENT, text), found) if found else (text, found)


def in_text(text: str) -> str:
    """The text escaped for an element."""
    return replace_forbidden(text)[0].translate(_TEXT)


def in_attribute(text: str) -> str:
    """The text escaped for an attribute in double quotes."""
    return replace_forbidden(text)[0].translate(_ATTRIBUTE)
