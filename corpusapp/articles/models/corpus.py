"""A body of articles, its members and its sources."""

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
    """What a member may do: a reader looks, an editor also decides, a manager also keeps the corpus."""

    READER = "reader"
    EDITOR = "editor"
    MANAGER = "manager"

    def includes(self, other: "Role") -> bool:
        order = list(Role)
        return order.index(self) >= order.index(other)

    @classmethod
    def of_scope(cls, scope: str) -> "Role":
        """The role that a token of this scope lets its user play at most."""
        return {"read": cls.READER, "annotate": cls.EDITOR, "manage": cls.MANAGER}[scope]

    @classmethod
    def at_least(cls, role: "Role") -> list["Role"]:
        return [candidate for candidate in cls if candidate.includes(role)]


class CorpusQuerySet(models.QuerySet["Corpus"]):
    def visible_to(self, user: "User", role: Role = Role.READER) -> "CorpusQuerySet":
        """Those in which `user` holds `role` or more. A superuser and the command line hold every role.

        A user who acts by a token holds no more than its scope, and nothing outside of its corpus.
        """
        return self.filter(withdrawn_at=None)._of(user, role)

    def withdrawn_by(self, user: "User") -> "CorpusQuerySet":
        """Withdrawn ones that `user` manages, and may show again."""
        return self.filter(withdrawn_at__isnull=False, erased_at=None)._of(user, Role.MANAGER)

    def hidden_from(self, user: "User") -> "CorpusQuerySet":
        """Withdrawn and erased ones that `user` is a member of: there is only that to be told of them."""
        return self.filter(withdrawn_at__isnull=False)._of(user, Role.READER)

    def _of(self, user: "User", role: Role) -> "CorpusQuerySet":
        standing = self
        if (token := getattr(user, "token", None)) is not None:
            if not Role.of_scope(token.scope).includes(role):
                return self.none()
            if token.corpus_id is not None:
                standing = standing.filter(pk=token.corpus_id)
        if user.is_superuser or getattr(user, "is_system", False):
            return standing
        if not user.is_authenticated:
            return self.none()
        memberships = Membership.objects.filter(user=user, role__in=Role.at_least(role))
        return standing.filter(id__in=memberships.values("corpus_id"))


class Corpus(models.Model):
    """A body of articles with one label set, one set of guidelines and its members."""

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
    """Who published: an agency, a paper, a site, as one corpus names it."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="sources")
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["corpus", "name"], name="source_once_per_corpus"),
            # What the composite foreign key of an article refers to.
            models.UniqueConstraint(fields=["id", "corpus"], name="source_id_with_corpus"),
            models.CheckConstraint(condition=~Q(name=""), name="source_named"),
        ]
        indexes = [GinIndex(name="source_name_trigrams", fields=["name"], opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return self.name
