"""Users, their tokens, and the counters of rate limits."""

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Q

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


class RateCount(models.Model):
    """A rate limit's counter, valid until `ends_at`. The table is unlogged: after a crash of the server it is empty."""

    key = models.CharField(max_length=100, primary_key=True)
    count = models.PositiveIntegerField()
    ends_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.key}: {self.count}"
