"""The log: decisions and their changes of spans. Append-only; the database refuses updates and deletes."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.review.models.label import Label
from annotations.review.models.span import MAIN_LAYER
from corpusapp.articles.models import Article, Corpus


class Verb(models.TextChoices):
    CONFIRM = "confirm"
    REJECT = "reject"
    RELABEL = "relabel"
    MOVE = "move"
    ADD = "add"
    UNDO = "undo"
    REDO = "redo"
    IMPORT = "import"
    FINISH = "finish"
    REOPEN = "reopen"
    SEVERAL = "several"
    # Of links and entities.
    LINK = "link"
    UNLINK = "unlink"
    CREATE = "create"
    RENAME = "rename"
    DESCRIBE = "describe"
    IDENTIFY = "identify"
    ALIAS = "alias"
    MERGE = "merge"
    SPLIT = "split"
    DISTINCT = "distinct"


class Decision(models.Model):
    """One decision by one person on one or more spans."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="decisions")
    article = models.ForeignKey(
        Article,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="decisions",
        help_text="Empty for a decision on several articles.",
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="decisions")
    verb = models.CharField(max_length=8, choices=Verb.choices)
    created_at = models.DateTimeField(db_default=Now())
    client_key = models.CharField(max_length=100, null=True, blank=True, help_text="The client's idempotency key.")
    request_sha256 = models.BinaryField(max_length=32, null=True, editable=False)
    left_out = models.JSONField(
        default=list, help_text="Spans left out because they changed after they were shown, with reasons."
    )
    notices = models.JSONField(
        default=list, db_default=[], help_text="What was applied differently than requested, with reasons."
    )
    spared_actions = models.PositiveIntegerField(
        default=0, db_default=0, help_text="Actions of the editor that taking possible spans spared: one for each."
    )
    finished = ArrayField(
        models.BigIntegerField(), default=list, db_default=[], help_text="Articles that a finish marked as done."
    )
    # Of a merge of labels, its undo and its redo: the label whose spans were relabelled, and the one that they got.
    merged_label = models.ForeignKey(
        Label, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    merged_into = models.ForeignKey(
        Label, models.PROTECT, null=True, blank=True, editable=False, related_name="+", db_index=False
    )
    undoes = models.OneToOneField("self", models.PROTECT, null=True, blank=True, related_name="undone_by")

    # The articles that the decision put in review; set when it is recorded.
    started: Sequence[int] = ()
    # The entities of spans that it was applied to because they are like another one, by span; set when it is recorded.
    carried: Mapping[int, int] = MappingProxyType({})
    # How many spans it changed and articles it moved to another stage, without side effects; set with its result.
    applied = 0
    # How many links of spans to entities it confirmed; set where a finish is announced.
    confirmed_links = 0

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "client_key"], name="decision_key_once_per_user"),
            models.CheckConstraint(condition=Q(verb__in=Verb.values), name="decision_verb_known"),
            models.CheckConstraint(
                condition=Q(verb__in=[Verb.UNDO, Verb.REDO], undoes__isnull=False)
                | (~Q(verb__in=[Verb.UNDO, Verb.REDO]) & Q(undoes__isnull=True)),
                name="decision_undo_names_its_stroke",
            ),
        ]
        indexes = [
            models.Index(fields=["user", "corpus", "-id"], name="decision_last_of_user"),
            GinIndex(fields=["finished"], condition=Q(article=None), name="decision_finished_several"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} by {self.user} at {self.created_at:%Y-%m-%d %H:%M}"


class Change(models.Model):
    """The change of a span by a decision: its columns before and after, all null if it did not exist."""

    # A trigger checks what the rows of a statement refer to: an import adds too many for foreign keys.
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="changes", db_constraint=False)
    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="changes", db_constraint=False)
    layer = models.CharField(max_length=32, default=MAIN_LAYER, db_default=MAIN_LAYER, editable=False)
    # Not a foreign key: undoing `add` deletes the span, its history stays.
    span_id = models.BigIntegerField()
    verb = models.CharField(max_length=8, choices=Verb.choices)
    implicit = models.BooleanField(
        default=False, help_text="A side effect: the previous range and label, kept as rejected."
    )
    before_start = models.IntegerField(null=True)
    before_end = models.IntegerField(null=True)
    before_label = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    before_state = models.CharField(max_length=9, null=True)
    before_score = models.FloatField(null=True)
    before_pipeline = models.ForeignKey(
        "suggestions.Pipeline", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    before_revision = models.PositiveIntegerField(null=True)
    after_start = models.IntegerField(null=True)
    after_end = models.IntegerField(null=True)
    after_label = models.ForeignKey(
        Label, models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    after_state = models.CharField(max_length=9, null=True)
    after_score = models.FloatField(null=True)
    after_pipeline = models.ForeignKey(
        "suggestions.Pipeline", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    after_revision = models.PositiveIntegerField(null=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(before_revision__isnull=False) | Q(after_revision__isnull=False),
                name="change_has_a_side",
            ),
        ]
        indexes = [models.Index(fields=["span_id", "id"], name="change_history_of_span")]

    def __str__(self) -> str:
        return f"{self.verb} of span {self.span_id}"
