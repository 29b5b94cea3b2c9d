"""Hide articles or a whole corpus everywhere, and bring them back."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from corpusapp.articles.actions.ending import ask_for_reading
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require, require_manager
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import UNENDED

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def withdraw_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Hide these articles of the corpus; returns how many were shown until now."""
    require(user, corpus, Role.MANAGER)
    shown = locked(Article.objects.filter(corpus=corpus, pk__in=article_ids, withdrawn_at=None))
    Article.objects.filter(pk__in=shown).update(withdrawn_at=timezone.now())
    for follower in subscribers() if shown else ():
        follower.withdrawn(user=user, corpus=corpus, article_ids=shown)
    return len(shown)


@transaction.atomic
def restore_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Show withdrawn articles again; returns how many were hidden until now. Erased ones stay away."""
    require(user, corpus, Role.MANAGER)
    withdrawn = Article.objects.filter(corpus=corpus, withdrawn_at__isnull=False, erased_at=None)
    hidden = locked(withdrawn.filter(pk__in=article_ids))
    Article.objects.filter(pk__in=hidden).update(withdrawn_at=None)
    for follower in subscribers() if hidden else ():
        follower.restored(user=user, corpus=corpus, article_ids=hidden)
    return len(hidden)


def locked(articles: QuerySet[Article]) -> list[int]:
    """Their ids, locked in one order; who hides and who shows the same articles follow one another."""
    return list(articles.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def withdraw_corpus(*, user: "User", corpus: Corpus) -> None:
    """Hide the corpus with all that is in it; what waits for a worker waits until it is restored.

    Refuses (`Conflict`) one that is withdrawn.
    """
    corpus = _locked(user, corpus)
    if corpus.withdrawn_at is not None:
        raise Conflict(f"corpus {corpus.slug!r} is already withdrawn")
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
