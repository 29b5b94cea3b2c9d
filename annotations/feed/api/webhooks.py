"""Webhooks over REST, for managers."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.feed.actions.deliver import send_test
from annotations.feed.actions.webhooks import create_webhook, remove_webhook, switch_webhook
from annotations.feed.models import Delivery, Webhook
from annotations.feed.queries import get_webhook
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import Flag, NothingBody, StrictSerializer, Text, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, WRITE, problems


class WebhookSerializer(serializers.Serializer):
    id = serializers.IntegerField()
    url = serializers.CharField()
    active = serializers.BooleanField(help_text="False: nothing is sent. Also set after days of failures.")
    failures = serializers.IntegerField(help_text="Consecutive failures.")
    next_at = serializers.DateTimeField(allow_null=True, help_text="Time of the next attempt.")
    created_at = serializers.DateTimeField()


class WebhookPage(ListPage):
    results = WebhookSerializer(many=True)


class NewWebhookSerializer(WebhookSerializer):
    secret = serializers.CharField(
        help_text="Shown only once. `Corpusapp-Signature` is `v1=` and the hexadecimal HMAC-SHA256, with this secret, "
        "of `Corpusapp-Timestamp`, a dot, and the body."
    )


class DeliverySerializer(serializers.Serializer):
    id = serializers.IntegerField()
    at = serializers.DateTimeField()
    test = serializers.BooleanField(help_text="Whether it was a test, which has no events.")
    events = serializers.IntegerField()
    attempt = serializers.IntegerField()
    status = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    milliseconds = serializers.IntegerField()


class DeliveryPage(ListPage):
    results = DeliverySerializer(many=True)


class NewWebhookBody(StrictSerializer):
    url = Text()


class WebhookBody(StrictSerializer):
    active = Flag()


@extend_schema(tags=["webhooks"])
class CorpusWebhooks(APIView):
    @extend_schema(operation_id="webhooks_list", responses={200: WebhookPage, **problems(400, 401, 403, 404)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the webhooks of a corpus, newest first.

        For managers. Secrets are not shown again.
        """
        Parameters(request)
        corpus = _managed(request, slug)
        return whole_list(webhook_json(webhook) for webhook in Webhook.objects.filter(corpus=corpus))

    @extend_schema(
        operation_id="webhooks_create",
        parameters=ONCE,
        request=NewWebhookBody,
        responses={201: NewWebhookSerializer, **problems(*WRITE, 410)},
        examples=[OpenApiExample("Webhook", {"url": "https://example.org/desk"}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Create a webhook.

        New events of the corpus are posted to an address, as in the feed and in its order, signed, each at least once.
        Failed requests are retried with longer pauses until the response is 200 to 299.
        """
        Parameters(request)
        corpus = _managed(request, slug)
        values = read(NewWebhookBody, request.data)

        def show(webhook: Webhook, status: int) -> Response:
            webhook.refresh_from_db()
            return Response({**webhook_json(webhook), "secret": webhook.secret}, status=status)

        return create(
            request,
            make=lambda: (create_webhook(user=request.user, corpus=corpus, **values), 201),
            find=lambda pk: get_webhook(corpus, pk),
            show=show,
        )


@extend_schema(tags=["webhooks"])
class WebhookDetail(APIView):
    @extend_schema(operation_id="webhooks_retrieve", responses={200: WebhookSerializer, **problems(400, 401, 403, 404)})
    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Get a webhook.

        For managers. `failures` and `next_at` tell how the last requests to its address went.
        """
        Parameters(request)
        return Response(webhook_json(get_webhook(_managed(request, slug), pk)))

    @extend_schema(
        operation_id="webhooks_update", request=WebhookBody, responses={200: WebhookSerializer, **problems(*WRITE)}
    )
    def patch(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Stop sending, or resume at once from where it stopped.

        For managers. Nothing is lost in between: the events since then follow in their order.
        """
        Parameters(request)
        webhook = get_webhook(_managed(request, slug), pk)
        webhook = switch_webhook(user=request.user, webhook=webhook, **read(WebhookBody, request.data))
        return Response(webhook_json(webhook))

    @extend_schema(operation_id="webhooks_destroy", responses={204: None, **problems(400, 401, 403, 404)})
    def delete(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Delete a webhook and its log.

        For managers. Nothing more is sent to its address.
        """
        Parameters(request)
        remove_webhook(user=request.user, webhook=get_webhook(_managed(request, slug), pk))
        return Response(status=204)


@extend_schema(tags=["webhooks"])
class WebhookTest(APIView):
    @extend_schema(
        operation_id="webhooks_test",
        request=None,
        responses={200: DeliverySerializer, **problems(400, 401, 403, 404, 409, 429)},
    )
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Send a test.

        A signed request with one event of type `ping` is sent at once, and once. The response says what came of it,
        also if nothing was received. At most 10 a minute.
        """
        Parameters(request)
        webhook = get_webhook(_managed(request, slug), pk)
        read(NothingBody, request.data)
        delivery = send_test(user=request.user, webhook=webhook)
        return Response(_delivery_json(delivery))


@extend_schema(tags=["webhooks"])
class WebhookDeliveries(APIView):
    @extend_schema(
        operation_id="webhooks_deliveries",
        responses={200: DeliveryPage, **problems(400, 401, 403, 404)},
    )
    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """List the last 200 requests to the address of a webhook, newest first.

        For managers. `status` is null where there was no response; `error` says why.
        """
        Parameters(request)
        webhook = get_webhook(_managed(request, slug), pk)
        return whole_list(_delivery_json(delivery) for delivery in webhook.deliveries.all()[:200])


def _managed(request: ApiRequest, slug: str) -> Corpus:
    return get_corpus(request.user, slug, Role.MANAGER)


def webhook_json(webhook: Webhook) -> dict[str, Any]:
    names = ("url", "active", "failures", "next_at", "created_at")
    return {"id": webhook.pk, **{name: getattr(webhook, name) for name in names}}


def _delivery_json(delivery: Delivery) -> dict[str, Any]:
    names = ("at", "events", "attempt", "status", "error", "milliseconds")
    return {"id": delivery.pk, "test": delivery.is_test, **{name: getattr(delivery, name) for name in names}}
