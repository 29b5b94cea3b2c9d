"""Copy a spaCy pipeline from a folder into the home, as a model of a corpus. Imports spaCy: for commands only."""

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.suggesters.packaging import files_digest, write_wheel
from annotations.suggesters.spacy_ner import PipelineMissing, SpacyNer
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import weights
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def add_pipeline(*, user: "User", corpus: Corpus, path: Path) -> TrainedModel:
    """Copy the pipeline, and store it as a model of the corpus that can be promoted.

    Loading a pipeline may run code that comes with it, so the caller must trust the folder. Adding the same pipeline
    again returns the same model. Raises `Invalid` if `spacy.load` cannot open it, or if it recognizes no entities.
    """
    require(user, corpus, Role.MANAGER)
    if not (path / "meta.json").is_file() or not (path / "config.cfg").is_file():
        raise Invalid(f"{path} is not a pipeline's folder: use the one that contains config.cfg and meta.json")
    weights.sweep()
    with weights.making() as folder:
        copied = shutil.copytree(path, folder / "pipeline", dirs_exist_ok=True)
        try:
            suggester = SpacyNer(str(copied))
        except (PipelineMissing, ValueError, ImportError) as error:
            raise Invalid(f"{path} cannot be used: {error}") from error
        digest = files_digest(copied)
        write_wheel(copied, folder)
        weights.keep(folder, digest)
    return _get_or_create(user, corpus, digest, f"{suggester.name.removeprefix('spacy ')} {suggester.version}")


@transaction.atomic
def _get_or_create(user: "User", corpus: Corpus, digest: str, name: str) -> TrainedModel:
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    existing = TrainedModel.objects.filter(corpus=corpus, digest=digest).first()
    return existing or TrainedModel.objects.create(
        corpus=corpus,
        user=user,
        origin=TrainedModel.Origin.ADDED,
        state=TrainedModel.State.KEPT,
        reason="added from the command line",
        base=digest,
        name=name,
        digest=digest,
        finished_at=timezone.now(),
    )
