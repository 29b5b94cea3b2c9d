"""REST API of zones."""

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.models import Role, Zone
from corpusapp.articles.permissions import find_zone, get_article
from corpusapp.core.api.fields import Offset, OneOf, StrictSerializer, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.offsets import HEADER, PARAMETER, Counting
from corpusapp.core.api.pagination import ListPage, whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.problem_details import as_json
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems
from corpusapp.text.zones import KINDS


@as_json.register
def zone_json(zone: Zone) -> dict[str, Any]:
    return {"id": zone.pk, "start": zone.start, "end": zone.end, "kind": zone.kind}


class ZoneRangeSerializer(serializers.Serializer):
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    kind = serializers.ChoiceField(choices=KINDS)


class ZoneSerializer(ZoneRangeSerializer):
    id = serializers.IntegerField()


class ZonePage(ListPage):
    results = ZoneSerializer(many=True)


class NewZone(StrictSerializer):
    start = Offset()
    end = Offset()
    kind = OneOf(KINDS)


@extend_schema(tags=["zones"])
class ArticleZones(APIView):
    @extend_schema(
        operation_id="zones_list", parameters=[PARAMETER, HEADER], responses={200: ZonePage, **problems(*READ)}
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """List the zones of an article, in reading order.

        Titles, datelines, bylines, captions and boilerplate. `X-Offsets` is the unit of their offsets.
        """
        counting = Counting(Parameters(request, "offsets"))
        article = get_article(request.user, pk)
        zones = [zone_json(zone) for zone in article.zones.all()]
        return whole_list(counting.placed(zones, article.text), counting.headers)

    @extend_schema(
        operation_id="zones_create",
        parameters=ONCE,
        request=NewZone,
        responses={201: ZoneSerializer, **problems(*WRITE, 410)},
    )
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Mark a range of an article as a zone.

        For editors. Zones of the kind `chrome` are boilerplate, which exports leave out.
        """
        article = get_article(request.user, pk)
        values = read(NewZone, request.data)
        return create(
            request,
            make=lambda: (add_zone(user=request.user, article=article, **values), 201),
            find=lambda pk: find_zone(request.user, pk, Role.EDITOR),
            show=lambda zone, status: Response(zone_json(zone), status=status),
        )


@extend_schema(tags=["zones"])
class ZoneDetail(APIView):
    @extend_schema(operation_id="zones_destroy", responses={204: None, **problems(401, 403, 404)})
    def delete(self, request: ApiRequest, pk: int) -> Response:
        """Remove a zone.

        For editors. Its range is running text again.
        """
        remove_zone(user=request.user, zone=find_zone(request.user, pk, Role.EDITOR))
        return Response(status=204)
