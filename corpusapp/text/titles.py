"""The headline above the running text."""

from corpusapp.text.lines import Line

_LONGEST, _FEWEST_WORDS = 220, 3


def is_title(line: Line) -> bool:
    """Could be a headline: some words on one line that do not end in a full stop, colon or comma."""
    if len(line.text) > _LONGEST or line.cut or line.text[-1:] in ":,;":
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
