"""Decisions over REST: decide, confirm shown, apply to matches, undo, finish, reopen, and the log."""

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.apply_to_matches import apply_to_matches, preview_matches
from annotations.review.actions.choices import ShownMatch
from annotations.review.actions.confirm_shown import confirm_shown
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, finish_many, reopen, reopen_many
from annotations.review.actions.undo import undo
from annotations.review.api.bodies import (
    ApplyToMatchesBody,
    ConfirmShownBody,
    DecisionsBody,
    FinishBody,
    IdempotencyKeyBody,
    NamedArticlesBody,
    PreviewMatchesBody,
    choice_of,
    client_key,
    decision_response,
    entities_by_span,
    named_articles,
    revisions_by_span,
)
from annotations.review.api.records import counts_json, decision_json, decision_result_json, matches_json, review_json
from annotations.review.api.serializers import (
    DecisionPage,
    DecisionResultSerializer,
    FinishSerializer,
    MatchesSerializer,
    ReopenedSerializer,
    StageSerializer,
)
from annotations.review.queries import article_log, get_decision
from annotations.review.queries.record import review_of
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_article, get_corpus
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.pagination import list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, READ, REPLAYED, WRITE, problems

_DECISION_RESPONSES: dict[Any, Any] = {201: DecisionResultSerializer, 200: DecisionResultSerializer, **problems(*WRITE)}


