"""Addresses that are told of what happens in a corpus, and what became of each telling."""

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from corpusapp.articles.models import Corpus


class Webhook(models.Model):
    """An address that gets a corpus's events in their order, each at least once."""

    corpus = models.ForeignKey(Corpus, models.CASCADE, related_name="webhooks")
    url = models.CharField("URL", max_length=2000)
    secret = models.CharField(max_length=100, editable=False, help_text="Signs what is sent. Shown where it is made.")
    active = models.BooleanField(default=True)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    position = models.BigIntegerField(default=0, editable=False, help_text="Of the last event that arrived.")
    failures = models.PositiveIntegerField(default=0, editable=False, help_text="In a row.")
    next_at = models.DateTimeField(null=True, editable=False, help_text="Not before; empty for at once.")

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.url} of {self.corpus}"


class Delivery(models.Model):
    """One request to a webhook's address."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="deliveries", db_index=False)
    at = models.DateTimeField(db_default=Now())
    events = models.PositiveIntegerField()
    attempt = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, help_text="HTTP; empty where no answer came.")
    error = models.CharField(max_length=300, blank=True)
    milliseconds = models.PositiveIntegerField()

    class Meta:
        ordering = ["-id"]
        verbose_name_plural = "deliveries"
        indexes = [models.Index(fields=["webhook", "-id"], name="delivery_newest")]

    def __str__(self) -> str:
        return f"{self.events} events to {self.webhook_id}: {self.status or self.error}"
