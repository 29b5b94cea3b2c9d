"""Corpora, their members, invitations to them, and their sources."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import BooleanField, Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.functions import Now
from django.utils import timezone

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# What users of the data have to know, and the most characters of each.
PUBLICATION_FIELDS = {"licence": 500, "version": 100, "citation": 10_000, "contact": 500}
slug_shape = RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*\Z", "Use small letters, digits and single hyphens: iran-syria.")


class Role(models.TextChoices):
    """The role of a member: a reader reads, an editor also decides, a manager also manages the corpus."""

    READER = "reader"
    EDITOR = "editor"
    MANAGER = "manager"

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)

    @classmethod
    def of_scope(cls, scope: str) -> "Role":
        """The highest role that a token of this scope allows."""
        return {"read": cls.READER, "annotate": cls.EDITOR, "manage": cls.MANAGER}[scope]

    @classmethod
    def at_least(cls, role: "Role") -> list["Role"]:
        return [candidate for candidate in cls if candidate.includes(role)]


class CorpusQuerySet(models.QuerySet["Corpus"]):
    def visible_to(self, user: "User", role: Role = Role.READER) -> "CorpusQuerySet":
        """Corpora in which `user` has `role` or more. Superusers and the command line have every role.

        A token has at most the role of its scope, and only in its corpus.
        """
        return self.filter(withdrawn_at=None)._of(user, role)

    def withdrawn_by(self, user: "User") -> "CorpusQuerySet":
        """Withdrawn corpora that `user` manages, and may restore."""
        return self.filter(withdrawn_at__isnull=False, erased_at=None)._of(user, Role.MANAGER)

    def hidden_from(self, user: "User") -> "CorpusQuerySet":
        """Withdrawn and erased corpora that `user` is a member of."""
        return self.filter(withdrawn_at__isnull=False)._of(user, Role.READER)

    def _of(self, user: "User", role: Role) -> "CorpusQuerySet":
        corpora = self
        if (token := getattr(user, "token", None)) is not None:
            if not Role.of_scope(token.scope).includes(role):
                return self.none()
            if token.corpus_id is not None:
                corpora = corpora.filter(pk=token.corpus_id)
        if user.is_superuser or getattr(user, "is_system", False):
            return corpora
        if not user.is_authenticated:
            return self.none()
        memberships = Membership.objects.filter(user=user, role__in=Role.at_least(role))
        return corpora.filter(id__in=memberships.values("corpus_id"))


class Corpus(models.Model):
    """Articles with one label set, one set of guidelines and members."""

    slug = models.CharField(max_length=64, unique=True, validators=[slug_shape])
    name = models.CharField(max_length=200)
    guidelines = models.TextField(blank=True)
    language = models.CharField(max_length=16, default="en", help_text="Main language, as an ISO 639-1 code.")
    nesting_allowed = models.BooleanField(
        default=False, help_text="Suggestions may overlap confirmed spans. Editors can always nest spans."
    )
    entities_enabled = models.BooleanField(
        "entities", default=True, help_text="Link names to entities: who and what they are, across articles."
    )
    licence = models.CharField(
        max_length=500, blank=True, help_text="Of the articles and spans: an SPDX id such as CC-BY-4.0, a URL, or text."
    )
    version = models.CharField(max_length=100, blank=True, help_text="Of the data, such as 1.2.0.")
    citation = models.TextField(blank=True, help_text="How to cite the data, as text or BibTeX.")
    contact = models.CharField(max_length=500, blank=True, help_text="Whom to ask: a name, with an address or a URL.")
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    withdrawn_at = models.DateTimeField(null=True, blank=True, editable=False)
    erased_at = models.DateTimeField(
        null=True, blank=True, editable=False, help_text="Time at which all content was erased."
    )

    # The role of the user who reads it, set by queries.
    own_role: str | None

    objects = CorpusQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "corpora"
        constraints = [
            models.CheckConstraint(
                condition=Q(erased_at__isnull=True)
                | Q(withdrawn_at__isnull=False, guidelines="", name=F("slug"), **dict.fromkeys(PUBLICATION_FIELDS, "")),
                name="corpus_erased_holds_nothing",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A user's role in a corpus."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=8, choices=Role.choices)

    class Meta:
        ordering = ["corpus", "user"]
        constraints = [
            models.UniqueConstraint(fields=["user", "corpus"], name="membership_once_per_user_and_corpus"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="membership_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}, {self.role} of {self.corpus}"


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def with_sender(self) -> "InvitationQuerySet":
        """Each with its corpus and sender, and with `sender_manages`."""
        managing = Membership.objects.filter(user=OuterRef("created_by"), corpus=OuterRef("corpus"), role=Role.MANAGER)
        manages = Q(created_by__is_active=True) & (Q(created_by__is_superuser=True) | Exists(managing))
        rows = self.select_related("corpus", "created_by", "used_by")
        return rows.annotate(sender_manages=ExpressionWrapper(manages, BooleanField()))  # type: ignore[no-redef]  # declared in the model


class Invitation(models.Model):
    """A link that makes one person a member of a corpus, with an account of their own or a new one.

    Only the SHA-256 of the link's token is stored. It can be used once, by whoever has it, until it expires.
    """

    class State(models.TextChoices):
        OPEN = "open"
        USED = "used"
        EXPIRED = "expired"
        REVOKED = "revoked"
        VOID = "void", "void: its sender does not manage the corpus any more"

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="invitations")
    role = models.CharField(max_length=8, choices=Role.choices)
    note = models.CharField(max_length=200, blank=True, help_text="Whom it is for.")
    digest = models.BinaryField(max_length=32, unique=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    expires_at = models.DateTimeField()
    used_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    used_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    # Whether the sender still manages the corpus, set by `with_sender`.
    sender_manages: bool

    objects = InvitationQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(role__in=Role.values), name="invitation_role_known"),
            models.CheckConstraint(
                condition=Q(used_by__isnull=True, used_at__isnull=True)
                | Q(used_by__isnull=False, used_at__isnull=False, revoked_at__isnull=True),
                name="invitation_used_or_revoked",
            ),
        ]

    def __str__(self) -> str:
        return f"invitation {self.pk} to {self.corpus}"

    @property
    def state(self) -> State:
        """Of an invitation that `with_sender` has read."""
        if self.used_at is not None:
            return self.State.USED
        if self.revoked_at is not None:
            return self.State.REVOKED
        if self.expires_at <= timezone.now():
            return self.State.EXPIRED
        return self.State.OPEN if self.sender_manages else self.State.VOID


class Source(models.Model):
    """A publisher, such as an agency, a paper or a site, by its name in one corpus."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="sources")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="source_once_per_corpus"),
            # Target of the composite foreign key of an article.
            models.UniqueConstraint(fields=["id", "corpus"], name="source_id_with_corpus"),
            models.CheckConstraint(condition=~Q(name=""), name="source_named"),
        ]
        indexes = [GinIndex(name="source_name_trigrams", fields=["name"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name
