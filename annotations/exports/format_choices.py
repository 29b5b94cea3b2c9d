"""The formats of exports: what each holds and leaves out, and how it counts offsets."""

from dataclasses import dataclass

from annotations.formats.protocol import Format
from annotations.formats.registry import UnknownFormat, formats
from annotations.formats.utf16 import CODE_POINTS, UTF16
from corpusapp.core.errors import Invalid

# Written to temporary files before the first byte, so that a request would wait too long.
_HEAVY = {"parquet"}
# Formats whose offsets can be in either unit, because corpusapp defines them.
EITHER_OFFSETS = ("jsonl", "jsonl-tokens")
NO_OFFSETS = "none"


@dataclass(frozen=True)
class Choice:
    """`offsets` is the unit of the format: code points, utf16, or none for a format of tokens without offsets."""

    holds: str
    lacks: str = ""
    offsets: str = CODE_POINTS


ABOUT = {
    "jsonl": Choice("One article per line, as in spaCy and Prodigy, with states, scores and zones."),
    "jsonl-tokens": Choice("JSON Lines with spaCy's tokens; spans on token boundaries have token indices."),
    "docbin": Choice(
        "For spacy train. What a Doc cannot hold is in its user data, which only corpusapp reads.",
        "spans that cut a token; of overlapping spans the shorter is only in doc.spans.",
        NO_OFFSETS,
    ),
    "conll": Choice(
        "One word and its IOB2 tag per line, for sequence labellers.",
        "articles that are not done, spans that overlap or cut a word, entities, states, scores, zones and metadata.",
        NO_OFFSETS,
    ),
    "doccano": Choice("One text and its labels per line. What doccano cannot hold is in extra fields."),
    "label-studio": Choice("Tasks with annotations and predictions. All else is in each task's data."),
    "brat": Choice(
        "A ZIP of .txt and .ann files, with a .json file each for what brat cannot hold.",
        "labels with white space, spans that are only line breaks.",
    ),
    "web-annotation": Choice("W3C Web Annotations in JSON-LD, by position and by quote."),
    "cas-xmi": Choice("A ZIP of UIMA CAS files with their type system, for INCEpTION.", offsets=UTF16),
    "parquet": Choice("A ZIP with Parquet files, a data set card and Croissant metadata, for Hugging Face."),
    "tei": Choice("One TEI P5 corpus with stand-off spans.", "zones, metadata, characters that XML does not allow."),
}
# Extensions that several formats share.
_COMMON = {"zip", "json", "xml", "jsonl"}


def known_format(name: str, *, field: str = "format") -> Format:
    """The format of this name. Raises `Invalid` if it is unknown or can only be read."""
    try:
        found = formats.get(name)
    except UnknownFormat as unknown:
        raise Invalid(str(unknown), field=field) from unknown
    if not found.writes:
        raise Invalid(f"{found.title} can only be read", field=field)
    return found


def is_streamed(form: Format) -> bool:
    """Whether a request can stream it: it needs no tokens, and its first byte comes at once."""
    return not form.needs_tokens and form.name not in _HEAVY


def streamed() -> list[Format]:
    return [form for form in formats.written() if is_streamed(form)]


def file_name(form: Format, slug: str) -> str:
    """The name of a file of the corpus."""
    is_clear = form.extension not in _COMMON or form.name == form.extension
    kind = "" if is_clear else f".{form.name.removeprefix('jsonl-')}"
    return f"{slug}{kind}.{form.extension}"


def offsets_of(form: Format, requested: str) -> str:
    """The unit of offsets in a file of the format."""
    return requested if form.name in EITHER_OFFSETS else ABOUT[form.name].offsets


def check_offsets(form: Format, requested: str) -> None:
    """Raise `Invalid` for a unit that the format does not have."""
    if requested != CODE_POINTS and form.name not in EITHER_OFFSETS and requested != ABOUT[form.name].offsets:
        both = " and ".join(EITHER_OFFSETS)
        raise Invalid(
            f"{form.title} has its own offsets ({ABOUT[form.name].offsets}): offsets can only be chosen for {both}",
            field="offsets",
        )
