"""The entity recogniser of an installed spaCy pipeline, or of one in a folder.

Only the recogniser runs: the tagger and the parser cost 60 % more time and change no entity. Like all that imports
spaCy it is reached from the worker's side alone.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotations.suggesters.protocol import Proposal, SourceText, pieces
from corpusapp.text.long_runs import parted, tokenized

# Code points that are read at a time: a recogniser takes two kilobytes of memory for each.
_BATCH_LENGTH = 100_000
# What an entity recogniser may build upon; every other component is left out.
_RECOGNISERS = ("ner", "entity_ruler", "span_ruler")
_FOUNDATIONS = ("tok2vec", "transformer", "curated_transformer")


class PipelineMissing(RuntimeError):
    """The named pipeline is not installed, or proposes no entities; the message says what to do."""


class SpacyNer:
    """A suggester over one spaCy pipeline, loaded when it is made (about a second)."""

    def __init__(self, pipeline: str, batch_size: int = 64) -> None:
        self._nlp = _load(pipeline)
        self._batch_size = batch_size
        self.name = f"spacy {_called(pipeline, self._nlp)}"
        self.version = str(self._nlp.meta.get("version", "0"))
        self.language = self._nlp.lang
        self.digest = _digest(self.name, self._nlp)

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order; scores are None, as the recogniser gives none."""
        counts: list[int] = []
        number, found = 0, []
        for doc, (text_number, offset, piece) in self._read(_numbered(texts, counts)):
            while number < text_number:
                yield found
                number, found = number + 1, []
            found.extend(_entities(doc, piece, offset))
        while number < len(counts):
            yield found
            number, found = number + 1, []

    def _read(self, numbered: "Iterable[_Piece]") -> "Iterator[tuple[Doc, _Context]]":
        for batch in _batches(numbered, self._batch_size):
            docs = ((self._readable(piece), context) for piece, context in batch)
            yield from self._nlp.pipe(docs, as_tuples=True, batch_size=self._batch_size)

    def _readable(self, piece: str) -> str | Doc:
        return piece if parted(piece) == piece else tokenized(self._nlp.tokenizer, piece)


# A text's number, the piece's offset there, and the piece itself.
_Context = tuple[int, int, str]
_Piece = tuple[str, _Context]


def _batches(pieces: Iterable[_Piece], size: int) -> Iterator[list[_Piece]]:
    """At most `size` pieces together, and no more text than memory holds well."""
    batch: list[_Piece] = []
    length = 0
    for piece in pieces:
        if batch and (len(batch) == size or length + len(piece[0]) > _BATCH_LENGTH):
            yield batch
            batch, length = [], 0
        batch.append(piece)
        length += len(piece[0])
    if batch:
        yield batch


def _numbered(texts: Iterable[SourceText], counts: list[int]) -> Iterator[_Piece]:
    """Every piece with its text's number, its offset there, and itself. `counts` grows by one for each text begun."""
    for number, source in enumerate(texts):
        counts.append(number)
        for offset, piece in pieces(source):
            yield piece, (number, offset, piece)


def _entities(doc: Doc, piece: str, offset: int) -> Iterator[Proposal]:
    """The entities without the white space at their edges, where anything is left of them.

    The piece comes along because `doc.text` is put together anew at each look.
    """
    for entity in doc.ents:
        start, end = entity.start_char, entity.end_char
        surface = piece[start:end]
        if bare := surface.strip():
            start += surface.index(bare)
            yield Proposal(offset + start, offset + start + len(bare), entity.label_)


def _load(pipeline: str) -> Language:
    try:
        nlp = spacy.load(pipeline)
    except OSError as error:
        raise PipelineMissing(
            f"the spaCy pipeline {pipeline!r} is not installed: install it (.venv/bin/pip install {pipeline}), or set "
            f"SPACY_PIPELINE to another, and restart the worker"
        ) from error
    recognisers = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in _RECOGNISERS]
    if not recognisers:
        raise PipelineMissing(f"the spaCy pipeline {pipeline!r} has no entity recognizer: choose another")
    wanted = set(recognisers) | {name for name in nlp.pipe_names if _carries(nlp, name, recognisers)}
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in wanted])
    return nlp


def _carries(nlp: Language, name: str, recognisers: list[str]) -> bool:
    """Whether this component computes what one of the recognisers listens to."""
    if nlp.get_pipe_meta(name).factory not in _FOUNDATIONS:
        return False
    listening = getattr(nlp.get_pipe(name), "listening_components", recognisers)
    return any(recogniser in listening for recogniser in recognisers)


def _called(pipeline: str, nlp: Language) -> str:
    """The name of an installed pipeline; of one in a folder what it calls itself, wherever it lies."""
    return f"{nlp.lang}_{nlp.meta.get('name', '')}" if Path(pipeline).is_dir() else pipeline


def _digest(name: str, nlp: Language) -> str:
    """SHA-256 over the pipeline's name, version, configuration and weights, and the version of spaCy."""
    state = hashlib.sha256()
    state.update(json.dumps([name, spacy.__version__, nlp.meta.get("version"), nlp.pipe_names]).encode())
    state.update(nlp.config.to_str().encode())
    _add_weights(state, nlp)
    return state.hexdigest()


def weights_digest(nlp: Language) -> str:
    """SHA-256 over the components and their weights, by which a pipeline's folder is named."""
    state = hashlib.sha256(json.dumps(nlp.pipe_names).encode())
    _add_weights(state, nlp)
    return state.hexdigest()


def _add_weights(state: "hashlib._Hash", nlp: Language) -> None:
    for component in nlp.pipe_names:
        state.update(nlp.get_pipe(component).to_bytes(exclude=["vocab"]))
