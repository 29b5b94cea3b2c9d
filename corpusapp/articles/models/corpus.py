"""Corpora, their members and their sources."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

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
                condition=Q(erased_at__isnull=True) | Q(withdrawn_at__isnull=False, guidelines="", name=F("slug")),
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
