"""The entity recognizer of an installed spaCy pipeline, or of one in a folder.

Only the recognizer runs, and the component that makes vectors of words if the weights of the evidence know them: the
tagger and the parser change no entity. Only the worker imports this module, as all that imports spaCy.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import spacy
from spacy.language import Language
from spacy.pipeline.tok2vec import Tok2Vec
from spacy.tokens import Doc

from annotations.suggesters.evidence import model_of_vectors
from annotations.suggesters.protocol import Doubts, Proposal, Shares, SourceText, TokenVectors, pieces
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
        self.labels = frozenset(_labels(self._nlp))
        # Not before: the configuration names them.
        for unused in self._nlp.disabled:
            self._nlp.remove_pipe(unused)
        factories = [self._nlp.get_pipe_meta(name).factory for name in self._nlp.pipe_names]
        self._knows_certainty = factories in (["ner"], ["tok2vec", "ner"])
        self._has_vectors = self._knows_certainty and any(map(_makes_known_vectors, self._nlp.pipeline))

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order."""
        return (proposals for proposals, _ in self.propose_with_doubts(texts))

    def propose_with_doubts(self, texts: Iterable[SourceText]) -> Iterator[tuple[list[Proposal], Doubts | None]]:
        """The proposals for each text, and other words that could begin a name, in order.

        Both have scores and shares, and there are doubts, if the only recognizer is spaCy's `ner`.
        """
        counts: list[int] = []
        number = 0
        found = _Found()
        for doc, certainty, (text_number, offset, piece) in self._read(_numbered(texts, counts)):
            while number < text_number:
                yield found.in_text(self._knows_certainty)
                number, found = number + 1, _Found()
            found.proposals.extend(_entities(doc, certainty, piece, offset))
            if certainty:
                found.beginnings.extend(certainty.doubts(offset))
            if self._has_vectors:
                found.add_vectors(doc, offset)
        while number < len(counts):
            yield found.in_text(self._knows_certainty)
            number, found = number + 1, _Found()

    def _read(self, numbered: "Iterable[_Piece]") -> "Iterator[tuple[Doc, Certainty | None, _Context]]":
        for batch in _batches(numbered, self._batch_size):
            docs = [self._readable(piece) for piece, _ in batch]
            for (_, context), (doc, certainty) in zip(batch, self._recognized(docs), strict=True):
                yield doc, certainty, context

    def _recognized(self, docs: "Sequence[Doc]") -> "Iterator[tuple[Doc, Certainty | None]]":
        """The texts with their entities."""
        # spaCy types components as functions.
        components: list[Any] = [component for _, component in self._nlp.pipeline]
        if not self._knows_certainty:
            yield from ((doc, None) for doc in self._nlp.pipe(docs, batch_size=self._batch_size))
            return
        for component in components[:-1]:
            component.set_annotations(docs, component.predict(docs))
        yield from zip(docs, recognize(components[-1], docs), strict=True)

    def _readable(self, piece: str) -> Doc:
        return self._nlp.make_doc(piece) if split_runs(piece) == piece else tokenized(self._nlp.tokenizer, piece)


# The number of a text, the offset of the piece in it, and the piece.
_Context = tuple[int, int, str]
_Piece = tuple[str, _Context]


@dataclass
class _Found:
    """What was found in the pieces of one text."""

    proposals: list[Proposal] = field(default_factory=list)
    beginnings: list[Proposal] = field(default_factory=list)
    _starts: list[int] = field(default_factory=list)
    _rows: list[np.ndarray] = field(default_factory=list)

    def add_vectors(self, doc: Doc, offset: int) -> None:
        self._starts.extend(offset + token.idx for token in doc)
        # Half the memory, and precise enough.
        self._rows.append(doc.tensor.astype(np.float16))

    def in_text(self, knows_certainty: bool) -> tuple[list[Proposal], Doubts | None]:
        vectors = TokenVectors(self._starts, np.concatenate(self._rows)) if self._rows else None
        return self.proposals, Doubts(self.beginnings, vectors) if knows_certainty else None


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


# Less likely labels are left out.
_LEAST_SHARE = 0.02


