"""Events of the change feed, with and without a position; webhooks and their deliveries."""

from django.conf import settings
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

from annotations.review.models import Change, Decision
from corpusapp.articles.models import Article, Corpus

MAX_URL = 2000


class Kind(models.TextChoices):
    """Types of events. `span`: a span was decided, or a decided span changed; `link` and `entity` mean the same."""

    ADDED = "article.added"
    VERSION = "article.version"
    WITHDRAWN = "article.withdrawn"
    RESTORED = "article.restored"
    ERASED = "article.erased"
    CORPUS_WITHDRAWN = "corpus.withdrawn"
    CORPUS_RESTORED = "corpus.restored"
    CORPUS_ERASED = "corpus.erased"
    STAGE = "article.stage"
    METADATA = "article.metadata"
    ZONES = "article.zones"
    LABEL = "label"
    SPAN = "span"
    ENTITY = "entity"
    LINK = "link"


class Happening(models.Model):
    """An event, or all events of the spans that an import decided in an article, or of the links of a decision.

    Metadata is read from `article`, as it is now, and immutable data from `change` and `decision`; the rest is in
    `data`: of one link, its `change` in the log.
    """

    # No constraints and indexes, because an import writes an event for each article.
    kind = models.CharField(max_length=20, choices=Kind.choices)
    corpus = models.ForeignKey(Corpus, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(
        Article, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    change = models.ForeignKey(
        Change, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    # Set if it stands for several events: one for each change of a decided span, or link, by this decision, in order of
    # ids.
    decision = models.ForeignKey(
        Decision, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    events = models.PositiveIntegerField(db_default=1)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    at = models.DateTimeField(db_default=Now())
    data = models.JSONField(null=True)

    class Meta:
        abstract = True


class Waiting(Happening):
    """An event from its transaction. Its id is not a position, because a lower id may be committed later.

    Events of one article are written under its lock, so that their ids are in commit order.
    """

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.kind} waiting"


class Event(Happening):
    """An event with its position, assigned once after the commit, under a lock. Never changed.

    If it stands for several events, they have the positions up to this one.
    """

    position = models.BigIntegerField(primary_key=True)
    # The cursor of clients. It does not reveal the activity in other corpora, and is unknown to a database that was
    # restored from an older dump. Of several events, each has this key plus its number, counted from 1.
    key = models.UUIDField(unique=True)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="event_kind_known"),
            models.CheckConstraint(
                condition=Q(events=1, decision=None)
                | Q(events__gt=1, decision__isnull=False, kind__in=[Kind.SPAN, Kind.LINK]),
                name="event_of_several_names_decision",
            ),
        ]
        indexes = [models.Index(fields=["corpus", "position"], name="event_of_corpus")]

    def __str__(self) -> str:
        return f"{self.position}: {self.kind}"


class Webhook(models.Model):
    """A URL that gets the events of a corpus in order, each at least once."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="webhooks")
    url = models.CharField("URL", max_length=MAX_URL)
    secret = models.CharField(
        max_length=100, editable=False, help_text="Signs the requests. Shown only once, when it is created."
    )
    active = models.BooleanField(default=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    position = models.BigIntegerField(
        default=0, editable=False, help_text="Position of the last event that was delivered."
    )
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="Failures in a row.")
    next_at = models.DateTimeField(null=True, editable=False, help_text="Time of the next attempt; empty for now.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.url} of {self.corpus}"


class Delivery(models.Model):
    """A request to the URL of a webhook. A test has no events."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    at = models.DateTimeField(db_default=Now())
    events = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP status; empty if there was no response.")
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["webhook", "-id"], name="delivery_newest")]

    def __str__(self) -> str:
        return f"{self.events} events to {self.webhook_id}: {self.status or self.error}"

    @property
    @admin.display(description="test", boolean=True)
    def is_test(self) -> bool:
        return self.events == 0

    @property
    def is_success(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def outcome(self) -> str:
        """What came of it, for people."""
        return f"{self.error or f'answered {self.status}'}, after {self.milliseconds} ms"
