"""Saved filters of the article list."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from corpusapp.articles.models import Corpus

NAME_LENGTH, QUERY_LENGTH = 80, 2000


class SavedFilter(models.Model):
    """Filters and order of the article list under a name, for their owner or for all members of the corpus."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="saved_filters")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="saved_filters")
    name = models.CharField(max_length=NAME_LENGTH)
    query = models.CharField(max_length=QUERY_LENGTH, help_text="Query string of the list, without the page.")
    shared = models.BooleanField(default=False, help_text="All members of the corpus can use it.")
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "corpus", "name"], name="saved_filter_once_per_name"),
            models.CheckConstraint(condition=~Q(name="") & ~Q(query=""), name="saved_filter_named"),
        ]

    def __str__(self) -> str:
        return self.name
