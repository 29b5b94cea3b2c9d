"""The change feed over REST."""

from typing import TYPE_CHECKING

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.feed.actions.number_events import number_events
from annotations.feed.queries import DEFAULT_SIZE, LATEST, MAX_SIZE, read_changes
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems, query

if TYPE_CHECKING:
    from corpusapp.accounts.models import User
from rest_framework import serializers

from annotations.feed.models import Kind


class FeedSpan(serializers.Serializer):
    """A span as the change left it; of one that is no more, `id` and `state` alone."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(required=False, help_text="In code points.")
    end = serializers.IntegerField(required=False, help_text="In code points, exclusive.")
    label = serializers.CharField(required=False)
    text = serializers.CharField(required=False)
    state = serializers.ChoiceField(
        choices=["confirmed", "rejected", "suggested", "gone"],
        help_text="`suggested`: its decision was undone. `gone`: its addition was.",
    )
    revision = serializers.IntegerField(required=False)


class FeedZone(serializers.Serializer):
    id = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.CharField()


class FeedAbout(serializers.Serializer):
    external_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    length = serializers.IntegerField(help_text="In code points.")
    version = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True, help_text="The article that it is a new version of.")


class FeedLabel(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.CharField()
    position = serializers.IntegerField()


class ChangeEventShape(serializers.Serializer):
    """One event. What it says beside what happened depends on its type."""

    cursor = serializers.UUIDField(help_text="Send it as `after` to go on behind this event.")
    type = serializers.ChoiceField(choices=Kind.values)
    corpus = serializers.CharField()
    article = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(allow_null=True, help_text="Null where a machine did it.")
    at = serializers.DateTimeField()
    withheld = serializers.BooleanField(
        required=False,
        help_text="The article or its corpus is withdrawn now, or erased: nothing more is told of this.",
    )
    offsets = serializers.ChoiceField(choices=["code points"], required=False)
    about = FeedAbout(required=False)
    zones = FeedZone(many=True, required=False, help_text="All that stand now, in place of those before.")
    stage = serializers.CharField(required=False)
    label = FeedLabel(required=False)
    decision = serializers.IntegerField(required=False)
    verb = serializers.CharField(required=False)
    span = FeedSpan(required=False)


class ChangePage(serializers.Serializer):
    results = ChangeEventShape(many=True)
    cursor = serializers.CharField(help_text="Keep it: `after` of the next request. Empty before the first event.")
    more = serializers.BooleanField(help_text="Whether to ask again at once.")
    next = serializers.CharField(help_text="The address of the next request.")


_CURSOR = "0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d"
_EVENT = {
    "cursor": _CURSOR,
    "type": "span",
    "corpus": "desk",
    "article": 1,
    "user": "anna",
    "at": "2018-09-03T10:00:00Z",
    "decision": 12,
    "verb": "confirm",
    "offsets": "code points",
    "span": {"id": 7, "start": 0, "end": 5, "label": "PERSON", "text": "Zarif", "state": "confirmed", "revision": 2},
}
_EXAMPLE = OpenApiExample(
    "A span was confirmed",
    {"results": [_EVENT], "cursor": _CURSOR, "more": False, "next": f"/api/v1/changes/?after={_CURSOR}"},
    response_only=True,
    status_codes=["200"],
)


@extend_schema(tags=["changes"])
class ChangeFeed(APIView):
    @extend_schema(
        operation_id="changes_list",
        parameters=[
            query(
                "after",
                f"The `cursor` of the last answer; nothing for the beginning; `{LATEST}` for the end.",
                allow_blank=True,
            ),
            query("corpus", "The slug of a corpus; all that you see by default."),
            query("limit", f"How many at most: 1 to {MAX_SIZE}, {DEFAULT_SIZE} by default.", OpenApiTypes.INT),
        ],
        responses={200: ChangePage, **problems(*READ, 410)},
        examples=[_EXAMPLE],
    )
    def get(self, request: Request) -> Response:
        """What happened, in one fixed order in which nothing ever appears behind a cursor that was given.

        Keep `cursor` and send it as `after`: a client that applies each event in turn holds an exact copy of the
        articles, their stages and zones, the labels, and the decided spans. Texts never change: read them once at
        `/articles/{id}/`. A withdrawn article is to be forgotten; a restored one comes again whole, its decided spans
        behind it. An erased one is to be deleted wherever its words were copied to. `corpus.withdrawn` and
        `corpus.erased` say the same of all of a corpus, its labels included, whose members are then told of nothing
        else; after `corpus.restored` its labels and articles come again whole. A corpus that you were let into later
        is followed from its beginning by `corpus=`.
        """
        parameters = Parameters(request, "after", "corpus", "limit", blank=["after"])
        slug, size = parameters.text("corpus"), parameters.whole("limit", 1, MAX_SIZE) or DEFAULT_SIZE
        corpora = _followed(request.user, slug)
        number_events()
        page = read_changes(corpora=corpora, after=parameters.text("after"), size=size)
        following = request.query_params.copy()
        following["after"] = page.cursor
        link = request.build_absolute_uri(f"{request.path}?{following.urlencode()}")
        return Response({"results": page.events, "cursor": page.cursor, "more": page.more, "next": link})


def _followed(user: "User", slug: str) -> list[Corpus]:
    """The corpora of a request, among them those of which there is only to be told that they are hidden or gone."""
    hidden = Corpus.objects.hidden_from(user)
    if not slug:
        return [*Corpus.objects.visible_to(user), *hidden]
    gone = hidden.filter(slug=slug).first()
    return [gone or get_corpus(user, slug)]
