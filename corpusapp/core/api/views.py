"""The API's schema and its page, the documentation of problem types, and the response to unknown addresses."""

import json
from functools import cache
from typing import Any

import yaml
from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.core.api.client import install_command
from corpusapp.core.api.problem_details import KINDS, meaning, type_of
from corpusapp.core.errors import NotFound


class SchemaView(SpectacularAPIView):
    """The committed OpenAPI schema, as YAML or JSON by the `Accept` header. Generating it would take a second."""

    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        body = _schema(request.accepted_renderer.format == "json")
        return HttpResponse(body, content_type=request.accepted_media_type)


@cache
def _schema(as_json: bool) -> bytes:
    data = settings.OPENAPI_FILE.read_bytes()
    if not as_json:
        return data
    return json.dumps(yaml.load(data, getattr(yaml, "CSafeLoader", yaml.SafeLoader))).encode()


class DocsView(SpectacularSwaggerSplitView):
    """Swagger UI, without inline scripts or styles."""

    template_name = "api/docs.html"
    url_name = "api-schema"
    content_negotiation_class = DefaultContentNegotiation

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        response = super().get(request, *args, **kwargs)
        if response.data is not None:
            response.data["install_client"] = install_command(request)
        return response


@extend_schema(exclude=True)
class ProblemView(APIView):
    """The documentation of a kind of problem, at the URL in `type`: JSON, or a page for browsers."""

    permission_classes = [AllowAny]

    def get(self, request: Request, name: str) -> HttpResponse:
        about = about_problem(request, name)
        if request.get_preferred_type(["application/json", "text/html"]) == "text/html":
            # Its odd pieces stand between backticks.
            return render(request._request, "api/problem.html", {**about, "pieces": meaning(name).split("`")})
        return Response(about)


def about_problem(request: Request, name: str) -> dict[str, Any]:
    if name not in KINDS:
        raise NotFound(f"there is no kind of problem {name!r}: the kinds are {', '.join(KINDS)}")
    kind, status = KINDS[name]
    return {"type": type_of(name, request), "title": kind.title, "status": status, "meaning": meaning(name)}


@extend_schema(exclude=True)
class UnknownAddress(APIView):
    """The 404 of all other addresses below /api/."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        hint = "" if request.path.endswith("/") else ": addresses of the API end with a slash"
        raise NotFound(f"nothing was found at this address{hint}; see /api/docs/")
