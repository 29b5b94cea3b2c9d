"""Why two entities may be one, in sentences."""

from collections.abc import Iterable, Sequence

# By the linker's evidence, with what of the names it is about.
_SENTENCES = {
    "same name": "Both have the name {}.",
    "same country": "Both are names of the same country: {}.",
    "same words": "The names have the same words: {}.",
    "similar spelling": "The names are spelled alike: {}.",
    "same surname": "The surname is the same: {}.",
    "short form": "One name may be short for the other: {}.",
    "acronym": "One name may be an acronym of the other: {}.",
}


def sentences(evidence: Iterable[Sequence[str]]) -> list[str]:
    """A sentence for each piece of evidence: a code, and names with ` / ` between them."""
    return list(dict.fromkeys(_sentence(code, names) for code, names in evidence))


def _sentence(code: str, names: str) -> str:
    # Names may be written from right to left: the marks around them keep the order of the sentence.
    quoted = " and ".join(f"“\u2068{name}\u2069”" for name in names.split(" / "))
    return _SENTENCES.get(code, f"{code[:1].upper()}{code[1:]}: {{}}.").format(quoted)
