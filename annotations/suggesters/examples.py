"""Training examples for a spaCy entity recognizer, from reviewed articles. Imports spaCy."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from spacy.language import Language
from spacy.tokens import Doc, Span
from spacy.training import Example
from spacy.util import filter_spans

from annotations.suggesters.protocol import Proposal, SourceText, pieces
from corpusapp.text.long_runs import tokenized
from corpusapp.text.zones import BYLINE

Triple = tuple[int, int, str]
# The key of known wrong spans for the recognizer.
REJECTED = "rejected"
# The length after which an article is split at a line break: small examples shuffle better than large ones.
_CODE_POINTS = 600


@dataclass(frozen=True)
class TrainingArticle:
    """A text, its true `spans` and those that editors `rejected`, all as `(start, end, label)`.

    In a `complete` article, text outside of spans has no names. In another one, only the decided spans are used.
    Boilerplate and bylines are never used.
    """

    source: SourceText
    spans: tuple[Triple, ...]
    complete: bool = True
    rejected: tuple[Triple, ...] = ()


@dataclass(frozen=True)
class Examples:
    """`misaligned` counts spans that begin or end within a token, which are not used."""

    examples: list[Example]
    misaligned: int


def make_examples(
    nlp: Language, articles: Sequence[TrainingArticle], own: Iterable[Sequence[Proposal]], labels: Iterable[str]
) -> Examples:
    """Examples of a few lines each, in order.

    `own` are the pipeline's proposals for each article. Those with a label that is not in `labels` are kept as true, so
    that the pipeline does not forget them.
    """
    wanted, misaligned = frozenset(labels), 0
    made: list[Example] = []
    for article, proposals in zip(articles, own, strict=True):
        kept = [(p.start, p.end, p.label) for p in proposals if p.label not in wanted]
        for offset, piece in _lines(article.source):
            reference = _Reference(tokenized(nlp.tokenizer, piece), offset)
            misaligned += reference.fill(article, kept)
            made.append(Example(tokenized(nlp.tokenizer, piece), reference.doc))
    return Examples(made, misaligned)


def _lines(source: SourceText) -> Iterator[tuple[int, str]]:
    """(offset, text) of parts of a few lines each."""
    for offset, piece in pieces(source):
        start = 0
        while start < len(piece):
            end = piece.find("\n", start + _CODE_POINTS) + 1 or len(piece)
            yield offset + start, piece[start:end]
            start = end


class _Reference:
    """A document with its true entities."""

    def __init__(self, doc: Doc, offset: int) -> None:
        self.doc = doc
        self._offset = offset
        self._length = len(doc.text)

    def fill(self, article: TrainingArticle, kept: Sequence[Triple]) -> int:
        """Set the entities. Returns the number of spans that do not fit the tokens."""
        spans = [span for span in article.spans if self._holds(span)]
        exact = [self._span(span) for span in spans]
        true = filter_spans([span for span in exact if span is not None])
        taken = _tokens(true)
        unclear = [self._around(span[:2]) for span, found in zip(spans, exact, strict=True) if found is None]
        unclear += [self._around((zone.start, zone.end)) for zone in article.source.zones if zone.kind == BYLINE]
        missing = {token for span in unclear if span is not None for token in _tokens([span])} - taken
        taken |= missing
        for span in filter_spans([found for triple in kept if self._holds(triple) and (found := self._span(triple))]):
            if not taken & _tokens([span]):
                true.append(span)
                taken |= _tokens([span])
        single = [self.doc[token : token + 1] for token in sorted(missing)]
        self.doc.set_ents(true, missing=single, default="outside" if article.complete else "missing")
        if not article.complete:
            self._reject(article, {(span.start, span.end, span.label_) for span in true})
        return sum(found is None for found in exact)

    def _reject(self, article: TrainingArticle, true: set[Triple]) -> None:
        wrong = [self._span(span) for span in article.rejected if self._holds(span)]
        self.doc.spans[REJECTED] = [
            span for span in wrong if span is not None and (span.start, span.end, span.label_) not in true
        ]

    def _holds(self, span: Triple) -> bool:
        return self._offset <= span[0] and span[1] <= self._offset + self._length

    def _span(self, span: Triple) -> Span | None:
        return self.doc.char_span(span[0] - self._offset, span[1] - self._offset, label=span[2])

    def _around(self, where: tuple[int, int]) -> Span | None:
        start, end = max(where[0] - self._offset, 0), min(where[1] - self._offset, self._length)
        return self.doc.char_span(start, end, alignment_mode="expand") if start < end else None


def _tokens(spans: Iterable[Span]) -> set[int]:
    return {token for span in spans for token in range(span.start, span.end)}
