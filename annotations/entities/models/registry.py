"""The registry: entities with aliases and identifiers, and links of spans to them."""

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

from annotations.review.models import Decision, Label, Span, State
from corpusapp.articles.models import Article, Corpus

MAX_NAME, MAX_SCHEME, MAX_VALUE, MAX_DESCRIPTION = 300, 60, 300, 4000


class EntityState(models.TextChoices):
    """A suggested entity was proposed by a linker; a merged one is another entity now; a removed one has no links."""

    SUGGESTED = "suggested"
    CONFIRMED = "confirmed"
    MERGED = "merged"
    REMOVED = "removed"


STANDING = (EntityState.SUGGESTED, EntityState.CONFIRMED)


class EntityQuerySet(models.QuerySet["Entity"]):
    def standing(self) -> "EntityQuerySet":
        """Entities that spans can be linked to: neither merged nor removed."""
        return self.filter(state__in=STANDING)


class Entity(models.Model):
    """A thing in the world that spans of a corpus refer to, such as a person or a place."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="entities", db_index=False)
    name = models.CharField(max_length=MAX_NAME, help_text="Preferred name.")
    # A composite foreign key over label and corpus is added by a migration.
    label = models.ForeignKey(Label, models.PROTECT, related_name="entities", db_index=False, db_constraint=False)
    description = models.TextField(blank=True, default="", db_default="")
    state = models.CharField(max_length=9, choices=EntityState.choices)
    # A composite foreign key over entity and corpus is added by a migration. Never an entity that is merged itself.
    merged_into = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="+", db_constraint=False
    )
    pipeline = models.ForeignKey(
        "suggestions.Pipeline", models.PROTECT, null=True, blank=True, related_name="+", db_index=False,
        help_text="The linker that proposed it; empty for people and imports.",
    )  # fmt: skip
    revision = models.PositiveIntegerField(default=1, db_default=1)
    created_at = models.DateTimeField(db_default=Now())
    # Kept by triggers on links: live links that are not rejected, and those of them that are confirmed.
    mentions = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    confirmed = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    objects = EntityQuerySet.as_manager()

    class Meta:
        ordering = ["-mentions", "-id"]
        verbose_name_plural = "entities"
        constraints = [
            models.UniqueConstraint(fields=["id", "corpus"], name="entity_id_with_corpus"),
            models.CheckConstraint(condition=~Q(name=""), name="entity_named"),
            models.CheckConstraint(condition=Q(state__in=EntityState.values), name="entity_state_known"),
            models.CheckConstraint(
                condition=Q(state=EntityState.MERGED, merged_into__isnull=False)
                | (~Q(state=EntityState.MERGED) & Q(merged_into__isnull=True)),
                name="entity_merged_into_one",
            ),
            models.CheckConstraint(condition=~Q(merged_into=F("id")), name="entity_not_merged_into_itself"),
            # A machine's proposal never looks like a person's.
            models.CheckConstraint(
                condition=~Q(state=EntityState.SUGGESTED) | Q(pipeline__isnull=False), name="entity_suggested_by_one"
            ),
        ]
        indexes = [
            models.Index(
                fields=["corpus", "-mentions", "-id"], condition=Q(state__in=STANDING), name="entity_by_mentions"
            ),
            models.Index(
                fields=["corpus", "label", "-mentions", "-id"], condition=Q(state__in=STANDING), name="entity_by_label"
            ),
            models.Index(fields=["corpus", "name", "id"], condition=Q(state__in=STANDING), name="entity_by_name"),
            models.Index(fields=["corpus", "-id"], name="entity_of_corpus"),
            models.Index(fields=["corpus"], condition=Q(state=EntityState.SUGGESTED, mentions=0), name="entity_unused"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def standing(self) -> bool:
        return self.state in STANDING


class Identifier(models.Model):
    """The identifier of an entity in another database: a scheme, such as `wikidata`, and a value, such as `Q794`."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False)
    # A composite foreign key over entity and corpus is added by a migration.
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="identifiers", db_constraint=False)
    scheme = models.CharField(max_length=MAX_SCHEME)
    value = models.CharField(max_length=MAX_VALUE)

    class Meta:
        ordering = ["scheme", "value"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "scheme", "value"], name="identifier_of_one_entity"),
            models.CheckConstraint(condition=~Q(scheme="") & ~Q(value=""), name="identifier_says_something"),
        ]

    def __str__(self) -> str:
        return f"{self.scheme}:{self.value}"


