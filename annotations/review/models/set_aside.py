"""Articles that people set aside: flagged, skipped or parked."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from corpusapp.articles.models import Article, Corpus

MAX_REASON = 500


class SetAsideKind(models.TextChoices):
    """How an article is set aside.

    A flag is a bookmark, and changes no queue. A skipped article is offered to the person who skipped it when nothing
    else is left. A parked one is offered to nobody until an editor takes it back.
    """

    FLAG = "flag", "flagged"
    SKIP = "skip", "skipped"
    PARK = "park", "parked"


class SetAside(models.Model):
    """A person's flag, skip or park of an article. Finishing the article removes its skips and parks."""

    # A composite foreign key over article and corpus is added by a migration.
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", db_index=False)
    kind = models.CharField(max_length=4, choices=SetAsideKind.choices)
    reason = models.CharField(max_length=MAX_REASON, blank=True)
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "articles set aside"
        constraints = [
            models.UniqueConstraint(fields=["article", "user", "kind"], name="set_aside_once_per_kind"),
            models.CheckConstraint(condition=Q(kind__in=SetAsideKind.values), name="set_aside_kind_known"),
            models.CheckConstraint(condition=~Q(kind=SetAsideKind.PARK, reason=""), name="set_aside_park_has_reason"),
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="set_aside_of_user"),
            models.Index(fields=["corpus", "article"], condition=Q(kind="park"), name="set_aside_parked"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: article {self.article_id}"
