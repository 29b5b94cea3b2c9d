"""Saved filters of the article list. Callers check permissions for the corpus."""

from typing import TYPE_CHECKING

from django.db.models import Q, QuerySet

from annotations.review.models import SavedFilter
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def filters_of(user: "User", corpus: Corpus) -> QuerySet[SavedFilter]:
    """The user's own filters, and those that are shared with all members."""
    visible = SavedFilter.objects.filter(Q(user=user.pk) | Q(shared=True), corpus=corpus)
    return visible.select_related("user", "corpus")


def get_filter(user: "User", corpus: Corpus, pk: int) -> SavedFilter:
    found = filters_of(user, corpus).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no saved filter {pk} that you can use here: it may be deleted", field="filter")
    return found