class Alias(models.Model):
    """A name of an entity. A rejected one was dropped by a person, and is not used again."""

    class Origin(models.TextChoices):
        MENTION = "mention", "a mention"
        PERSON = "person", "an editor"
        IMPORT = "import", "an imported list"
        SERVICE = "service", "a knowledge base"

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False)
    # A composite foreign key over entity and corpus is added by a migration.
    entity = models.ForeignKey(Entity, models.CASCADE, related_name="aliases", db_index=False, db_constraint=False)
    name = models.CharField(max_length=MAX_NAME)
    language = models.CharField(max_length=16, blank=True, default="", db_default="", help_text="ISO 639-1 code.")
    script = models.CharField(max_length=4, blank=True, default="", db_default="", help_text="ISO 15924 code.")
    origin = models.CharField(max_length=7, choices=Origin.choices)
    state = models.CharField(max_length=9, choices=State.choices)
    # Kept by triggers on links.
    mentions = models.PositiveIntegerField(default=0, db_default=0, editable=False)

    class Meta:
        ordering = ["-mentions", "name"]
        verbose_name_plural = "aliases"
        constraints = [
            models.UniqueConstraint(fields=["entity", "name"], name="alias_once_per_entity"),
            models.CheckConstraint(condition=~Q(name=""), name="alias_named"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="alias_state_known"),
        ]
        indexes = [
            GinIndex(fields=["name"], opclasses=["gin_trgm_ops"], name="alias_name_trigrams"),
            models.Index(fields=["corpus", "-id"], name="alias_of_corpus"),
            models.Index(
                fields=["corpus"], condition=Q(state=State.SUGGESTED, origin="mention", mentions=0),
                name="alias_unused",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.name


class AliasKey(models.Model):
    """A key under which an alias is looked up: a normalised spelling, a skeleton or a surname."""

    corpus = models.ForeignKey(Corpus, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    # By code points, so that an index finds keys that begin alike.
    key = models.CharField(max_length=MAX_NAME, db_collation="C")
    alias = models.ForeignKey(Alias, models.CASCADE, related_name="keys")

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["corpus", "key", "alias"], name="alias_key_once")]

    def __str__(self) -> str:
        return self.key


class LinkQuerySet(models.QuerySet["Link"]):
    def standing(self) -> "LinkQuerySet":
        """The links that count as mentions: not rejected, of spans that are not rejected."""
        return self.exclude(state=State.REJECTED).filter(live=True)


class Link(models.Model):
    """The tie of one span to one entity. A rejected one says that the span is not this entity."""

    corpus = models.ForeignKey(Corpus, models.PROTECT, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.PROTECT, related_name="links", db_index=False, db_constraint=False)
    # Null if a suggested span with a rejected link is no longer suggested; `start` and `end` say where it was.
    # Triggers check the span, and delete undecided links with their spans.
    span = models.ForeignKey(Span, models.DO_NOTHING, null=True, related_name="links", db_constraint=False)
    start = models.IntegerField(null=True, editable=False)
    end = models.IntegerField(null=True, editable=False)
    # A composite foreign key over entity and corpus is added by a migration.
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="links", db_index=False, db_constraint=False)
    alias = models.ForeignKey(Alias, models.SET_NULL, null=True, related_name="links")
    state = models.CharField(max_length=9, choices=State.choices)
    score = models.FloatField(null=True, help_text="Probability by the linker; empty for links that people made.")
    # Kept when a person decides, so that scores can be calibrated on what came of them.
    base_score = models.FloatField(null=True, editable=False, help_text="The linker's score, before calibration.")
    pipeline = models.ForeignKey(
        "suggestions.Pipeline", models.PROTECT, null=True, related_name="+", db_index=False, db_constraint=False
    )
    revision = models.PositiveIntegerField(default=1, db_default=1)
    live = models.BooleanField(default=True, db_default=True, help_text="The span is not rejected.")
    week = models.DateField(help_text="Monday of the week of its article: of publication, or else of import.")

    objects = LinkQuerySet.as_manager()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["span", "entity"], name="link_once_per_span_and_entity"),
            models.UniqueConstraint(fields=["span"], condition=~Q(state=State.REJECTED), name="link_one_per_span"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="link_state_known"),
            models.CheckConstraint(
                condition=Q(score__isnull=True) | Q(score__gte=0, score__lte=1), name="link_score_between_0_and_1"
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SUGGESTED) | Q(pipeline__isnull=False), name="link_suggestion_names_pipeline"
            ),
            models.CheckConstraint(
                condition=Q(span__isnull=False) | Q(state=State.REJECTED, start__isnull=False, end__isnull=False),
                name="link_without_span_is_rejected",
            ),
        ]
        indexes = [
            models.Index(fields=["article"], name="link_of_article"),
            models.Index(
                fields=["entity", "-article", "-id"], condition=~Q(state=State.REJECTED) & Q(live=True),
                name="link_of_entity",
            ),
            models.Index(fields=["corpus", "entity"], name="link_of_corpus"),
            models.Index(
                fields=["corpus", "-id"], condition=Q(base_score__isnull=False) & ~Q(state=State.SUGGESTED),
                include=["base_score", "state"], name="link_outcomes",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"span {self.span_id} is entity {self.entity_id}: {self.state}"


class Unlinked(models.Model):
    """A span that the linker left without an entity, and why."""

    class Reason(models.TextChoices):
        AMBIGUOUS = "ambiguous", "several entities have this name"
        GENERIC = "generic", "a body that each country has"
        UNKNOWN = "unknown", "nothing is known of it"

    # Kept with the span by the triggers of links.
    span = models.OneToOneField(Span, models.DO_NOTHING, primary_key=True, related_name="+", db_constraint=False)
    corpus = models.ForeignKey(Corpus, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(Article, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    key = models.CharField(max_length=MAX_NAME, help_text="The normalised name; mentions with the same one are alike.")
    reason = models.CharField(max_length=9, choices=Reason.choices)
    candidates = ArrayField(models.BigIntegerField(), default=list, help_text="Between which entities.")

    class Meta:
        ordering = ["span"]
        indexes = [
            models.Index(fields=["corpus", "key"], name="unlinked_by_name"),
            models.Index(fields=["article"], name="unlinked_of_article"),
        ]

    def __str__(self) -> str:
        return f"{self.key}: {self.reason}"


class EntityWeek(models.Model):
    """Mentions of an entity in the articles of one week, as `Link.week` has it. Kept by triggers."""

    entity = models.ForeignKey(Entity, models.CASCADE, related_name="weeks", db_index=False, db_constraint=False)
    week = models.DateField(help_text="Its Monday.")
    mentions = models.IntegerField()

    class Meta:
        ordering = ["entity", "week"]
        constraints = [models.UniqueConstraint(fields=["entity", "week"], name="entity_week_once")]

    def __str__(self) -> str:
        return f"{self.entity_id} in the week of {self.week}"


class Distinct(models.Model):
    """Two entities that a person said are different: they are never proposed as one again."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    first = models.ForeignKey(Entity, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Entity, models.CASCADE, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["id"]
        verbose_name_plural = "distinct pairs"
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="distinct_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="distinct_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id} is not {self.second_id}"


class PossibleDuplicate(models.Model):
    """Two entities that may be one, with what speaks for it."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="+", db_index=False)
    first = models.ForeignKey(Entity, models.CASCADE, related_name="+", db_index=False)
    second = models.ForeignKey(Entity, models.CASCADE, related_name="+")
    score = models.FloatField()
    evidence = models.JSONField(default=list)
    saves = models.PositiveIntegerField(default=0, help_text="Mentions that a merge would bring together.")
    postponed_at = models.DateTimeField(null=True, help_text="When a person put it off; offered last.")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="duplicate_pair_in_order"),
        ]
        indexes = [models.Index(fields=["corpus", "-saves", "-id"], name="duplicate_by_saves")]

    def __str__(self) -> str:
        return f"{self.first_id} may be {self.second_id}"


class PendingLink(models.Model):
    """A mark: a job is to bring the links of an article up to date, or of all articles that a decision affects."""

    class Turn(models.IntegerChoices):
        """Which marks come first. The first of many new articles are linked when little is known: they are linked
        again after all others.
        """

        DECIDED = 0
        CHANGED = 1
        NEW = 2
        AGAIN = 3

    corpus = models.ForeignKey(Corpus, models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False)
    article = models.ForeignKey(
        Article, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    decision = models.ForeignKey(
        Decision, models.DO_NOTHING, null=True, related_name="+", db_index=False, db_constraint=False
    )
    turn = models.PositiveSmallIntegerField(choices=Turn.choices)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(article__isnull=True) ^ Q(decision__isnull=True), name="pending_link_of_one"
            )
        ]
        indexes = [models.Index(fields=["corpus", "turn", "id"], name="pending_link_of_corpus")]

    def __str__(self) -> str:
        return f"article {self.article_id}" if self.article_id else f"decision {self.decision_id}"
