"""People, and the tokens by which their programs act for them."""

from django.contrib.auth.models import AbstractUser
from django.db import models


class User(AbstractUser):
    """A person; or, where `is_system` is set, the desk's own command line, which cannot sign in."""

    is_system = models.BooleanField("system account", default=False, editable=False)
    preferences = models.JSONField(default=dict, blank=True, editable=False, help_text="Such as the keys chosen.")

    def __str__(self) -> str:
        return self.get_full_name() or self.username


class TokenQuerySet(models.QuerySet["Token"]):
    def live(self) -> "TokenQuerySet":
        return self.filter(revoked_at=None, user__is_active=True)


class Token(models.Model):
    """A REST client's key. Only its SHA-256 is kept; `prefix` tells tokens apart in lists."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100, blank=True)
    prefix = models.CharField(max_length=16)
    digest = models.BinaryField(max_length=32, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = TokenQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.prefix}… of {self.user}"
