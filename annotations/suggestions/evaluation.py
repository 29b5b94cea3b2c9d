"""What a suggester makes of articles once others were decided, outside any corpus. Imports spaCy."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from annotations.suggesters.comparison import propose_after
from annotations.suggesters.examples import TrainingArticle
from annotations.suggesters.gold import GoldArticle
from annotations.suggesters.protocol import Proposal, Suggester
from annotations.suggesters.spacy_ner import SpacyNer
from annotations.suggesters.training import Trained, train
from annotations.suggestions.registry import reader_over


@dataclass(frozen=True)
class Learned:
    """The proposals for each article; `digest` and `epochs` of the model, empty and 0 where none was trained."""

    proposals: list[list[Proposal]]
    digest: str
    epochs: int


def learned(
    pipeline: str,
    decided: Sequence[GoldArticle],
    rest: Sequence[GoldArticle],
    labels: Sequence[str],
    *,
    training: bool,
    reading: bool,
) -> Learned:
    """Take `decided` for done articles, and propose for `rest`.

    With `training` a model is trained on them; with `reading` the news reader reads upon it, and remembers names.
    """
    articles = [TrainingArticle(article.source, article.spans) for article in decided]
    wanted = labels or sorted({span[2] for article in decided for span in article.spans})
    trained = train(pipeline, articles, wanted) if training else None
    base = _open(trained) if trained else SpacyNer(pipeline)
    sources = [article.source for article in rest]
    proposals = propose_after(reader_over(base), articles, sources) if reading else list(base.propose(sources))
    return Learned(proposals, trained.digest if trained else "", trained.epochs if trained else 0)


def _open(trained: Trained) -> Suggester:
    with TemporaryDirectory() as folder:
        trained.write(Path(folder) / "pipeline")
        return SpacyNer(str(Path(folder) / "pipeline"))
