"""Requests and responses as bytes: strict JSON, and newline-delimited JSON as a stream; content negotiation."""

import json
from collections.abc import Iterable, Mapping
from typing import IO, Any

import orjson
from rest_framework.exceptions import ParseError
from rest_framework.negotiation import DefaultContentNegotiation
from rest_framework.parsers import BaseParser, JSONParser
from rest_framework.renderers import BaseRenderer, JSONRenderer
from rest_framework.request import Request

from corpusapp.core.api.problem_details import LengthRequired
from corpusapp.text import wellformed


class StrictJSONParser(JSONParser):
    """JSON by RFC 8259: always UTF-8, without NaN, repeated keys, or nesting beyond Python's stack."""

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Any:
        try:
            return wellformed.load_json(stream.read().decode())
        except UnicodeDecodeError as error:
            raise ParseError(f"the body is not UTF-8: see byte {error.start}") from error
        except json.JSONDecodeError as error:
            raise ParseError(f"the body is not JSON: {error.msg} at character {error.pos + 1}") from error
        except RecursionError as error:
            raise ParseError("the JSON of the body is nested too deep") from error
        except ValueError as error:
            raise ParseError(f"the body is not JSON: {error}") from error


class FastJSONRenderer(JSONRenderer):
    """As REST framework's, by orjson, which is ten times faster.

    What orjson cannot write, such as an integer of more than 64 bits, is left to REST framework. The renderers on PyPI
    write null for a value that they do not know.
    """

    def render(
        self, data: Any, accepted_media_type: str | None = None, renderer_context: Mapping[str, Any] | None = None
    ) -> bytes:
        if data is None:
            return b""
        try:
            return orjson.dumps(data, option=orjson.OPT_UTC_Z)
        except TypeError:
            return super().render(data, accepted_media_type, renderer_context)


LINES, OCTETS, MULTIPART = "application/x-ndjson", "application/octet-stream", "multipart/form-data"


def media_type_of(request: Request) -> str:
    """The media type of the request's body, without parameters."""
    return (request.content_type or "").partition(";")[0].strip().lower()


class Body:
    """The body of a request as a stream. Raises ParseError if it is shorter than its Content-Length."""

    def __init__(self, stream: IO[bytes], length: int) -> None:
        self._stream, self._left = stream, length

    def read(self, size: int = -1) -> bytes:
        data = self._stream.read(self._left if size < 0 else min(size, self._left))
        self._left -= len(data)
        if not data and self._left and size:
            raise ParseError(f"the body is incomplete: {self._left} more bytes were announced; send it again")
        return data


class LinesParser(BaseParser):
    """Newline-delimited JSON, passed on as a stream."""

    media_type = LINES

    def parse(  # type: ignore[override]  # DRF passes on whatever a parser returns, as its FileUploadParser shows
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Body:
        meta = (parser_context or {})["request"].META
        return Body(stream, int(meta["CONTENT_LENGTH"]))


class OctetsParser(LinesParser):
    """Newline-delimited JSON of clients that know no media type of its own for it."""

    media_type = OCTETS


class FirstRenderer(DefaultContentNegotiation):
    """Uses a view's first renderer, whatever `Accept` says, so that `?format=` can name the format of an export.

    Refuses a body without a length, which WSGI would pass on as an empty one.
    """

    def select_renderer(
        self, request: Request, renderers: Iterable[BaseRenderer], format_suffix: str | None = None
    ) -> tuple[BaseRenderer, str]:
        if request.headers.get("Transfer-Encoding") and not request.headers.get("Content-Length"):
            raise LengthRequired("the body comes in chunks, and its length is not known: send Content-Length")
        renderer = next(iter(renderers))
        return renderer, renderer.media_type
