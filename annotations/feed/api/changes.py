"""The change feed over REST."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.models import Alias, EntityState
from annotations.feed.actions.number_events import number_events
from annotations.feed.api.tickets import waiting_address, with_ticket
from annotations.feed.models import Kind
from annotations.feed.queries import (
    DEFAULT_SIZE,
    LATEST,
    MAX_SIZE,
    EventFilter,
    FeedPage,
    label_ids,
    read_changes,
)
from annotations.review.models import Label, Stage, Verb
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.pagination import link
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, choices, header, problems, query
from corpusapp.text.zones import KINDS

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Seconds. Proxies cut off what is silent for a minute.
LONGEST_WAIT = 30


class FeedSpan(serializers.Serializer):
    """A span after the change. A deleted span has only `id` and `state`."""

    id = serializers.IntegerField()
    start = serializers.IntegerField(required=False, help_text="In code points.")
    end = serializers.IntegerField(required=False, help_text="In code points, exclusive.")
    label = serializers.CharField(  # type: ignore[assignment]  # DRF takes fields off the class
        required=False, help_text="Its present name, also in events of before it was renamed."
    )
    label_id = serializers.IntegerField(required=False, help_text="The label's `id` in events of labels.")
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


class FeedAlias(serializers.Serializer):
    name = serializers.CharField()
    language = serializers.CharField()
    script = serializers.CharField()
    origin = serializers.ChoiceField(choices=Alias.Origin.choices)


class FeedEntity(serializers.Serializer):
    """An entity after the change."""

    id = serializers.IntegerField()
    name = serializers.CharField()
    label = serializers.CharField(help_text="Its present name.")  # type: ignore[assignment]  # DRF takes fields off
    label_id = serializers.IntegerField(help_text="The label's `id` in events of labels.")
    description = serializers.CharField()
    state = serializers.ChoiceField(
        choices=EntityState.choices,
        help_text="`suggested`: its confirmation was undone. `removed`: its creation was undone.",
    )
    merged_into = serializers.IntegerField(allow_null=True, help_text="The entity that it is now.")
    identifiers = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()), help_text="Values by scheme."
    )
    aliases = FeedAlias(many=True, help_text="Without those that come from mentions: they are texts of linked spans.")
    revision = serializers.IntegerField()


class FeedLink(serializers.Serializer):
    """A link after the change. A deleted link has no revision."""

    id = serializers.IntegerField()
    span = serializers.IntegerField(allow_null=True, help_text="The span when the link changed.")
    entity = serializers.IntegerField()
    state = serializers.ChoiceField(
        choices=["confirmed", "rejected", "suggested", "gone"],
        help_text="`rejected`: the span is not this entity. `suggested`: its decision was undone.",
    )
    revision = serializers.IntegerField(required=False)


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
    entity = FeedEntity(required=False)
    link = FeedLink(required=False)


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
    "span": {
        "id": 7,
        "start": 0,
        "end": 5,
        "label": "PERSON",
        "text": "Zarif",
        "state": "confirmed",
        "revision": 2,
        "label_id": 3,
    },
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


@dataclass(frozen=True)
class Following:
    """What a request follows, and how its page is written. `query` has its parameters without `after` and `ticket`."""

    corpora: Mapping[int, str]
    only: EventFilter
    size: int
    wait: int
    address: str
    query: tuple[tuple[str, str], ...]

    def url(self, cursor: str, address: str = "", **more: str) -> str:
        """The URL of the following request, here or at another address."""
        parameters = dict(self.query) | more | {"after": cursor}
        return f"{address or self.address}?{urlencode(parameters)}"

    def body(self, page: FeedPage, results: Any = None) -> dict[str, Any]:
        """A page as JSON; `results` are its events if they are rendered already."""
        results = page.events if results is None else results
        return {"results": results, "cursor": page.cursor, "more": page.more, "next": self.url(page.cursor)}


@extend_schema(tags=["changes"])
class ChangeFeed(APIView):
    parameters: tuple[str, ...] = ("after", "corpus", "label", "limit", "type", "wait")

    @extend_schema(
        operation_id="changes_list",
        parameters=[
            query(
                "after",
                f"`cursor` of the last response. Omit it for the beginning; `{LATEST}` for the end.",
                allow_blank=True,
            ),
            query("corpus", "Slugs of corpora, separated by commas. Default: all that you can see."),
            query("label", "Names of labels, separated by commas: no events of other labels, and of their spans."),
            query("limit", f"Maximum number of events, 1 to {MAX_SIZE}. Default: {DEFAULT_SIZE}.", OpenApiTypes.INT),
            choices("type", "Types of events. Default: all.", map(re.escape, Kind.values)),
            query(
                "wait",
                f"Seconds to wait for the next event if there is none, 0 to {LONGEST_WAIT}: follow the redirect.",
                OpenApiTypes.INT,
            ),
            header("Link", "The URL of the following request.", statuses=[200, 307]),
            header("Location", "Where to wait.", statuses=[307]),
        ],
        responses={
            200: ChangePage,
            307: OpenApiResponse(ChangePage, "No event yet: wait for one at `Location`, which needs no token"),
            **problems(*READ, 410),
        },
        examples=[_EXAMPLE],
    )
    def get(self, request: ApiRequest) -> Response:
        """List events in one fixed order.

        No event ever appears before a cursor that was already given. Save `cursor` and send it as `after`. A client
        that applies each event in order has an exact copy of the articles, their stages and zones, the labels, the
        decided spans, and the decided entities and links. Texts never change: read them once at `/articles/{id}/`.
        Remove a withdrawn article; a restored article is sent again in full, followed by its decided spans and links.
        Delete an erased article wherever you copied its text. `corpus.withdrawn` and `corpus.erased` mean the same for
        a whole corpus and its labels, and its members get no more events of it; after `corpus.restored` its labels,
        entities and articles are sent again. If you join a corpus later, read it from the beginning with `corpus=`.

        `type` and `label` leave events out. A span is sent if it has or had one of the labels, so that a copy of these
        labels is exact; events of articles and corpora are sent with any `label`. A filtered page may be short or
        empty while `more` is true: go on with its `cursor`, which is after all events that were looked at.

        With `wait`, a request that finds nothing is redirected to the process where requests wait, and answered there
        when something happens. Where there is no such process, it is answered at once, with `Retry-After`.
        """
        parameters = Parameters(request, *self.parameters, blank=["after"])
        following = self._following(request, parameters)
        number_events()
        page = read_changes(
            corpora=following.corpora, after=parameters.text("after"), size=following.size, only=following.only
        )
        return self.respond(request, following, page)

    def respond(self, request: ApiRequest, following: Following, page: FeedPage) -> Response:
        """The response with this page; if it is empty and the client waits, one that says where."""
        body = following.body(page)
        links = [link(body["next"], "next")]
        address = waiting_address(request)
        if address:
            wait = str(following.wait or LONGEST_WAIT)
            links.append(link(following.url(page.cursor, address, wait=wait), "wait"))
        response = Response(body, headers={"Link": ", ".join(links)})
        if following.wait and not page.events and not page.more:
            if address and request.auth is not None:
                response.status_code = 307
                response["Location"] = with_ticket(following.url(page.cursor, address), request.auth)
                response["Cache-Control"] = "no-store"
            else:
                response["Retry-After"] = "1"
        return response

    def _following(self, request: ApiRequest, parameters: Parameters) -> Following:
        kinds = parameters.choices("type", Kind.values, ())
        corpora = _followed(request.user, parameters.words("corpus"))
        names = parameters.words("label")
        return Following(
            corpora=corpora,
            only=EventFilter(tuple(kinds), label_ids(corpora, names) if names else ()),
            size=parameters.whole("limit", 1, MAX_SIZE) or DEFAULT_SIZE,
            wait=0 if parameters.text("after") == LATEST else parameters.whole("wait", 0, LONGEST_WAIT) or 0,
            address=request.build_absolute_uri(request.path),
            query=tuple((name, parameters.text(name)) for name in request.query_params if name in _KEPT),
        )


_KEPT = ("corpus", "label", "limit", "type", "wait")


def _followed(user: "User", slugs: Sequence[str]) -> dict[int, str]:
    """The slugs of the corpora of a request, by ID, with hidden and erased ones, whose feed says so."""
    hidden = Corpus.objects.hidden_from(user)
    if not slugs:
        return {corpus.pk: corpus.slug for corpus in [*Corpus.objects.visible_to(user), *hidden]}
    gone = {corpus.slug: corpus for corpus in hidden.filter(slug__in=slugs)}
    corpora = [gone.get(slug) or get_corpus(user, slug) for slug in slugs]
    return {corpus.pk: corpus.slug for corpus in corpora}
