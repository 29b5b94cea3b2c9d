"""REST API to withdraw, restore and erase articles and corpora."""

from functools import partial
from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.erase import erase_articles, erase_corpus, preview_erasure
from corpusapp.articles.actions.withdraw import restore_articles, restore_corpus, withdraw_articles, withdraw_corpus
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.permissions import find_article, find_corpus, get_corpus
from corpusapp.articles.ports import Holding
from corpusapp.articles.queries import withdrawn_page
from corpusapp.core.api.fields import Flag, NothingBody, StrictSerializer, Text, read
from corpusapp.core.api.pagination import ListPage, list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, READ, WRITE, problems
from corpusapp.core.errors import Conflict, Invalid


class ErasureItemSerializer(serializers.Serializer):
    what = serializers.CharField()
    count = serializers.IntegerField()


class ErasurePreviewSerializer(serializers.Serializer):
    goes = ErasureItemSerializer(many=True, help_text="What would be erased, permanently.")
    stays = ErasureItemSerializer(many=True, help_text="What would be kept, and in what form.")


class ArticleWithdrawalSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    withdrawn = serializers.BooleanField()


class WithdrawnArticleSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    headline = serializers.CharField()
    external_id = serializers.CharField(allow_blank=True)
    url = serializers.CharField(allow_blank=True)
    withdrawn_at = serializers.DateTimeField()


class WithdrawnPage(ListPage):
    results = WithdrawnArticleSerializer(many=True)


class ErasureResultSerializer(serializers.Serializer):
    articles = serializers.IntegerField(help_text="Number of erased articles.")


class EraseBody(StrictSerializer):
    confirm = Flag(help_text="true: confirms that you read what is erased, and that it cannot be undone.")


class EraseCorpusBody(StrictSerializer):
    slug = Text(help_text="The slug of the corpus again, as confirmation.")


_ACCOUNT = OpenApiExample(
    "What is removed, and what is kept",
    {
        "goes": [{"what": "articles", "count": 1}, {"what": "spans", "count": 40}],
        "stays": [{"what": "log entries: who decided what, when and at which offsets, without the text", "count": 9}],
    },
    response_only=True,
    status_codes=["200"],
)


