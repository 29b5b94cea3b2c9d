"""Fine-tunes the entity recognizer of a spaCy pipeline on reviewed articles. Imports spaCy.

Reproducible on one machine: the same articles, labels and seed give the same weights.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Optimizer

from annotations.suggesters.examples import REJECTED, TrainingArticle, make_examples
from annotations.suggesters.spacy_ner import PipelineMissing, SpacyNer, weights_digest
from corpusapp.text.long_runs import tokenized

# Chosen on reviewed news: trained on half of the articles, compared on the other half.
LEARN_RATE = 0.001
DROPOUT = 0.2
WORDS_A_BATCH = 250
MOST_EPOCHS = 5
# Words in all epochs together, which limits the time: with many articles, fewer epochs are enough.
MOST_WORDS = 320_000
FEWEST_EPOCHS = 2
# Early stopping: one of this many articles is used for validation, unless there are too few. Training ends when the
# F1 on them falls this far below the best.
STOP_EVERY = 10
FEWEST_TO_STOP = 100
LOSS_TO_STOP = 0.02


class TrainingImpossible(RuntimeError):
    """The pipeline or the articles cannot be used for training. The message says why and what to do."""


@dataclass(frozen=True)
class Trained:
    """A trained pipeline. `words` were read in each of `epochs`; `misaligned` spans were not used."""

    nlp: Language
    base: str
    digest: str
    epochs: int
    words: int
    misaligned: int

    def write(self, folder: Path) -> None:
        """Write the pipeline to a folder, for `spacy.load`."""
        self.nlp.to_disk(folder)


def train(
    base: str,
    articles: Sequence[TrainingArticle],
    labels: Iterable[str],
    *,
    seed: int = 0,
    most_epochs: int = MOST_EPOCHS,
    heartbeat: Callable[[], None] = lambda: None,
) -> Trained:
    """Train the pipeline `base`, a name or a folder, on `articles`. `heartbeat` is called at every step.

    `labels` are those of the corpus; the base's entities of other labels are kept. Raises `PipelineMissing` and
    `TrainingImpossible`.
    """
    labels = sorted(set(labels))
    if not any(article.spans or article.rejected for article in articles):
        raise TrainingImpossible("there are no decided spans to learn from: review some articles first")
    fix_random_seed(seed)
    own = list(SpacyNer(base).propose(article.source for article in articles))
    nlp = _open(base, {span[2] for article in articles for span in article.spans})
    held_out = {n for n in range(len(articles)) if n % STOP_EVERY == 4} if len(articles) >= FEWEST_TO_STOP else set()
    training = [n for n in range(len(articles)) if n not in held_out]
    made = make_examples(nlp, [articles[n] for n in training], [own[n] for n in training], labels)
    validation = make_examples(nlp, [articles[n] for n in held_out], [own[n] for n in held_out], labels).examples
    words = sum(len(example.reference) for example in made.examples)
    with nlp.select_pipes(enable="ner"):
        epochs = _TrainingLoop(nlp, made.examples, validation, seed, heartbeat).run(
            min(most_epochs, max(FEWEST_EPOCHS, MOST_WORDS // words))
        )
    _recognizer(nlp).moves.cfg["neg_key"] = None
    digest = weights_digest(nlp)
    nlp.meta["version"] = f"{str(nlp.meta.get('version', '0')).split('+')[0]}+d{digest[:12]}"
    return Trained(nlp, base, digest, epochs, words, made.misaligned)


def _open(base: str, labels: set[str]) -> Language:
    """The pipeline with a recognizer that can be trained without changes of other components."""
    try:
        nlp = spacy.load(base)
    except OSError as error:
        raise PipelineMissing(f"the spaCy pipeline {base!r} is not installed: {error}") from error
    if "ner" not in nlp.pipe_names or nlp.get_pipe_meta("ner").factory != "ner":
        raise TrainingImpossible(f"the pipeline {base!r} has no component ner that can be trained: choose another")
    for name in nlp.pipe_names:
        if "ner" in getattr(nlp.get_pipe(name), "listening_components", ()):
            if nlp.get_pipe_meta(name).factory != "tok2vec":
                raise TrainingImpossible(
                    f"{base!r} is built on a {nlp.get_pipe_meta(name).factory}: choose a smaller one"
                )
            # The recognizer gets a copy, so that the tagger and the parser do not change.
            nlp.replace_listeners(name, "ner", ["model.tok2vec"])
    recognizer = _recognizer(nlp)
    for label in sorted(labels - set(recognizer.labels)):
        recognizer.add_label(label)
    recognizer.moves.cfg["neg_key"] = REJECTED
    return nlp


def _recognizer(nlp: Language) -> Any:
    """The entity recognizer. spaCy types components as functions."""
    return nlp.get_pipe("ner")


class _TrainingLoop:
    """Epochs in random order from the seed, with early stopping."""

    def __init__(
        self,
        nlp: Language,
        training: list[Example],
        validation: list[Example],
        seed: int,
        heartbeat: Callable[[], None],
    ) -> None:
        self._nlp, self._training, self._validation, self._heartbeat = nlp, list(training), validation, heartbeat
        self._random = random.Random(seed)
        self._optimizer: Optimizer = nlp.resume_training()
        self._optimizer.learn_rate = LEARN_RATE

    def run(self, most_epochs: int) -> int:
        """Train, and return the number of epochs of the best weights."""
        best, taken, state = 0.0, 0, b""
        for epoch in range(1, most_epochs + 1):
            self._random.shuffle(self._training)
            for batch in _batches(self._training):
                self._nlp.update(batch, sgd=self._optimizer, drop=DROPOUT)
                self._heartbeat()
            if not self._validation and epoch < most_epochs:
                continue
            with self._nlp.use_params(self._optimizer.averages):
                score = _f1(self._nlp, self._validation)
                if score < best - LOSS_TO_STOP:
                    break
                best, taken, state = max(best, score), epoch, _recognizer(self._nlp).model.to_bytes()
        _recognizer(self._nlp).model.from_bytes(state)
        return taken


def _batches(examples: Sequence[Example]) -> Iterator[list[Example]]:
    batch: list[Example] = []
    words = 0
    for example in examples:
        batch.append(example)
        words += len(example.reference)
        if words >= WORDS_A_BATCH:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch


def _f1(nlp: Language, validation: Sequence[Example]) -> float:
    """F1 of exact spans with labels on the validation examples, where they are annotated."""
    right = proposed = true = 0
    for example in validation:
        doc = nlp(tokenized(nlp.tokenizer, example.reference.text))
        suggested = {
            (entity.start, entity.end, entity.label_)
            for entity in doc.ents
            if all(token.ent_iob for token in example.reference[entity.start : entity.end])
        }
        truth = {(entity.start, entity.end, entity.label_) for entity in example.reference.ents}
        right, proposed, true = right + len(suggested & truth), proposed + len(suggested), true + len(truth)
    return 2 * right / (proposed + true) if proposed + true else 0.0
