"""Webhooks and their deliveries, for managers."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import path
from django.views.decorators.http import require_POST

from annotations.feed.actions.deliver import send_test
from annotations.feed.actions.webhooks import create_webhook, remove_webhook, switch_webhook
from annotations.feed.models import Delivery, Webhook
from corpusapp.accounts.requests import user_of
from corpusapp.articles.admin.filters import CorpusFilter
from corpusapp.core.admin.scoped import ScopedAdmin
from corpusapp.core.errors import Refusal


@admin.register(Webhook)
class WebhookAdmin(ScopedAdmin):
    """The secret is shown once, when a webhook is created."""

    can_add = can_change = can_delete = True
    list_display = ("url", "corpus", "active", "failures", "next_at", "created_at")
    list_filter = (CorpusFilter, "active")
    list_select_related = ("corpus",)
    search_fields = ("url",)
    autocomplete_fields = ("corpus",)

    def get_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        if obj is None:
            return ("corpus", "url")
        return ("corpus", "url", "active", "failures", "next_at", "created_at")

    def get_readonly_fields(self, request: HttpRequest, obj: Webhook | None = None) -> tuple[str, ...]:
        return () if obj is None else ("corpus", "url", "failures", "next_at", "created_at")

    def perform_add(self, request: HttpRequest, values: dict[str, Any]) -> Model:
        webhook = create_webhook(user=user_of(request), **values)
        self.message_user(request, f"Copy the secret now, it is shown only once: {webhook.secret}", messages.WARNING)
        return webhook

    def perform_change(self, request: HttpRequest, obj: Webhook, values: dict[str, Any]) -> Model:
        return switch_webhook(user=user_of(request), webhook=obj, **values)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(require_POST(self.test))
        return [path("<int:pk>/test/", view, name="feed_webhook_test"), *super().get_urls()]

    def test(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Send a test, and show what came of it on the page of the webhook."""
        webhook = get_object_or_404(self.get_queryset(request), pk=pk)
        try:
            delivery = send_test(user=user_of(request), webhook=webhook)
        except Refusal as refusal:
            self.message_user(request, f"No test was sent: {refusal.detail}", messages.ERROR)
        else:
            level = messages.SUCCESS if delivery.is_success else messages.ERROR
            self.message_user(request, f"A test was sent to {webhook.url}: {delivery.outcome}", level)
        return redirect("admin:feed_webhook_change", pk)

    def perform_delete(self, request: HttpRequest, obj: Webhook) -> None:
        remove_webhook(user=user_of(request), webhook=obj)


@admin.register(Delivery)
class DeliveryAdmin(ScopedAdmin):
    corpus_path = "webhook__corpus_id"
    list_display = ("at", "webhook", "events", "is_test", "attempt", "status", "error", "milliseconds")
    list_filter = (CorpusFilter, "at")
    list_select_related = ("webhook__corpus",)
    search_fields = ("webhook__url", "error")
    fields = ("webhook", "at", "events", "is_test", "attempt", "status", "error", "milliseconds")
