"""Reviewed articles as what a spaCy entity recogniser is trained on. Imports spaCy."""

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
# Where the recogniser finds the spans that are known to be wrong.
REJECTED = "rejected"
# An article is cut after the line that reaches this length: many small examples are mixed better than few large ones.
_CODE_POINTS = 600


@dataclass(frozen=True)
class TrainingArticle:
    """A text, its true `spans` and those that editors `rejected`, all `(start, end, label)`.

    Of a `complete` article everything was looked at: what is in no span is no name. Of another one only the decided
    spans count, and nothing is said of the rest. Furniture and bylines count in neither.
    """

    source: SourceText
    spans: tuple[Triple, ...]
    complete: bool = True
    rejected: tuple[Triple, ...] = ()


@dataclass(frozen=True)
class Examples:
    """`misaligned` counts the spans that begin or end within a token: of these nothing is learned."""

    examples: list[Example]
    misaligned: int


def make_examples(
    nlp: Language, articles: Sequence[TrainingArticle], own: Iterable[Sequence[Proposal]], labels: Iterable[str]
) -> Examples:
    """One example for each few lines of an article, in order.

    `own` are the pipeline's own proposals for each article: those of labels that the corpus does not have, not in
    `labels`, are kept as true, so that they are not forgotten.
    """
    wanted, made, misaligned = frozenset(labels), [], 0
    for article, proposals in zip(articles, own, strict=True):
        kept = [(p.start, p.end, p.label) for p in proposals if p.label not in wanted]
        for offset, piece in _lines(article.source):
            reference = _Reference(tokenized(nlp.tokenizer, piece), offset)
            misaligned += reference.fill(article, kept)
            made.append(Example(tokenized(nlp.tokenizer, piece), reference.doc))
    return Examples(made, misaligned)


def _lines(source: SourceText) -> Iterator[tuple[int, str]]:
    """(offset, text) of a few lines each."""
    for offset, piece in pieces(source):
        start = 0
        while start < len(piece):
            end = piece.find("\n", start + _CODE_POINTS) + 1 or len(piece)
            yield offset + start, piece[start:end]
            start = end


class _Reference:
    """A document with what is true in it."""

    def __init__(self, doc: Doc, offset: int) -> None:
        self.doc = doc
        self._offset = offset
        self._length = len(doc.text)

    def fill(self, article: TrainingArticle, kept: Sequence[Triple]) -> int:
        """Set the entities; returns how many spans do not fit the tokens."""
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
