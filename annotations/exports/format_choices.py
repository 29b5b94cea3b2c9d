"""The formats as people choose them: what each holds, what it cannot hold, and who makes it."""

from dataclasses import dataclass

from annotations.formats.protocol import Format
from annotations.formats.registry import UnknownFormat, formats
from annotations.formats.utf16 import CODE_POINTS, UTF16
from corpusapp.core.errors import Invalid

# Written row by row into temporary files before the first byte: a request would wait too long.
_HEAVY = {"parquet"}
# Ours to define, so that either way of counting can be had.
EITHER_OFFSETS = ("jsonl", "jsonl-tokens")
NO_OFFSETS = "none"


@dataclass(frozen=True)
class About:
    """`offsets` is how the format's files count: code points, utf16, or none where they hold words and no offsets."""

    holds: str
    lacks: str = ""
    offsets: str = CODE_POINTS


ABOUT = {
    "jsonl": About("One article per line, as in spaCy and Prodigy, with states, scores and zones."),
    "jsonl-tokens": About("JSON Lines with spaCy's tokens; spans on token boundaries have token indices."),
    "docbin": About(
        "For spacy train. What a Doc cannot hold is in its user data, which only corpusapp reads.",
        "spans that cut a token; of overlapping spans the shorter is only in doc.spans.",
        NO_OFFSETS,
    ),
    "conll": About(
        "One word and its IOB2 tag per line, for sequence labellers.",
        "articles that are not done, spans that overlap or cut a word, states, scores, zones, titles, metadata.",
        NO_OFFSETS,
    ),
    "doccano": About("One text and its labels per line. What doccano cannot hold is in extra fields."),
    "label-studio": About("Tasks with annotations and predictions. All else is in each task's data."),
    "brat": About(
        "A ZIP of .txt and .ann files, with a .json file each for what brat cannot hold.",
        "labels with white space, spans that are only line breaks.",
    ),
    "web-annotation": About("W3C Web Annotations in JSON-LD, by position and by quote."),
    "cas-xmi": About("A ZIP of UIMA CAS files with their type system, for INCEpTION.", offsets=UTF16),
    "parquet": About("A ZIP with Parquet files, a data set card and Croissant metadata, for Hugging Face."),
    "tei": About("One TEI P5 corpus with stand-off spans.", "zones, metadata, characters that XML does not allow."),
}
# Extensions that say nothing of the format.
_COMMON = {"zip", "json", "xml", "jsonl"}


def known_format(name: str, *, field: str = "format") -> Format:
    """The format of this name. Refuses another, and one that is read only."""
    try:
        found = formats.get(name)
    except UnknownFormat as unknown:
        raise Invalid(str(unknown), field=field) from unknown
    if not found.writes:
        raise Invalid(f"{found.title} can only be read", field=field)
    return found


def is_streamed(form: Format) -> bool:
    """Whether a request may write it while it is sent: no tokens are needed, and its first byte comes at once."""
    return not form.needs_tokens and form.name not in _HEAVY


def streamed() -> list[Format]:
    return [form for form in formats.written() if is_streamed(form)]


def file_name(form: Format, slug: str) -> str:
    """What a file of the corpus is called."""
    plain = form.extension not in _COMMON or form.name == form.extension
    kind = "" if plain else f".{form.name.removeprefix('jsonl-')}"
    return f"{slug}{kind}.{form.extension}"


def offsets_of(form: Format, asked: str) -> str:
    """How a file of the format counts."""
    return asked if form.name in EITHER_OFFSETS else ABOUT[form.name].offsets


def check_offsets(form: Format, asked: str) -> None:
    """Refuse another way of counting than the format has."""
    if asked != CODE_POINTS and form.name not in EITHER_OFFSETS and asked != ABOUT[form.name].offsets:
        both = " and ".join(EITHER_OFFSETS)
        raise Invalid(
            f"{form.title} has its own offsets ({ABOUT[form.name].offsets}): offsets can only be chosen for {both}",
            field="offsets",
        )
