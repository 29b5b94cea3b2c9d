"""The ASGI application of the process in which followers of the change feed wait. It serves nothing else."""

import asyncio
import io
import os
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http import HTTPStatus
from typing import Any

import django
import orjson
from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.http import HttpResponse

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
django.setup(set_prefix=False)

from annotations.feed.api.followers import Followers, ReadAnew  # noqa: E402
from annotations.feed.api.tickets import AGAIN  # noqa: E402
from annotations.feed.api.waiting import Follower, links  # noqa: E402
from corpusapp.core.api.problem_details import CONTENT_TYPE, refusal_problem  # noqa: E402
from corpusapp.core.errors import TooOften  # noqa: E402

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
_Headers = Iterable[tuple[str, str]]
_RETRY_SECONDS = 5
# Of the first response, not of the one after waiting.
_OF_THE_BODY = ("content-length", "etag", "link")


class _Request(WSGIRequest):
    urlconf = "annotations.feed.api.waiting"


class _Handler(WSGIHandler):
    request_class = _Request


class Application:
    """Each request passes through all middleware and its view, in a thread. What then waits holds no thread."""

    def __init__(self) -> None:
        self._handler = _Handler()
        self._followers = Followers()
        self._requests = 0
        self._ends = False

    @property
    def waiting(self) -> int:
        """How many followers wait."""
        return len(self._followers)

    def end(self) -> None:
        """Let nobody wait any longer."""
        self._ends = True
        self._followers.release()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._live(receive, send)
        elif scope["type"] == "http":
            await self._answer(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        await receive()
        serving = asyncio.create_task(self._followers.serve())
        await send({"type": "lifespan.startup.complete"})
        await receive()
        serving.cancel()
        await send({"type": "lifespan.shutdown.complete"})

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._requests >= settings.FEED_FOLLOWERS and not _is_of_health(scope):
            await _send_busy(scope, send)
            return
        self._requests += 1
        try:
            environ = _environ(scope)
            response = await self._respond(environ)
            follower: Follower | None = getattr(response, "follower", None)
            if follower is None or self._ends:
                await _send(send, response.status_code, response.items(), response.content)
                return
            gone = asyncio.create_task(_gone(receive))
            answer = asyncio.create_task(self._followers.answer(follower))
            try:
                await asyncio.wait({gone, answer}, return_when=asyncio.FIRST_COMPLETED)
                if answer.done():
                    await self._send_answer(send, environ, response, answer)
            finally:
                gone.cancel()
                answer.cancel()
        finally:
            self._requests -= 1

    async def _send_answer(
        self, send: Send, environ: dict[str, Any], response: HttpResponse, answer: "asyncio.Task[bytes]"
    ) -> None:
        try:
            body = await answer
        except ReadAnew:
            response = await self._respond({**environ, AGAIN: True, "wsgi.input": io.BytesIO()})
            await _send(send, response.status_code, response.items(), response.content)
            return
        headers = [(name, value) for name, value in response.items() if name.lower() not in _OF_THE_BODY]
        await _send(send, response.status_code, [*headers, ("Link", links(orjson.loads(body)["next"]))], body)

    async def _respond(self, environ: dict[str, Any]) -> HttpResponse:
        def respond() -> HttpResponse:
            # Django opens and closes what belongs to the request, by its signals.
            response: Any = self._handler(environ, _ignore_start)
            response.close()
            return response

        return await self._followers.call(respond)


def _ignore_start(*start: object) -> Callable[[bytes], object]:
    """WSGI's way to begin a response, which the returned one contains, too."""
    return lambda data: None


def _is_of_health(scope: Scope) -> bool:
    return scope["path"] in ("/healthz", "/readyz")


async def _gone(receive: Receive) -> None:
    """Return when the client has closed the connection."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_busy(scope: Scope, send: Send) -> None:
    refusal = TooOften(
        f"{settings.FEED_FOLLOWERS} followers are waiting, and no more can: ask again later, or without wait",
        seconds=_RETRY_SECONDS,
    )
    problem = refusal_problem(refusal, _Request(_environ(scope)))
    headers = [("Content-Type", CONTENT_TYPE), ("Retry-After", str(_RETRY_SECONDS))]
    await _send(send, problem.status_code, headers, orjson.dumps(problem.data))


async def _send(send: Send, status: int, headers: _Headers, body: bytes) -> None:
    encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
    if status != HTTPStatus.NOT_MODIFIED and all(name.lower() != b"content-length" for name, _ in encoded):
        encoded.append((b"Content-Length", str(len(body)).encode()))
    await send({"type": "http.response.start", "status": status, "headers": encoded})
    await send({"type": "http.response.body", "body": body})


def _environ(scope: Scope) -> dict[str, Any]:
    """The request as WSGI knows it, without a body."""
    server, client = scope.get("server") or ("localhost", 80), scope.get("client") or ("", 0)
    environ: dict[str, Any] = {
        "REQUEST_METHOD": scope["method"],
        "SCRIPT_NAME": "",
        "PATH_INFO": scope["path"].encode().decode("latin-1"),
        "QUERY_STRING": scope["query_string"].decode("latin-1"),
        "SERVER_NAME": server[0],
        "SERVER_PORT": str(server[1]),
        "SERVER_PROTOCOL": f"HTTP/{scope['http_version']}",
        "REMOTE_ADDR": client[0],
        "wsgi.url_scheme": scope["scheme"],
        "wsgi.input": io.BytesIO(),
    }
    for raw_name, raw_value in scope["headers"]:
        name, value = f"HTTP_{raw_name.decode('latin-1').upper().replace('-', '_')}", raw_value.decode("latin-1")
        environ[name] = f"{environ[name]},{value}" if name in environ else value
    return environ


application = Application()
