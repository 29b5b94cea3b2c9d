"""The next article, assignment and presence over REST."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.assign import assign
from annotations.review.actions.presence import end_presence, record_presence
from annotations.review.api.articles import ASSIGNEE, read_article_filter
from annotations.review.api.records import counts_json
from annotations.review.api.serializers import CountsSerializer
from annotations.review.forms import FilterForm, chosen_filters
from annotations.review.models import Stage
from annotations.review.queries import own_decisions
from annotations.review.queries.assignment import get_assignee, usernames
from annotations.review.queries.open_pages import other_viewers, state_mark
from annotations.review.queries.work import ORDERS, next_to_review
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Article
from corpusapp.articles.permissions import get_article, get_corpus
from corpusapp.core.api.fields import NothingBody, StrictSerializer, Text, Whole, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, WRITE, problems, query
from corpusapp.core.errors import Invalid

_GREATEST = 2**63 - 1


class NextArticleSerializer(serializers.Serializer):
    article = serializers.IntegerField(allow_null=True, help_text="Null if there is no other article that is free.")


class PresenceSerializer(serializers.Serializer):
    here = serializers.ListField(
        child=serializers.CharField(), help_text="Usernames of others who have it open, at most 10."
    )
    mark = serializers.CharField(help_text="Changes whenever a span or the stage changes.")
    last = serializers.IntegerField(allow_null=True, help_text="Your decision that an undo would revert.")
    undone = serializers.IntegerField(allow_null=True, help_text="Your undo that a redo would revert.")


_FILTERS = ("q", "source", "stage", "label", "published_from", "published_to", "assignee")


@extend_schema(tags=["articles"])
class NextArticle(APIView):
    @extend_schema(
        operation_id="corpora_next",
        parameters=[
            query("order", "; ".join(f"`{name}`: {words}" for name, words in ORDERS.items()), enum=list(ORDERS)),
            query("filter", "ID of a saved filter, whose filters and order apply. No other filters then.", int),
            query("q", "Only matches of this full-text search."),
            query("source", "Name of a source."),
            query("stage", "Stage of the articles.", enum=Stage.values),
            query("label", "Articles with a span of this label."),
            query("published_from", "First day.", OpenApiTypes.DATE),
            query("published_to", "Last day.", OpenApiTypes.DATE),
            ASSIGNEE,
            query("after", "The current article, which is not offered again.", OpenApiTypes.INT64),
        ],
        responses={200: NextArticleSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Get the next article to work on.

        It is not done, and not open in another session. Articles that are assigned to you come first, then those of
        nobody. Those of others are only offered with `assignee`.
        """
        parameters = Parameters(request, "order", "filter", "after", *_FILTERS)
        corpus = get_corpus(request.user, slug)
        after = parameters.whole("after", 0, _GREATEST)
        saved = parameters.whole("filter", 1, _GREATEST)
        if saved is None:
            order = parameters.choice("order", list(ORDERS), "list")
            filters = read_article_filter(parameters, request.user, list(ORDERS))
        else:
            if named := next((name for name in _FILTERS if parameters.text(name)), None):
                raise Invalid("use either a saved filter or filter parameters, not both", field=named)
            given, _ = chosen_filters(request.user, corpus, {"filter": str(saved)})
            order = parameters.choice("order", list(ORDERS), given.pop("order", "list"))
            filters = FilterForm(given).article_filter(request.user)
        article = next_to_review(request.user, corpus, after=after, order=order, filters=filters)
        return Response({"article": article})


class AssignBody(StrictSerializer):
    """IDs of articles of the corpus, and who is to review them."""

    articles = serializers.ListField(child=Whole(), help_text="IDs of the articles to assign.")
    assignee = Text(allow_null=True, max_length=150, help_text="Username of an editor of the corpus; null for nobody.")


class AssignmentSerializer(CountsSerializer):
    articles = serializers.ListField(child=serializers.IntegerField(), help_text="Articles that were assigned.")
    assignee = serializers.CharField(allow_null=True)
    before = serializers.DictField(
        child=serializers.CharField(allow_null=True), help_text="Former assignee of each article, to undo it."
    )


@extend_schema(tags=["articles"])
class AssignArticles(APIView):
    @extend_schema(
        operation_id="corpora_assign",
        request=AssignBody,
        responses={200: AssignmentSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Two articles", {"articles": [3, 4], "assignee": "anna"}, request_only=True)],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Assign articles to an editor, who is offered them first, or to nobody.

        Managers assign any article to any editor. Editors take articles that nobody has, and give back their own.
        Articles that cannot be assigned are left out and reported. 409 if nothing is left to do.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        body = read(AssignBody, request.data)
        name = body["assignee"]
        assignee = None if name is None else get_assignee(request.user, name)
        result = assign(user=request.user, corpus=corpus, article_ids=body["articles"], assignee=assignee)
        before = result.assignment.before
        names = usernames([pk for pk in before.values() if pk])
        return Response(
            {
                "articles": [int(pk) for pk in before],
                "assignee": assignee.username if assignee else None,
                "before": {article: names.get(pk) for article, pk in before.items()},
                **counts_json(len(before), result.left_out),
            }
        )


@extend_schema(tags=["articles"])
class ArticlePresence(APIView):
    @extend_schema(operation_id="presence_retrieve", responses={200: PresenceSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Show who else has an article open.

        `mark` changes whenever the article does.
        """
        Parameters(request)
        return Response(_presence_json(request, get_article(request.user, pk)))

    @extend_schema(
        operation_id="presence_update", request=NothingBody, responses={200: PresenceSerializer, **problems(*WRITE)}
    )
    def put(self, request: ApiRequest, pk: int) -> Response:
        """Report that you have an article open, so that nobody else is offered it.

        Valid for a minute: repeat it while the article stays open.
        """
        Parameters(request)
        article = get_article(request.user, pk)
        read(NothingBody, request.data)
        record_presence(user=request.user, article=article)
        return Response(_presence_json(request, article))

    @extend_schema(operation_id="presence_destroy", request=None, responses={204: None, **problems(*WRITE)})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Report that you closed an article.

        It can then be offered to others at once.
        """
        Parameters(request)
        end_presence(user=request.user, article=get_article(request.user, pk))
        return Response(status=204)


def _presence_json(request: ApiRequest, article: Article) -> dict[str, Any]:
    own = dict(zip(("last", "undone"), own_decisions(request.user, article), strict=True))
    return {
        "here": [user.username for user in other_viewers(request.user, article)],
        "mark": state_mark(article),
        **{name: decision.pk if decision else None for name, decision in own.items()},
    }