@extend_schema(tags=["articles"])
class WithdrawArticle(APIView):
    @extend_schema(
        operation_id="articles_withdraw",
        request=NothingBody,
        responses={200: ArticleWithdrawalSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Hide an article everywhere until it is restored.

        For managers. Clients of the feed remove it.
        """
        Parameters(request)
        article = find_article(request.user, pk)
        read(NothingBody, request.data)
        if not withdraw_articles(user=request.user, corpus=article.corpus, article_ids=[pk]):
            raise Conflict(f"article {pk} is already withdrawn")
        return Response({"article": pk, "withdrawn": True})


@extend_schema(tags=["articles"])
class WithdrawnArticles(APIView):
    @extend_schema(
        operation_id="articles_withdrawn", parameters=CURSOR, responses={200: WithdrawnPage, **problems(*READ, 403)}
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the withdrawn articles of a corpus, which can be restored, newest first.

        For managers. Those of a withdrawn corpus come back with it instead.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug, Role.MANAGER)
        return list_response(request, parameters, partial(withdrawn_page, corpus), _withdrawn_json)


@extend_schema(tags=["articles"])
class RestoreArticle(APIView):
    @extend_schema(
        operation_id="articles_restore",
        request=NothingBody,
        responses={200: ArticleWithdrawalSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Restore a withdrawn article.

        For managers. The feed sends it again. An erased article cannot be restored.
        """
        Parameters(request)
        article = _not_erased(find_article(request.user, pk))
        read(NothingBody, request.data)
        if not restore_articles(user=request.user, corpus=article.corpus, article_ids=[pk]):
            raise Conflict(f"article {pk} is not withdrawn")
        return Response({"article": pk, "withdrawn": False})


@extend_schema(tags=["articles"])
class EraseArticle(APIView):
    @extend_schema(
        operation_id="articles_erase_preview",
        responses={200: ErasurePreviewSerializer, **problems(*READ, 403, 409)},
        examples=[_ACCOUNT],
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Preview what erasing an article removes and keeps.

        For managers. Changes nothing.
        """
        Parameters(request)
        article = _not_erased(find_article(request.user, pk))
        return Response(_preview_json(preview_erasure(user=request.user, corpus=article.corpus, article_ids=[pk])))

    @extend_schema(
        operation_id="articles_erase", request=EraseBody, responses={200: ErasureResultSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Erase an article with its original, its spans and everything else that contains its text.

        For managers. Cannot be undone. Only its id remains: in the log, which contains offsets and no text, and in the
        feed, as `article.erased`.
        """
        Parameters(request)
        article = _not_erased(find_article(request.user, pk))
        if not read(EraseBody, request.data)["confirm"]:
            raise Invalid("confirm must be true: it confirms that erasing cannot be undone", field="confirm")
        return Response({"articles": erase_articles(user=request.user, corpus=article.corpus, article_ids=[pk])})


@extend_schema(tags=["corpora"])
class EraseCorpus(APIView):
    @extend_schema(
        operation_id="corpora_erase_preview",
        responses={200: ErasurePreviewSerializer, **problems(*READ, 403)},
        examples=[_ACCOUNT],
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Preview what erasing a corpus removes and keeps.

        For managers. Changes nothing.
        """
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        return Response(
            _preview_json(preview_erasure(user=request.user, corpus=corpus, article_ids=_all_articles(corpus)))
        )

    @extend_schema(
        operation_id="corpora_erase",
        request=EraseCorpusBody,
        responses={200: ErasureResultSerializer, **problems(*WRITE)},
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Erase a corpus with its articles, guidelines, exports and models.

        For managers. Cannot be undone. Everything goes but its slug and the log.
        """
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        given = read(EraseCorpusBody, request.data)["slug"]
        return Response({"articles": erase_corpus(user=request.user, corpus=corpus, slug=given)})


def _all_articles(corpus: Corpus) -> list[int]:
    return list(Article.objects.filter(corpus=corpus, erased_at=None).order_by("pk").values_list("pk", flat=True))


def _not_erased(article: Article) -> Article:
    if article.erased_at is not None:
        raise Conflict(f"article {article.pk} was erased permanently")
    return article


def _withdrawn_json(article: Article) -> dict[str, Any]:
    names = ("headline", "external_id", "url", "withdrawn_at")
    return {"article": article.pk, **{name: getattr(article, name) for name in names}}


def _preview_json(holdings: list[Holding]) -> dict[str, Any]:
    of_kind = {
        goes: [{"what": one.what, "count": one.count} for one in holdings if one.goes is goes] for goes in (True, False)
    }
    return {"goes": of_kind[True], "stays": of_kind[False]}


class CorpusWithdrawalSerializer(serializers.Serializer):
    corpus = serializers.CharField()
    withdrawn = serializers.BooleanField()


def _example(withdrawn: bool) -> OpenApiExample:
    value = {"corpus": "desk", "withdrawn": withdrawn}
    return OpenApiExample("A corpus", value, response_only=True, status_codes=["200"])


@extend_schema(tags=["corpora"])
class WithdrawCorpus(APIView):
    @extend_schema(
        operation_id="corpora_withdraw",
        request=NothingBody,
        responses={200: CorpusWithdrawalSerializer, **problems(*WRITE)},
        examples=[_example(True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Hide a corpus and everything in it until it is restored.

        For managers. Clients of the feed remove it. Waiting imports, suggestions and exports wait until then. Managers
        find it at `corpora/?withdrawn=1`.
        """
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        read(NothingBody, request.data)
        withdraw_corpus(user=request.user, corpus=corpus)
        return Response({"corpus": slug, "withdrawn": True})


@extend_schema(tags=["corpora"])
class RestoreCorpus(APIView):
    @extend_schema(
        operation_id="corpora_restore",
        request=NothingBody,
        responses={200: CorpusWithdrawalSerializer, **problems(*WRITE)},
        examples=[_example(False)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Restore a withdrawn corpus.

        For managers. The feed sends it again. Articles withdrawn on their own stay withdrawn.
        """
        Parameters(request)
        corpus = find_corpus(request.user, slug)
        read(NothingBody, request.data)
        restore_corpus(user=request.user, corpus=corpus)
        return Response({"corpus": slug, "withdrawn": False})
