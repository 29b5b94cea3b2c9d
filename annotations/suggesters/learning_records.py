"""What decided spans teach about the names in an article."""

from collections.abc import Iterable, Iterator, Sequence

from annotations.suggesters.name_statistics import NO_NAME, Context, LearningRecord, lesson
from annotations.suggesters.words import Words, surface_of

Triple = tuple[int, int, str]
Range = tuple[int, int]


def taught(text: str, spans: Sequence[Triple], refused: Iterable[Range]) -> LearningRecord:
    """The lesson of an article's true `spans`, and of the ranges that were looked at and hold none of them.

    A refused range inside a true span teaches nothing: it is part of a name.
    """
    return lesson(_decided(Words(text), spans, refused))


def _decided(words: Words, spans: Sequence[Triple], refused: Iterable[Range]) -> Iterator[tuple[str, Context, str]]:
    true = bytearray(len(words.text))
    for start, end, label in spans:
        true[start:end] = b"\x01" * (end - start)
        yield surface_of(words.text[start:end]), _before(words, start), label
    for start, end in refused:
        if true.find(1, start, end) < 0:
            yield surface_of(words.text[start:end]), _before(words, start), NO_NAME


def _before(words: Words, start: int) -> str:
    return words.form(words.index(start) - 1).lower()
