"""Withdraw and restore articles and corpora: hide them everywhere, and show them again."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from corpusapp.articles.actions.import_state import queue_reading
from corpusapp.articles.models import Article, Corpus, ImportBatch, Role
from corpusapp.articles.permissions import require, require_manager
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict
from corpusapp.core.job_states import UNENDED

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def withdraw_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Hide these articles of the corpus; returns how many were visible before."""
    require(user, corpus, Role.MANAGER)
    shown = lock_articles(Article.objects.filter(corpus=corpus, pk__in=article_ids, withdrawn_at=None))
    Article.objects.filter(pk__in=shown).update(withdrawn_at=timezone.now())
    for subscriber in subscribers() if shown else ():
        subscriber.withdrawn(user=user, corpus=corpus, article_ids=shown)
    return len(shown)


@transaction.atomic
def restore_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Show withdrawn articles again; returns how many were hidden before. Erased articles stay erased."""
    require(user, corpus, Role.MANAGER)
    withdrawn = Article.objects.filter(corpus=corpus, withdrawn_at__isnull=False, erased_at=None)
    hidden = lock_articles(withdrawn.filter(pk__in=article_ids))
    Article.objects.filter(pk__in=hidden).update(withdrawn_at=None)
    for subscriber in subscribers() if hidden else ():
        subscriber.restored(user=user, corpus=corpus, article_ids=hidden)
    return len(hidden)


def lock_articles(articles: QuerySet[Article]) -> list[int]:
    """Lock the articles, in order of id, and return their ids."""
    return list(articles.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


@transaction.atomic
def withdraw_corpus(*, user: "User", corpus: Corpus) -> None:
    """Hide a corpus and everything in it; its jobs wait until it is restored. Raises `Conflict` if it is withdrawn."""
    corpus = _lock_corpus(user, corpus)
    if corpus.withdrawn_at is not None:
        raise Conflict(f"corpus {corpus.slug!r} is already withdrawn")
    corpus.withdrawn_at = timezone.now()
    corpus.save(update_fields=["withdrawn_at"])
    for subscriber in subscribers():
        subscriber.corpus_withdrawn(user=user, corpus=corpus)


@transaction.atomic
def restore_corpus(*, user: "User", corpus: Corpus) -> None:
    """Show a withdrawn corpus again, except articles withdrawn on their own, and continue its imports.

    Raises `Conflict` if it is not withdrawn.
    """
    corpus = _lock_corpus(user, corpus)
    if corpus.withdrawn_at is None:
        raise Conflict(f"corpus {corpus.slug!r} is not withdrawn")
    corpus.withdrawn_at = None
    corpus.save(update_fields=["withdrawn_at"])
    for batch in ImportBatch.objects.filter(corpus=corpus, state__in=UNENDED).exclude(files=[]):
        queue_reading(batch)
    for subscriber in subscribers():
        subscriber.corpus_restored(user=user, corpus=corpus)


def _lock_corpus(user: "User", corpus: Corpus) -> Corpus:
    """Lock the row: concurrent changes wait for each other, and for the chunk of an import that is being stored."""
    require_manager(user, corpus)
    return Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
