"""Lines as they were set -> running text: words that were parted at a line's end are whole again."""

import re
from collections.abc import Iterable

# A letter, a hyphen at the line's end, a small letter below. A soft hyphen is always one of these.
_PARTED = re.compile(r"(?<=\w)(?:-|\u2010)\s*\n\s*(?=[^\W\d_A-Z])|\u00ad\s*\n\s*")
_LIGATURES = {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
_LIGATURE = re.compile("[ﬀ-ﬆ]")


def running_text(pages: Iterable[Iterable[str]]) -> tuple[str, list[str]]:
    """(text, notes) of the boxes of each page: a box is a paragraph or more, its lines joined by spaces."""
    joined = 0
    paragraphs = []
    for boxes in pages:
        for box in boxes:
            box, count = _PARTED.subn("", box.strip())
            joined += count
            box = _LIGATURE.sub(lambda match: _LIGATURES[match[0]], box)
            for paragraph in re.split(r"\n\s*\n", box):
                if words := " ".join(paragraph.replace("\0", "").split()):
                    paragraphs.append(words)
    notes = [f"{joined} words that were parted at line ends were joined"] if joined else []
    return "\n\n".join(paragraphs), notes