@extend_schema(tags=["decisions"])
class ArticleDecisions(APIView):
    @extend_schema(operation_id="decisions_list", parameters=CURSOR, responses={200: DecisionPage, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the decisions on an article, oldest first.

        Replaying their changes gives every decided span.
        """
        parameters = Parameters(request, "cursor", "limit")
        article = get_article(request.user, pk)
        return list_response(
            request, parameters, partial(article_log, article), lambda decision: decision_json(decision, article)
        )

    @extend_schema(
        operation_id="decisions_create",
        parameters=ONCE,
        request=DecisionsBody,
        responses={**_DECISION_RESPONSES, **problems(428)},
        examples=[
            OpenApiExample(
                "Three verbs in one decision",
                {
                    "idempotency_key": "0b9e7f52-7d0c-4c39-a6a4-6a35a1d38c11",
                    "decisions": [
                        {"verb": "confirm", "span": 7, "revision": 1},
                        {"verb": "relabel", "span": 8, "revision": 2, "label": "GPE"},
                        {"verb": "add", "start": 31, "end": 36, "label": "PERSON"},
                    ],
                },
                request_only=True,
            )
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Apply several verbs to the spans of an article as one decision, all or none.

        Each verb names its span and the revision that was seen. Repeating the key gives 200 with the same decision. 409
        shows the current state of a span that changed since. For editors.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        body = read(DecisionsBody, request.data)
        choices = [choice_of(choice) for choice in body["decisions"]]
        result = decide(user=request.user, article=article, choices=choices, client_key=client_key(request, body))
        return decision_response(result)


@extend_schema(tags=["decisions"])
class ConfirmShown(APIView):
    @extend_schema(
        operation_id="articles_confirm", parameters=ONCE, request=ConfirmShownBody, responses=_DECISION_RESPONSES
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Confirm the suggestions that were shown.

        Each is named with the revision that was seen. Those that changed since are left out and reported. For editors.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        body = read(ConfirmShownBody, request.data)
        result = confirm_shown(
            user=request.user,
            article=article,
            shown=revisions_by_span(body["shown"]),
            entities=entities_by_span(body["shown"]),
            client_key=client_key(request, body),
        )
        return decision_response(result)


@extend_schema(tags=["decisions"])
class UndoDecision(APIView):
    @extend_schema(
        operation_id="decisions_undo", parameters=ONCE, request=IdempotencyKeyBody, responses=_DECISION_RESPONSES
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Undo a decision with a new one.

        Spans that changed since stay unchanged and are reported. For its author and managers.
        """
        Parameters(request)
        decision = get_decision(request.user, pk)
        body = read(IdempotencyKeyBody, request.data)
        result = undo(user=request.user, decision=decision, client_key=client_key(request, body))
        return decision_response(result)


@extend_schema(tags=["articles"])
class FinishArticle(APIView):
    @extend_schema(
        operation_id="articles_finish",
        parameters=ONCE,
        request=FinishBody,
        responses={200: FinishSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Mark an article done and confirm the suggestions in `shown`, as one decision with one undo.

        So are the links to the entities that were shown with spans. Repeating the key gives the same decision, even if
        other suggestions are shown by then.
        """
        Parameters(request)
        article = get_article(request.user, pk, text=False)
        body = read(FinishBody, request.data)
        listed, key = body.get("shown", []), client_key(request, body)
        result = finish(
            user=request.user,
            article=article,
            shown=revisions_by_span(listed) or None,
            entities=entities_by_span(listed, body.get("entities", [])),
            client_key=key,
        )
        review, _ = review_of(request.user, pk)
        body = {**review_json(review), "stroke": decision_result_json(result)}
        return Response(body, headers=REPLAYED if result.repeated else {})


@extend_schema(tags=["articles"])
class FinishMany(APIView):
    @extend_schema(
        operation_id="corpora_finish",
        parameters=ONCE,
        request=NamedArticlesBody,
        responses=_DECISION_RESPONSES,
        examples=[OpenApiExample("Three articles", {"articles": [3, 4, 7]}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Mark articles done as one decision with one undo.

        Their suggestions stay undecided. Articles that are done or withdrawn are left out and reported: `complete` says
        whether all were marked. With `all_or_none`, nothing is done if one would be left out. 409 if nothing is left to
        do.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        body = read(NamedArticlesBody, request.data)
        key = client_key(request, body)
        return decision_response(finish_many(user=request.user, corpus=corpus, client_key=key, **named_articles(body)))


@extend_schema(tags=["articles"])
class ReopenMany(APIView):
    @extend_schema(
        operation_id="corpora_reopen",
        parameters=ONCE,
        request=NamedArticlesBody,
        responses={200: ReopenedSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Two articles", {"external_ids": ["a-17", "a-18"]}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Reopen done articles. To undo it, finish them again.

        Articles that are not done are left out and reported: `complete` says whether all were reopened. With
        `all_or_none`, nothing is done if one would be left out. 409 if nothing is left to do.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        body = read(NamedArticlesBody, request.data)
        key = client_key(request, body)
        result = reopen_many(user=request.user, corpus=corpus, client_key=key, **named_articles(body))
        counts = counts_json(len(result.articles), result.left_out)
        return Response({"articles": result.articles, **counts}, headers=REPLAYED if result.repeated else {})


@extend_schema(tags=["articles"])
class ReopenArticle(APIView):
    @extend_schema(
        operation_id="articles_reopen", request=NothingBody, responses={200: StageSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Reopen a done article.

        Its decisions stay. 409 if it is not done. For editors.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        read(NothingBody, request.data)
        reopen(user=request.user, article=article)
        return Response(review_json(review_of(request.user, pk)[0]))


_RELABEL = {"verb": "relabel", "span": 8, "revision": 1, "label": "PERSON"}
_ADD = {"verb": "add", "start": 31, "end": 36, "label": "PERSON"}


@extend_schema(tags=["decisions"])
class PreviewAlike(APIView):
    @extend_schema(
        operation_id="articles_alike_preview",
        request=PreviewMatchesBody,
        responses={200: MatchesSerializer, **problems(*WRITE, 428)},
        examples=[
            OpenApiExample("Matches of a span", {"choice": _RELABEL, "scope": "corpus"}, request_only=True),
            OpenApiExample("Matches of a place", {"choice": _ADD, "scope": "article"}, request_only=True),
        ],
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Preview the spans that a verb could also be applied to, in context.

        Changes nothing. Matches are the other suggested spans with the same words and label in articles that are not
        done. For `move`, the moved range must contain the same words. For `add`: other places of the same whole words
        without a span, outside boilerplate, where the same span was not rejected.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        body = read(PreviewMatchesBody, request.data)
        corpus = body["scope"] == "corpus"
        found = preview_matches(user=request.user, article=article, choice=choice_of(body["choice"]), corpus=corpus)
        summary = {"surface": found.surface, "scope": body["scope"], "count": found.count, "truncated": found.truncated}
        return Response({**summary, "matches": matches_json(found.rows, linked=article.corpus.entities_enabled)})


@extend_schema(tags=["decisions"])
class ApplyAlike(APIView):
    @extend_schema(
        operation_id="articles_alike",
        parameters=ONCE,
        request=ApplyToMatchesBody,
        responses={201: DecisionResultSerializer, 200: DecisionResultSerializer, **problems(*WRITE, 428)},
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
        body = read(ApplyToMatchesBody, request.data)
        result = apply_to_matches(
            user=request.user,
            article=article,
            choice=choice_of(body["choice"]),
            shown=[ShownMatch(**match) for match in body["matches"]],
            client_key=client_key(request, body),
        )
        return decision_response(result)
