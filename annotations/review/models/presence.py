"""Who has which article open."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from corpusapp.articles.models import Article


class Presence(models.Model):
    """One person's open page of one article; its page renews `seen_at` while it is open."""

    article = models.ForeignKey(Article, models.CASCADE, related_name="presences", db_index=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField(db_default=Now(), db_index=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["article", "user"], name="presence_once_per_article_and_user"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} at article {self.article_id}"
