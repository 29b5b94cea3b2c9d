"""Fine-tune the entity recogniser of a spaCy pipeline on reviewed articles. Imports spaCy.

The same articles, labels and seed lead to the same weights on one machine: articles keep their order, every choice
comes from the seed, and nothing runs in threads.
"""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import spacy
from spacy.language import Language
from spacy.training import Example
from spacy.util import fix_random_seed
from thinc.api import Optimizer

from annotations.suggesters.examples import REJECTED, TrainingArticle, make_examples
from annotations.suggesters.spacy_ner import PipelineMissing, SpacyNer, weights_digest
from corpusapp.text.long_runs import tokenized

# Fitted on reviewed news: half of the articles for training, the other half for choosing.
LEARN_RATE = 0.001
DROPOUT = 0.2
WORDS_A_BATCH = 250
MOST_EPOCHS = 5
# Words read in all epochs together: of many articles fewer epochs are enough, and time has a bound.
MOST_WORDS = 320_000
FEWEST_EPOCHS = 2
# One article in so many is set apart to see when more epochs do harm; of few articles none can be spared, and few
# epochs do none. Training ends where their F1 has fallen this far below the best: averaged weights waver less.
STOP_EVERY = 10
FEWEST_TO_STOP = 100
LOSS_TO_STOP = 0.02


class TrainingImpossible(RuntimeError):
    """This pipeline or these articles cannot be trained with; the message says why and what to do."""


@dataclass(frozen=True)
class Trained:
    """`words` were read in each of `epochs`; of `misaligned` spans nothing was learned, as they cut a token."""

    nlp: Language
    base: str
    digest: str
    epochs: int
    words: int
    misaligned: int

    def write(self, folder: Path) -> None:
        """Write the pipeline as a folder that `spacy.load` opens."""
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
    """The pipeline `base`, a name or a folder, after training on `articles`; `heartbeat` is called at every step.

    `labels` are those of the corpus: what the base says of others is kept. Raises `PipelineMissing` and
    `TrainingImpossible`.
    """
    labels = sorted(set(labels))
    if not any(article.spans or article.rejected for article in articles):
        raise TrainingImpossible("there are no decided spans to learn from: review some articles first")
    fix_random_seed(seed)
    own = list(SpacyNer(base).propose(article.source for article in articles))
    nlp = _open(base, {span[2] for article in articles for span in article.spans})
    watched = {n for n in range(len(articles)) if n % STOP_EVERY == 4} if len(articles) >= FEWEST_TO_STOP else set()
    taught = [n for n in range(len(articles)) if n not in watched]
    made = make_examples(nlp, [articles[n] for n in taught], [own[n] for n in taught], labels)
    stop = make_examples(nlp, [articles[n] for n in watched], [own[n] for n in watched], labels).examples
    words = sum(len(example.reference) for example in made.examples)
    with nlp.select_pipes(enable="ner"):
        epochs = _Course(nlp, made.examples, stop, seed, heartbeat).run(
            min(most_epochs, max(FEWEST_EPOCHS, MOST_WORDS // words))
        )
    nlp.get_pipe("ner").moves.cfg["neg_key"] = None
    digest = weights_digest(nlp)
    nlp.meta["version"] = f"{str(nlp.meta.get('version', '0')).split('+')[0]}+d{digest[:12]}"
    return Trained(nlp, base, digest, epochs, words, made.misaligned)


def _open(base: str, labels: set[str]) -> Language:
    """The whole pipeline, ready to have its recogniser trained and nothing else changed by that."""
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
            # A copy of its own: the tagger and the parser go on as they were.
            nlp.replace_listeners(name, "ner", ["model.tok2vec"])
    recogniser = nlp.get_pipe("ner")
    for label in sorted(labels - set(recogniser.labels)):
        recogniser.add_label(label)
    recogniser.moves.cfg["neg_key"] = REJECTED
    return nlp


class _Course:
    """One training: epochs in an order drawn from the seed, ended when the watched articles get no better."""

    def __init__(
        self, nlp: Language, taught: list[Example], watched: list[Example], seed: int, heartbeat: Callable[[], None]
    ) -> None:
        self._nlp, self._taught, self._watched, self._heartbeat = nlp, list(taught), watched, heartbeat
        self._random = random.Random(seed)
        self._optimizer: Optimizer = nlp.resume_training()
        self._optimizer.learn_rate = LEARN_RATE

    def run(self, most_epochs: int) -> int:
        """Train; returns after how many epochs the weights were taken."""
        best, taken, state = 0.0, 0, b""
        for epoch in range(1, most_epochs + 1):
            self._random.shuffle(self._taught)
            for batch in _batches(self._taught):
                self._nlp.update(batch, sgd=self._optimizer, drop=DROPOUT)
                self._heartbeat()
            if not self._watched and epoch < most_epochs:
                continue
            with self._nlp.use_params(self._optimizer.averages):
                score = _f1(self._nlp, self._watched)
                if score < best - LOSS_TO_STOP:
                    break
                best, taken, state = max(best, score), epoch, self._nlp.get_pipe("ner").model.to_bytes()
        self._nlp.get_pipe("ner").model.from_bytes(state)
        return taken


def _batches(examples: Sequence[Example]) -> Iterator[list[Example]]:
    batch, words = [], 0
    for example in examples:
        batch.append(example)
        words += len(example.reference)
        if words >= WORDS_A_BATCH:
            yield batch
            batch, words = [], 0
    if batch:
        yield batch


def _f1(nlp: Language, watched: Sequence[Example]) -> float:
    """F1 by exact tokens and label over what is known of the watched examples."""
    right = proposed = true = 0
    for example in watched:
        doc = nlp(tokenized(nlp.tokenizer, example.reference.text))
        said = {
            (entity.start, entity.end, entity.label_)
            for entity in doc.ents
            if all(token.ent_iob for token in example.reference[entity.start : entity.end])
        }
        truth = {(entity.start, entity.end, entity.label_) for entity in example.reference.ents}
        right, proposed, true = right + len(said & truth), proposed + len(said), true + len(truth)
    return 2 * right / (proposed + true) if proposed + true else 0.0
