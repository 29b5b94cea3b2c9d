"""The registry of a corpus as a service of the Reconciliation Service API 0.2, for OpenRefine and other clients."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.parsers import FormParser, MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.models import Identifier
from annotations.entities.queries.lookups import get_entity, get_registry
from annotations.entities.queries.reconcile import (
    entity_labels,
    extend,
    properties_of,
    reconcile,
    suggest_entities,
    suggest_properties,
    suggest_types,
)
from annotations.linkers.reconciliation import MAX_BATCH, VERSION, Malformed, read_extension, read_queries
from corpusapp import __version__
from corpusapp.accounts.actions.tokens import digest_of
from corpusapp.accounts.api.access import TokenAuthentication
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Invalid

_LONGEST_KEY = 200
_SUGGESTED = 20
_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Authorization, Content-Type",
    "Access-Control-Max-Age": "86400",
}


class KeyInAddress(BaseAuthentication):
    """The key of a token in the address, for OpenRefine, which sends no headers: a read token of this corpus alone."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        values = (request.parser_context or {}).get("kwargs", {})
        key = values.get("key")
        if key is None:
            return None
        if len(key) > _LONGEST_KEY:
            raise AuthenticationFailed("the key in the address is too long: copy the address again")
        user, token = TokenAuthentication.use(request, digest_of(key))
        if token.scope != Token.Scope.READ or token.corpus is None or token.corpus.slug != values["slug"]:
            raise AuthenticationFailed(
                "the key in the address must be of a token with the scope read, for this corpus alone: addresses are "
                "seen by others, so create one for it"
            )
        return user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="corpusapp"'


@extend_schema(exclude=True)
class _Served(APIView):
    """Answers pages of all sites: the address or a header has a token, and no cookie is looked at."""

    authentication_classes = [KeyInAddress, TokenAuthentication]
    parser_classes = [FormParser, MultiPartParser]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        if request.method != "OPTIONS":
            super().initial(request, *args, **kwargs)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Response:
        return Response(status=204)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Response:
        found = super().finalize_response(request, response, *args, **kwargs)
        for name, value in _CORS.items():
            found[name] = value
        found["Cache-Control"] = "private, no-store"
        return found


class ReconciliationService(_Served):
    """The manifest; or, with `queries` or `extend` in the query or the form, the candidates or properties asked for."""

    def get(self, request: ApiRequest, slug: str, key: str | None = None) -> Response:
        return self._answer(request, slug, key, request.query_params)

    def post(self, request: ApiRequest, slug: str, key: str | None = None) -> Response:
        return self._answer(request, slug, key, request.data or request.query_params)

    def _answer(self, request: ApiRequest, slug: str, key: str | None, values: Any) -> Response:
        corpus = get_registry(request.user, slug)
        try:
            if "queries" in values:
                return Response(reconcile(corpus, read_queries(values["queries"])))
            if "extend" in values:
                return Response(extend(corpus, read_extension(values["extend"])))
        except Malformed as malformed:
            raise Invalid(str(malformed), field=malformed.place[:60]) from malformed
        return Response(_manifest(request, corpus, key))


def _manifest(request: ApiRequest, corpus: Corpus, key: str | None) -> dict[str, Any]:
    base = request.build_absolute_uri(request.path).rstrip("/")
    home = request.build_absolute_uri("/")
    types = [{"id": label.name, "name": label.name} for label in entity_labels(corpus)]
    with_header = {} if key else {"authentication": {"type": "apiKey", "name": "Authorization", "in": "header"}}
    return {
        "versions": [VERSION],
        "name": f"{corpus.name} (corpusapp)",
        "identifierSpace": f"{home}entities/",
        "schemaSpace": f"{home}corpora/{corpus.slug}/",
        "documentation": f"{home}help/",
        "serviceVersion": __version__,
        "view": {"url": f"{home}entities/{{{{id}}}}/"},
        "preview": {"url": f"{base}/preview/?id={{{{id}}}}", "width": 400, "height": 220},
        "defaultTypes": types,
        "batchSize": MAX_BATCH // 2,
        "suggest": {
            name: {"service_url": base, "service_path": f"/suggest/{name}/"} for name in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": base, "service_path": "/properties/"},
            "property_settings": [],
        },
        **with_header,
    }


class _Suggest(_Served):
    """Things whose name begins with `prefix`, or has it within."""

    def get(self, request: ApiRequest, slug: str, key: str | None = None) -> Response:
        prefix = request.query_params.get("prefix", "").replace("\0", "")[:300]
        return Response({"result": self.found(get_registry(request.user, slug), prefix)[:_SUGGESTED]})

    def found(self, corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
        raise NotImplementedError


class SuggestEntity(_Suggest):
    def found(self, corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
        return suggest_entities(corpus, prefix, _SUGGESTED)


class SuggestType(_Suggest):
    def found(self, corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
        return suggest_types(corpus, prefix)


class SuggestProperty(_Suggest):
    def found(self, corpus: Corpus, prefix: str) -> list[dict[str, Any]]:
        return suggest_properties(corpus, prefix)


class ReconciliationProperties(_Served):
    """The properties that entities of a type can be extended by: those of all."""

    def get(self, request: ApiRequest, slug: str, key: str | None = None) -> Response:
        named = properties_of(get_registry(request.user, slug)).items()
        found: dict[str, Any] = {"properties": [{"id": pid, "name": name} for pid, name in named]}
        if kind := request.query_params.get("type", ""):
            found["type"] = kind[:60]
        return Response(found)


class ReconciliationPreview(_Served):
    """A small page of an entity, which other sites show in a frame."""

    def get(self, request: ApiRequest, slug: str, key: str | None = None) -> HttpResponse:
        corpus = get_registry(request.user, slug)
        pk = request.query_params.get("id", "")
        entity = get_entity(request.user, int(pk) if pk.isascii() and pk.isdigit() and len(pk) < 19 else 0, corpus)
        entity = entity.merged_into or entity
        identifiers = Identifier.objects.filter(entity=entity)
        context = {"entity": entity, "identifiers": identifiers, "corpus": corpus}
        response = render(request._request, "entities/preview.html", context)
        # It has no scripts, forms or cookies that another site could make use of.
        response.xframe_options_exempt = True  # read by Django's middleware
        response._csp_replace = {"frame-ancestors": ["*"]}  # type: ignore[attr-defined]  # read by django-csp
        return response
