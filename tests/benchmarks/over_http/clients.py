"""HTTP clients that cost little: a process and a kept connection each, requests made ready before the clock starts."""

import json
import multiprocessing
import socket
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

_SPAWN = multiprocessing.get_context("spawn")
_READ = 256 * 1024


@dataclass(frozen=True)
class Ask:
    """One request; `path` from the root."""

    path: str
    method: str = "GET"
    body: Any = None


@dataclass
class Heard:
    """The seconds of each request, in order, and between what times (`time.monotonic`) they were made."""

    seconds: list[float] = field(default_factory=list)
    began: float = 0.0
    ended: float = 0.0


class Refused(RuntimeError):
    """An answer that is no success."""


class Connection:
    """A kept connection; opened anew where the server closed it while idle."""

    def __init__(self, url: str, token: str) -> None:
        parts = urlsplit(url)
        self._address = (parts.hostname, parts.port)
        self._head = f"Host: {parts.netloc}\r\nAuthorization: Bearer {token}\r\n"
        self._socket: socket.socket | None = None

    def ready(self, ask: Ask) -> bytes:
        body = b"" if ask.body is None else json.dumps(ask.body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n" if body else ""
        return f"{ask.method} {ask.path} HTTP/1.1\r\n{self._head}{kind}\r\n".encode() + body

    def ask(self, request: bytes) -> bytes:
        """The body of the answer. Raises Refused."""
        for _ in range(2):
            try:
                return self._once(request)
            except (ConnectionResetError, BrokenPipeError, EOFError):
                self._socket = None
        raise Refused(f"the server closes the connection: {request[:200]!r}")

    def _once(self, request: bytes) -> bytes:
        if self._socket is None:
            self._socket = socket.create_connection(self._address, timeout=600)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._socket.sendall(request)
        data = b""
        while (end := data.find(b"\r\n\r\n")) < 0:
            data += self._more()
        head, pieces = data[:end].lower(), [data[end + 4 :]]
        length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
        left = length - len(pieces[0])
        while left > 0:
            pieces.append(self._more())
            left -= len(pieces[-1])
        body = b"".join(pieces)
        if not head[9:10] == b"2":
            raise Refused(f"{request[:120]!r}: {head[9:12]!r} {body[:1000]!r}")
        if b"connection: close" in head:
            self._socket = None
        return body

    def _more(self) -> bytes:
        assert self._socket is not None
        data = self._socket.recv(_READ)
        if not data:
            raise EOFError
        return data


def _client(pipe: Any, url: str, token: str, stop: Any) -> None:
    """Do one list of requests after another: made ready, then asked in turn at the word of the other end."""
    connection = Connection(url, token)
    while asks := _next(pipe):
        requests = [connection.ready(ask) for ask in asks]
        pipe.send("ready")
        pipe.recv()
        try:
            pipe.send(_hear(connection, requests, stop))
        except Exception as error:
            pipe.send(error)


def _next(pipe: Any) -> list[Ask]:
    """Empty when the measurement is over."""
    try:
        return pipe.recv()
    except EOFError:
        return []


def _hear(connection: Connection, requests: Sequence[bytes], stop: Any) -> Heard:
    heard = Heard(began=time.monotonic())
    for request in requests:
        if stop.is_set():
            break
        began = time.perf_counter()
        connection.ask(request)
        heard.seconds.append(time.perf_counter() - began)
    heard.ended = time.monotonic()
    return heard


class Clients:
    """So many clients, each a process; begun once, for starting them costs more than what they measure."""

    def __init__(self, url: str, token: str, number: int) -> None:
        self._stop = _SPAWN.Event()
        self._pipes = []
        for _ in range(number):
            ours, theirs = _SPAWN.Pipe()
            _SPAWN.Process(target=_client, args=(theirs, url, token, self._stop), daemon=True).start()
            theirs.close()
            self._pipes.append(ours)

    def begin(self, lists: Sequence[Sequence[Ask]]) -> None:
        """Have the first clients ask these lists, all at once."""
        self._stop.clear()
        self._busy = self._pipes[: len(lists)]
        for pipe, asks in zip(self._busy, lists, strict=True):
            pipe.send(list(asks))
        for pipe in self._busy:
            pipe.recv()
        for pipe in self._busy:
            pipe.send("go")

    def stop(self) -> None:
        """Let them break off after the request at hand."""
        self._stop.set()

    def heard(self) -> list[Heard]:
        """What each heard, when all are done. Raises what any of them met."""
        answers = [pipe.recv() for pipe in self._busy]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    def hear(self, *lists: Sequence[Ask]) -> list[Heard]:
        self.begin(lists)
        return self.heard()


def rate(heard: Sequence[Heard]) -> float:
    """Requests a second of all clients together."""
    total = sum(len(one.seconds) for one in heard)
    return total / (max(one.ended for one in heard) - min(one.began for one in heard))
