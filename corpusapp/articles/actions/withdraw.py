"""Hide articles everywhere, and bring them back."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import require

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def withdraw_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Hide these articles of the corpus; returns how many were shown until now."""
    require(user, corpus, Role.MANAGER)
    shown = Article.objects.filter(corpus=corpus, pk__in=article_ids, withdrawn_at=None)
    return shown.update(withdrawn_at=timezone.now())


@transaction.atomic
def restore_articles(*, user: "User", corpus: Corpus, article_ids: Iterable[int]) -> int:
    """Show withdrawn articles again; returns how many were hidden until now."""
    require(user, corpus, Role.MANAGER)
    hidden = Article.objects.filter(corpus=corpus, pk__in=article_ids, withdrawn_at__isnull=False)
    return hidden.update(withdrawn_at=None)
