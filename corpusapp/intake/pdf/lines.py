"""Lines as they were set -> running text: words that were parted at a line's end are whole again."""

import re
from collections.abc import Iterable

# A word, a hyphen at the line's end, a word in small letters below.
_PARTED = re.compile(r"(\w+)[-\u2010][ \t]*\n\s*(?=[^\W\d_])(\w+)")
_SOFT = re.compile("\u00ad[ \\t]*\\n\\s*")
# A paragraph that a column or a page ends before its sentence does.
_OPEN = re.compile(r"[\w,;\-\u2010]$")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")


def running_text(pages: Iterable[Iterable[str]]) -> tuple[str, list[str]]:
    """(text, notes) of the boxes of each page: a box is a paragraph or more, its lines joined by spaces."""
    paragraphs: list[str] = []
    for boxes in pages:
        for box in boxes:
            for paragraph in re.split(r"\n\s*\n", box.replace("\0", "").strip()):
                if paragraph and paragraphs and _OPEN.search(paragraphs[-1]) and paragraph[0].islower():
                    paragraphs[-1] += f"\n{paragraph.strip()}"
                elif paragraph.strip():
                    paragraphs.append(paragraph.strip())
    text, joined = _joined("\n\n".join(paragraphs))
    text = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], text)
    text = "\n\n".join(" ".join(paragraph.split()) for paragraph in text.split("\n\n"))
    return text, [f"{joined} words that were parted at line ends were joined"] if joined else []


def _joined(text: str) -> tuple[str, int]:
    """Words in one piece; the hyphen stays where the text has the compound elsewhere, or a capital follows."""
    text, joined = _SOFT.subn("", text)

    def whole(match: re.Match[str]) -> str:
        nonlocal joined
        first, second = match.groups()
        if not second[0].islower() or f"{first}-{second}" in text:
            return f"{first}-{second}"
        joined += 1
        return first + second

    return _PARTED.sub(whole, text), joined
