"""The entity recognizer of an installed spaCy pipeline, or of one in a folder.

Only the recognizer runs: the tagger and the parser take 60 % more time and change no entity. Only the worker imports
this module, as all that imports spaCy.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.tokens import Doc

from annotations.suggesters.protocol import Proposal, SourceText, pieces
from corpusapp.text.long_runs import split_runs, tokenized

# Code points per batch: a recognizer needs two to three kilobytes of memory for each, and is no faster with more.
_BATCH_LENGTH = 12_000
# Components that a recognizer may depend on; all others are left out.
_RECOGNIZERS = ("ner", "entity_ruler", "span_ruler")
_FOUNDATIONS = ("tok2vec", "transformer", "curated_transformer")


class PipelineMissing(RuntimeError):
    """The pipeline is not installed, or has no recognizer. The message says what to do."""


class SpacyNer:
    """A suggester with a spaCy pipeline, which the constructor loads (about a second)."""

    def __init__(self, pipeline: str, batch_size: int = 64) -> None:
        self._nlp = _load(pipeline)
        self._batch_size = batch_size
        self.name = f"spacy {_pipeline_name(pipeline, self._nlp)}"
        self.version = str(self._nlp.meta.get("version", "0"))
        self.language = self._nlp.lang
        self.digest = _digest(self.name, self._nlp)
        # Not before: the configuration names them.
        for unused in self._nlp.disabled:
            self._nlp.remove_pipe(unused)

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order, without scores, which the recognizer does not have."""
        counts: list[int] = []
        number = 0
        found: list[Proposal] = []
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
        return piece if split_runs(piece) == piece else tokenized(self._nlp.tokenizer, piece)


# The number of a text, the offset of the piece in it, and the piece.
_Context = tuple[int, int, str]
_Piece = tuple[str, _Context]


def _batches(pieces: Iterable[_Piece], size: int) -> Iterator[list[_Piece]]:
    """Batches of at most `size` pieces and a bounded length."""
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
    """Every piece with its context. `counts` grows by one for each text begun."""
    for number, source in enumerate(texts):
        counts.append(number)
        for offset, piece in pieces(source):
            yield piece, (number, offset, piece)


def _entities(doc: Doc, piece: str, offset: int) -> Iterator[Proposal]:
    """The entities without white space at their edges.

    Uses the piece, because `doc.text` is built at each access.
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
    recognizers = [name for name in nlp.pipe_names if nlp.get_pipe_meta(name).factory in _RECOGNIZERS]
    if not recognizers:
        raise PipelineMissing(f"the spaCy pipeline {pipeline!r} has no entity recognizer: choose another")
    wanted = set(recognizers) | {name for name in nlp.pipe_names if _is_needed(nlp, name, recognizers)}
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in wanted])
    return nlp


def _is_needed(nlp: Language, name: str, recognizers: list[str]) -> bool:
    """Whether a recognizer depends on this component."""
    if nlp.get_pipe_meta(name).factory not in _FOUNDATIONS:
        return False
    listening = getattr(nlp.get_pipe(name), "listening_components", recognizers)
    return any(recognizer in listening for recognizer in recognizers)


def _pipeline_name(pipeline: str, nlp: Language) -> str:
    """The name of an installed pipeline; for a folder, the name in its metadata."""
    return f"{nlp.lang}_{nlp.meta.get('name', '')}" if Path(pipeline).is_dir() else pipeline


def _digest(name: str, nlp: Language) -> str:
    """SHA-256 of the pipeline's name, version, configuration and weights, and of the version of spaCy."""
    state = hashlib.sha256()
    state.update(json.dumps([name, spacy.__version__, nlp.meta.get("version"), nlp.pipe_names]).encode())
    state.update(nlp.config.to_str().encode())
    _add_weights(state, nlp)
    return state.hexdigest()


def weights_digest(nlp: Language) -> str:
    """SHA-256 of the components and their weights, which names the folder of a pipeline."""
    state = hashlib.sha256(json.dumps(nlp.pipe_names).encode())
    _add_weights(state, nlp)
    return state.hexdigest()


def _add_weights(state: "hashlib._Hash", nlp: Language) -> None:
    for name in nlp.pipe_names:
        # spaCy types components as functions.
        component: Any = nlp.get_pipe(name)
        state.update(component.to_bytes(exclude=["vocab"]))
