"""The Python client, served by every desk as a wheel in its own version, so that `pip install ADDRESS` fits."""

import hashlib
import subprocess
import sys
import tempfile
from functools import cache
from pathlib import Path

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views import View
from drf_spectacular.utils import extend_schema
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.views import APIView

from corpusapp import __version__
from corpusapp.core.errors import NotFound

NAME = f"corpusapp_client-{__version__}-py3-none-any.whl"
_SOURCE = settings.BASE_DIR / "corpusapp" / "client"
_BUILD_SECONDS = 60


@cache
def wheel() -> bytes:
    """The wheel, built by the first request for it: the same bytes in each process."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder]
        subprocess.run(command, cwd=_SOURCE, check=True, capture_output=True, timeout=_BUILD_SECONDS)
        return (Path(folder) / NAME).read_bytes()


def install_command(request: HttpRequest) -> str:
    """The command that installs the client of this desk."""
    return f"pip install {request.build_absolute_uri(reverse('api-client-wheel', args=[NAME]))}"


class ClientPage(View):
    """A page with the command that installs the client, and a link to the wheel that pip reads too."""

    def get(self, request: HttpRequest) -> HttpResponse:
        context = {
            "command": install_command(request),
            "name": NAME,
            "sha256": hashlib.sha256(wheel()).hexdigest(),
            "desk": request.build_absolute_uri("/"),
        }
        return render(request, "api/client.html", context)


@extend_schema(exclude=True)
class ClientWheel(APIView):
    """The wheel. 404 for another version, which says which one there is."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def get(self, request: Request, name: str) -> HttpResponse:
        if name != NAME:
            raise NotFound(
                f"this desk has {NAME}, and no {name[:100]!r}: see {request.build_absolute_uri('/api/client/')}"
            )
        return HttpResponse(wheel(), content_type="application/octet-stream")
