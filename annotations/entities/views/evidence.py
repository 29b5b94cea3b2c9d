"""Why two entities may be one, in sentences."""

from collections.abc import Iterable

# By the linker's codes of evidence.
_SENTENCES: dict[str, str] = {
    "same key": "They have the same name, but for case and punctuation.",
}


def sentences(codes: Iterable[object]) -> list[str]:
    """A sentence for each code; what no sentence is known for stands as it is."""
    return list(dict.fromkeys(_SENTENCES.get(str(code), str(code)) for code in codes))