class Certainty:
    """The probabilities of a recognizer's actions, one row for each token: that a name with a label begins here, and,
    within a name, that it goes on or ends as it does.

    They are those of the actions in the state that the actions before have led to.
    """

    def __init__(self, doc: Doc, labels: Sequence[str], begins: np.ndarray, chosen: np.ndarray) -> None:
        self._doc, self._labels, self._begins, self._chosen = doc, labels, begins, chosen

    def score(self, start: int, end: int) -> float:
        """The probability of exactly this entity, from token `start` up to `end`."""
        return round(float(self._chosen[start:end].prod()), 4)

    def shares(self, token: int) -> Shares:
        """The probabilities of the labels of a name that begins at this token."""
        row = self._begins[token]
        return {label: round(float(row[n]), 4) for n, label in enumerate(self._labels) if row[n] >= _LEAST_SHARE}

    def doubts(self, offset: int) -> Iterator[Proposal]:
        """The words outside of entities that could begin one, with its likeliest label; `offset` is that of the doc."""
        likely = self._begins.max(axis=1) >= _LEAST_SHARE
        for token in np.flatnonzero(likely):
            word = self._doc[int(token)]
            if not word.ent_type and not word.is_space:
                shares = self.shares(word.i)
                label = max(shares, key=shares.__getitem__)
                start = offset + word.idx
                yield Proposal(start, start + len(word), label, shares[label], shares=shares)


def recognize(recognizer: Any, docs: Sequence[Doc]) -> list[Certainty]:
    """Set the entities of the docs with spaCy's `ner`, as its own `__call__` does, and return how certain they are."""
    step = recognizer.model.predict(docs)
    states = recognizer.moves.init_batch(docs)
    scores: list[list[np.ndarray]] = [[] for _ in docs]
    going = [number for number, state in enumerate(states) if not state.is_final()]
    while going:
        active = [states[number] for number in going]
        # A copy: transition_states changes the array.
        found = step.predict(active)
        for number, row in zip(going, found.copy(), strict=True):
            scores[number].append(row)
        recognizer.transition_states(active, found)
        going = [number for number in going if not states[number].is_final()]
    recognizer.set_annotations(docs, states)
    actions = [recognizer.moves.get_class_name(number) for number in range(recognizer.moves.n_moves)]
    return [_certainty(doc, actions, rows) for doc, rows in zip(docs, scores, strict=True)]


def _certainty(doc: Doc, actions: Sequence[str], rows: Sequence[np.ndarray]) -> Certainty:
    number = {action: column for column, action in enumerate(actions)}
    labels = sorted({action[2:] for action in actions if action[:2] == "B-"})
    outside = [number[f"{kind}-{label}"] for kind in "BU" for label in labels] + [number["O"]]
    scores = np.array(rows).reshape(len(doc), len(actions))
    powers = np.exp(scores[:, outside] - scores[:, outside].max(axis=1, keepdims=True))
    powers /= powers.sum(axis=1, keepdims=True)
    begins = powers[:, : len(labels)] + powers[:, len(labels) : -1]
    chosen = powers[:, -1].copy()
    for entity in doc.ents:
        column = labels.index(entity.label_) if entity.label_ in labels else -1
        single = len(entity) == 1
        chosen[entity.start] = powers[entity.start, column + len(labels) * single] if column >= 0 else 1
        for token in range(entity.start + 1, entity.end):
            begins[token] = 0
            inside, last = scores[token, number[f"I-{entity.label_}"]], scores[token, number[f"L-{entity.label_}"]]
            goes_on = 1 / (1 + np.exp(np.clip(last - inside, -50, 50)))
            chosen[token] = 1 - goes_on if token == entity.end - 1 else goes_on
    return Certainty(doc, labels, begins, chosen)


def _entities(doc: Doc, certainty: Certainty | None, piece: str, offset: int) -> Iterator[Proposal]:
    """The entities without white space at their edges.

    Uses the piece, because `doc.text` is built at each access.
    """
    for entity in doc.ents:
        start, end = entity.start_char, entity.end_char
        surface = piece[start:end]
        if bare := surface.strip():
            start += surface.index(bare)
            score = certainty.score(entity.start, entity.end) if certainty else None
            shares = certainty.shares(entity.start) if certainty else None
            yield Proposal(offset + start, offset + start + len(bare), entity.label_, score, shares=shares)


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
    wanted |= {name for name, component in nlp.pipeline if _makes_known_vectors((name, component))}
    nlp.select_pipes(enable=[name for name in nlp.pipe_names if name in wanted])
    return nlp


def _makes_known_vectors(named: tuple[str, Any]) -> bool:
    """Whether the weights of the evidence know the vectors that a component makes."""
    _, component = named
    return isinstance(component, Tok2Vec) and digest_of_vectors(component) == model_of_vectors()


def digest_of_vectors(component: Tok2Vec) -> str:
    """SHA-256 of a component that makes vectors."""
    return hashlib.sha256(component.to_bytes(exclude=["vocab"])).hexdigest()


def _labels(nlp: Language) -> Iterator[str]:
    """The labels of the recognizers."""
    for name in nlp.pipe_names:
        if nlp.get_pipe_meta(name).factory in _RECOGNIZERS:
            yield from getattr(nlp.get_pipe(name), "labels", ())


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
