"""Hide a whole corpus everywhere, and bring it back as it was."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.actions.ending import ask_for_reading
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.permissions import require_manager
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import UNENDED

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def withdraw_corpus(*, user: "User", corpus: Corpus) -> None:
    """Hide the corpus with all that is in it; what waits for a worker waits until it is restored.

    Refuses (`Conflict`) one that is withdrawn.
    """
    corpus = _locked(user, corpus)
    if corpus.withdrawn_at is not None:
        raise Conflict(f"corpus {corpus.slug!r} is withdrawn already")
    corpus.withdrawn_at = timezone.now()
    corpus.save(update_fields=["withdrawn_at"])
    for follower in subscribers():
        follower.corpus_withdrawn(user=user, corpus=corpus)


@transaction.atomic
def restore_corpus(*, user: "User", corpus: Corpus) -> None:
    """Show a withdrawn corpus again, but for the articles that are withdrawn themselves, and go on with what waited.

    Refuses (`Conflict`) one that is not withdrawn.
    """
    corpus = _locked(user, corpus)
    if corpus.withdrawn_at is None:
        raise Conflict(f"corpus {corpus.slug!r} is not withdrawn")
    corpus.withdrawn_at = None
    corpus.save(update_fields=["withdrawn_at"])
    for batch in ImportBatch.objects.filter(corpus=corpus, state__in=UNENDED).exclude(files=[]):
        ask_for_reading(batch)
    for follower in subscribers():
        follower.corpus_restored(user=user, corpus=corpus)


def _locked(user: "User", corpus: Corpus) -> Corpus:
    """Who hides and who shows it follow one another, and both wait for a chunk of an import that is being stored."""
    require_manager(user, corpus)
    return Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
