"""The change feed over REST."""

from typing import TYPE_CHECKING

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.feed.actions.number_events import number_events
from annotations.feed.models import Kind
from annotations.feed.queries import DEFAULT_SIZE, LATEST, MAX_SIZE, read_changes
from annotations.review.models import Label, Stage, Verb
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.pagination import link
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, problems, query
from corpusapp.text.zones import KINDS

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class FeedSpan(serializers.Serializer):
    """A span after the change. A deleted span has only `id` and `state`."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(required=False, help_text="In code points.")
    end = serializers.IntegerField(required=False, help_text="In code points, exclusive.")
    label = serializers.CharField(required=False)  # type: ignore[assignment]  # DRF takes fields off the class
    text = serializers.CharField(required=False)
    state = serializers.ChoiceField(
        choices=["confirmed", "rejected", "suggested", "gone"],
        help_text="`suggested`: its decision was undone. `gone`: its addition was undone.",
    )
    revision = serializers.IntegerField(required=False)


class FeedZone(serializers.Serializer):
    id = serializers.IntegerField()
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    kind = serializers.ChoiceField(choices=KINDS)


class FeedAbout(serializers.Serializer):
    external_id = serializers.CharField()
    title = serializers.CharField()
    url = serializers.CharField()
    language = serializers.CharField()
    length = serializers.IntegerField(help_text="In code points.")
    version = serializers.IntegerField()
    previous = serializers.IntegerField(allow_null=True, help_text="The article of which it is a new version.")


class FeedLabel(serializers.Serializer):
    id = serializers.IntegerField()
    name = serializers.CharField()
    definition = serializers.CharField()
    family = serializers.ChoiceField(choices=Label.Family.choices)
    position = serializers.IntegerField()
    # Not in events of before labels had them.
    key = serializers.CharField(required=False)
    examples = serializers.CharField(required=False)
    hidden = serializers.BooleanField(required=False)
    merged_into = serializers.IntegerField(required=False, allow_null=True)


class ChangeEventSerializer(serializers.Serializer):
    """An event. Its fields depend on its type."""

    cursor = serializers.UUIDField(help_text="Send it as `after` to continue after this event.")
    type = serializers.ChoiceField(choices=Kind.values)
    corpus = serializers.CharField()
    article = serializers.IntegerField(allow_null=True)
    user = serializers.CharField(allow_null=True, help_text="Null if no user did it.")
    at = serializers.DateTimeField()
    withheld = serializers.BooleanField(
        required=False,
        help_text="The article or its corpus is now withdrawn or erased, so the event has no details.",
    )
    offsets = serializers.ChoiceField(choices=["code points"], required=False)
    about = FeedAbout(required=False)
    zones = FeedZone(many=True, required=False, help_text="All current zones; they replace the earlier ones.")
    stage = serializers.ChoiceField(choices=Stage.choices, required=False)
    label = FeedLabel(required=False)  # type: ignore[assignment]  # DRF takes fields off the class
    decision = serializers.IntegerField(required=False)
    verb = serializers.ChoiceField(choices=Verb.choices, required=False)
    span = FeedSpan(required=False)


class ChangePage(serializers.Serializer):
    results = ChangeEventSerializer(many=True)
    cursor = serializers.CharField(help_text="Send it as `after` of the next request. Empty before the first event.")
    more = serializers.BooleanField(help_text="Whether more events are available now.")
    next = serializers.URLField(help_text="URL of the next request.")


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
    {
        "results": [_EVENT],
        "cursor": _CURSOR,
        "more": False,
        "next": f"https://desk.example/api/v1/changes/?after={_CURSOR}",
    },
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
                f"`cursor` of the last response. Omit it for the beginning; `{LATEST}` for the end.",
                allow_blank=True,
            ),
            query("corpus", "Slug of a corpus. Default: all that you can see."),
            query("limit", f"Maximum number of events, 1 to {MAX_SIZE}. Default: {DEFAULT_SIZE}.", OpenApiTypes.INT),
        ],
        responses={200: ChangePage, **problems(*READ, 410)},
        examples=[_EXAMPLE],
    )
    def get(self, request: ApiRequest) -> Response:
        """List events in one fixed order.

        No event ever appears before a cursor that was already given. Save `cursor` and send it as `after`. A client
        that applies each event in order has an exact copy of the articles, their stages and zones, the labels, and the
        decided spans. Texts never change: read them once at `/articles/{id}/`. Remove a withdrawn article; a restored
        article is sent again in full, followed by its decided spans. Delete an erased article wherever you copied its
        text. `corpus.withdrawn` and `corpus.erased` mean the same for a whole corpus and its labels, and its members
        get no more events of it; after `corpus.restored` its labels and articles are sent again. If you join a corpus
        later, read it from the beginning with `corpus=`.
        """
        parameters = Parameters(request, "after", "corpus", "limit", blank=["after"])
        slug, size = parameters.text("corpus"), parameters.whole("limit", 1, MAX_SIZE) or DEFAULT_SIZE
        corpora = _followed(request.user, slug)
        number_events()
        page = read_changes(corpora=corpora, after=parameters.text("after"), size=size)
        following = request.query_params.copy()
        following["after"] = page.cursor
        address = request.build_absolute_uri(f"{request.path}?{following.urlencode()}")
        body = {"results": page.events, "cursor": page.cursor, "more": page.more, "next": address}
        return Response(body, headers={"Link": link(address, "next")})


def _followed(user: "User", slug: str) -> list[Corpus]:
    """The corpora of a request, with hidden and erased ones, whose feed says so."""
    hidden = Corpus.objects.hidden_from(user)
    if not slug:
        return [*Corpus.objects.visible_to(user), *hidden]
    gone = hidden.filter(slug=slug).first()
    return [gone or get_corpus(user, slug)]
