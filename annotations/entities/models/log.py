"""The log of the changes of links and entities by decisions. Append-only."""

from django.db import models
from django.db.models import Q

from annotations.review.models import Decision
from corpusapp.articles.models import Article, Corpus


class LinkChange(models.Model):
    """The change of a link by a decision: its columns before and after, all null if it did not exist. Append-only."""

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="link_changes")
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="+", db_constraint=False)
    # Not foreign keys: links and spans can be deleted, their history stays.
    link_id = models.BigIntegerField()
    span_id = models.BigIntegerField(null=True)
    # One of `Verb`, as that of the decision.
    verb = models.CharField(max_length=8)
    implicit = models.BooleanField(default=False, db_default=False)
    before_entity = models.BigIntegerField(null=True)
    before_state = models.CharField(max_length=9, null=True)
    before_score = models.FloatField(null=True)
    before_pipeline = models.BigIntegerField(null=True)
    before_revision = models.PositiveIntegerField(null=True)
    after_entity = models.BigIntegerField(null=True)
    after_state = models.CharField(max_length=9, null=True)
    after_score = models.FloatField(null=True)
    after_pipeline = models.BigIntegerField(null=True)
    after_revision = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before_revision__isnull=False) | Q(after_revision__isnull=False),
                name="link_change_has_a_side",
            ),
        ]
        indexes = [models.Index(fields=["span_id", "id"], name="link_history_of_span")]

    def __str__(self) -> str:
        return f"{self.verb} of link {self.link_id}"


class EntityChange(models.Model):
    """The change of an entity by a decision: what it was before and after, null if it did not exist. Append-only.

    `before` and `after` are JSON objects: name, label (its ID), description, state, merged_into, identifiers (pairs of
    scheme and value), aliases (name, language, script, origin and state), distinct (IDs of entities) and revision.
    """

    decision = models.ForeignKey(Decision, models.PROTECT, related_name="entity_changes")
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    entity_id = models.BigIntegerField()
    # One of `Verb`, as that of the decision.
    verb = models.CharField(max_length=8)
    implicit = models.BooleanField(default=False, db_default=False)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta:
        ordering = ["id"]
        indexes = [models.Index(fields=["entity_id", "id"], name="history_of_entity")]

    def __str__(self) -> str:
        return f"{self.verb} of entity {self.entity_id}"
