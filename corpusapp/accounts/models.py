"""Users, their tokens and notices, and the counters of rate limits."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q
from django.db.models.functions import Now

# A model of this app, defined in `core`, which does not know accounts. Django finds models by this import.
from corpusapp.core.idempotency import KeyedRequest  # noqa: F401


class User(AbstractUser):
    """A person; or, if `is_system` is set, the account of management commands, which cannot sign in."""

    is_system = models.BooleanField("system account", default=False, editable=False)
    preferences = models.JSONField(
        default=dict, blank=True, editable=False, help_text="Preferences such as keyboard shortcuts."
    )

    # The token of the current request, which limits the user's permissions; None in the browser.
    token: "Token | None" = None
    # The user's roles by corpus, as read so far by the current request to the API; None where each use reads them.
    roles: "dict[int, str | None] | None" = None

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class Token(models.Model):
    """A REST client's token. Only the SHA-256 of its key is stored; `prefix` identifies it in lists."""

    class Scope(models.TextChoices):
        """The most that a token allows, whatever its user's role."""

        READ = "read"
        ANNOTATE = "annotate"
        MANAGE = "manage"

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    scope = models.CharField(max_length=8, choices=Scope.choices, default=Scope.READ)
    corpus = models.ForeignKey(
        "articles.Corpus", models.CASCADE, null=True, blank=True, related_name="+", help_text="Empty for all corpora."
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True, help_text="Empty if it does not expire.")
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(scope__in=["read", "annotate", "manage"]), name="token_scope_known")
        ]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user}"


class Notice(models.Model):
    """Tells a user of something that a person or a job did. It refers to articles and comments, and holds no text.

    `address` is the path of the page about it.
    """

    class Kind(models.TextChoices):
        ASSIGNED = "assigned"
        MENTIONED = "mentioned"
        REPLIED = "replied"
        EXPORT_READY = "export ready"
        EXPORT_FAILED = "export failed"
        RUN_FAILED = "run failed"
        TRAINING_FAILED = "training failed"
        INVITATION_ACCEPTED = "invitation accepted"

    user = models.ForeignKey(User, models.CASCADE, related_name="notices", db_index=False)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    actor = models.ForeignKey(User, models.CASCADE, null=True, related_name="+", db_index=False)
    corpus = models.ForeignKey("articles.Corpus", models.CASCADE, null=True, related_name="+")
    article = models.ForeignKey("articles.Article", models.CASCADE, null=True, related_name="+")
    details: "models.JSONField[dict[str, str | int]]" = models.JSONField(
        default=dict, help_text="Values of its sentence, such as the format of an export."
    )
    address = models.CharField(max_length=500)
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    kind__in=[
                        "assigned",
                        "mentioned",
                        "replied",
                        "export ready",
                        "export failed",
                        "run failed",
                        "training failed",
                        "invitation accepted",
                    ]
                ),
                name="notice_kind_known",
            )
        ]
        indexes = [
            models.Index(fields=["user", "-id"], name="notice_newest"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notice_unread"),
            models.Index(fields=["read_at"], condition=Q(read_at__isnull=False), name="notice_by_age"),
        ]

    def __str__(self) -> str:
        """The sentence, in one line."""
        number, headline = int(self.details.get("articles", 1)), f"“{self.article.headline}”" if self.article else ""
        about = {
            "actor": self.actor or "Somebody",
            "corpus": self.corpus or "corpusapp",
            "article": headline or "an article",
            "articles": f"{number} articles" if number > 1 else headline or "an article",
            **{name: self.details.get(name, "") for name in ("format", "role")},
        }
        return " ".join(_SENTENCES[self.kind].format(**about).split())


_SENTENCES: dict[str, str] = {
    Notice.Kind.ASSIGNED: "{actor} assigned {articles} in {corpus} to you",
    Notice.Kind.MENTIONED: "{actor} mentioned you in a comment on {article}",
    Notice.Kind.REPLIED: "{actor} replied to a comment of yours on {article}",
    Notice.Kind.EXPORT_READY: "Your {format} export of {corpus} is ready",
    Notice.Kind.EXPORT_FAILED: "Your {format} export of {corpus} was not created",
    Notice.Kind.RUN_FAILED: "The suggestions that you requested in {corpus} failed",
    Notice.Kind.TRAINING_FAILED: "The training that you started in {corpus} failed",
    Notice.Kind.INVITATION_ACCEPTED: "{actor} accepted your invitation to {corpus}, as {role}",
}


class RateCount(models.Model):
    """A rate limit's counter, valid until `ends_at`. The table is unlogged: after a crash of the server it is empty."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
