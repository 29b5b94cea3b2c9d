"""Apply to all like over REST: what is alike, each in its context, and the decision that corrects it all."""

from dataclasses import asdict

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.apply_to_matches import apply_to_matches, preview_matches
from annotations.review.actions.choices import ShownMatch
from annotations.review.api.bodies import AlikeBody, ApplyAlikeBody, choice_of, client_key, decision_response
from annotations.review.api.serializers import AlikeShape, StrokeShape
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article
from corpusapp.core.api.fields import read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, WRITE, problems

_RELABEL = {"verb": "relabel", "span": 8, "revision": 1, "label": "PERSON"}
_ADD = {"verb": "add", "start": 31, "end": 36, "label": "PERSON"}


@extend_schema(tags=["decisions"])
class PreviewAlike(APIView):
    @extend_schema(
        operation_id="articles_alike_preview",
        request=AlikeBody,
        responses={200: AlikeShape, **problems(*WRITE, 428)},
        examples=[
            OpenApiExample("Matches of a span", {"choice": _RELABEL, "scope": "corpus"}, request_only=True),
            OpenApiExample("Matches of a place", {"choice": _ADD, "scope": "article"}, request_only=True),
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Preview the spans that a verb could also be applied to, in context. Changes nothing.

        Matches are the other suggested spans with the same words and label in articles that are not done. For `move`,
        the moved range must contain the same words. For `add`: other places of the same whole words without a span,
        outside boilerplate, where the same span was not rejected.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        body = read(AlikeBody, request.data)
        corpus = body["scope"] == "corpus"
        found = preview_matches(user=request.user, article=article, choice=choice_of(body["choice"]), corpus=corpus)
        summary = {"surface": found.surface, "scope": body["scope"], "count": found.count, "truncated": found.truncated}
        return Response({**summary, "matches": [asdict(row) for row in found.rows]})


@extend_schema(tags=["decisions"])
class ApplyAlike(APIView):
    @extend_schema(
        operation_id="articles_alike",
        parameters=ONCE,
        request=ApplyAlikeBody,
        responses={201: StrokeShape, 200: StrokeShape, **problems(*WRITE, 428)},
        examples=[
            OpenApiExample(
                "A span and its matches",
                {
                    "idempotency_key": "5a0f6f0e-0f52-4f0b-9a55-3f8f4f0f0d0e",
                    "choice": _RELABEL,
                    "matches": [{"article": 3, "span": 9, "revision": 1}, {"article": 4, "span": 12, "revision": 2}],
                },
                request_only=True,
            ),
            OpenApiExample(
                "A new span and its matches",
                {"choice": _ADD, "matches": [{"article": 4, "start": 0, "end": 5}]},
                request_only=True,
            ),
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Apply a verb to a span and to the matching spans that were shown, as one decision with one undo.

        Spans that changed since are left out and reported. If the verb on the first span is refused, nothing is done.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        body = read(ApplyAlikeBody, request.data)
        result = apply_to_matches(
            user=request.user,
            article=article,
            choice=choice_of(body["choice"]),
            shown=[ShownMatch(**match) for match in body["matches"]],
            client_key=client_key(request, body),
        )
        return decision_response(result)
