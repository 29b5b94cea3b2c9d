"""Scripts without spaces between words: Han, kana, Thai, Lao, Tibetan, Burmese, Khmer, Tai."""

import re

# Ranges for a character class of a regular expression.
UNSPACED = (
    "\u0e00-\u109f\u1780-\u17ff\u1950-\u19ff\u1a20-\u1aaf\u3005-\u3007\u3021-\u3029\u3040-\u30ff\u3100-\u312f"
    "\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua9e0-\ua9fe\uaa60-\uaadf\uf900-\ufaff\uff66-\uff9d"
    "\U0001aff0-\U0001b16f\U00020000-\U0003fffd"
)
UNSPACED_CHARACTER = re.compile(f"[{UNSPACED}]")


def is_unspaced(text: str) -> bool:
    """Whether the text has a character of a script without spaces between words."""
    return UNSPACED_CHARACTER.search(text) is not None
