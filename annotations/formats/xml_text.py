"""Text within XML: escapes, and the characters that XML 1.0 cannot hold in any way."""

import re

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
REPLACEMENT = "\ufffd"
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"}
# Line ends and tabs within an attribute would be read as spaces; some readers end lines at the last two.
_IN_ATTRIBUTES = {**_ESCAPES, '"': "&quot;", "\n": "&#10;", "\t": "&#9;", "\x85": "&#133;", "\u2028": "&#8232;"}
_TEXT, _ATTRIBUTE = str.maketrans(_ESCAPES), str.maketrans(_IN_ATTRIBUTES)


def replace_forbidden(text: str) -> tuple[str, list[tuple[int, int]]]:
    """The text with U+FFFD, as long in code points and UTF-16, for each character that XML cannot hold; and these."""
    found = [(match.start(), ord(match[0])) for match in _FORBIDDEN.finditer(text)]
    return (_FORBIDDEN.sub(REPLACEMENT, text), found) if found else (text, found)


def in_text(text: str) -> str:
    """Escaped for the content of an element."""
    return replace_forbidden(text)[0].translate(_TEXT)


def in_attribute(text: str) -> str:
    """Escaped for an attribute in double quotes."""
    return replace_forbidden(text)[0].translate(_ATTRIBUTE)
