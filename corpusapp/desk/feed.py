"""The process in which followers of the change feed wait: uvicorn, with the ASGI application."""

import asyncio
import contextlib
import errno
import resource
import signal
import socket
from types import FrameType
from typing import Any

import uvicorn
from django.conf import settings
from django.core.management.base import CommandError
from django.utils.module_loading import import_string
from uvicorn.protocols.http.h11_impl import H11Protocol

from corpusapp.core import waiting_process
from corpusapp.core.waiting_process import BEAT_SECONDS, WaitingProcess
from corpusapp.desk.address import Address
from corpusapp.desk.memory import keep_giving_back

# Modules of the server that it imports while it starts.
MODULES = ("uvicorn.lifespan.on", "uvicorn.loops.asyncio")
_STOP_SECONDS, _SILENT_SECONDS = 5, 15
_BACKLOG = 1024
# Beside the connections of followers.
_FILES = 200


def serve(address: Address, *, otherwise_any: bool = False) -> None:
    """Serve the application in this process, until SIGTERM.

    If the port is in use, another one is taken if `otherwise_any`: clients are told where to wait.
    """
    keep_giving_back()
    # uvicorn has its own handlers, and raises the signal again when it has stopped.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _exit)
    _allow_files(2 * settings.FEED_FOLLOWERS + _FILES)
    with contextlib.closing(_listener(address, otherwise_any)) as listener:
        try:
            asyncio.run(_serve(listener))
        finally:
            waiting_process.withdraw(settings.HOME)


def _exit(number: int, frame: FrameType | None) -> None:
    raise SystemExit(0)


async def _serve(listener: socket.socket) -> None:
    application = import_string(settings.ASGI_APPLICATION)
    config = uvicorn.Config(
        application,
        http=_Protocol,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        # Django knows which proxy to believe.
        proxy_headers=False,
        server_header=False,
        backlog=_BACKLOG,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=_STOP_SECONDS,
    )
    beating = asyncio.create_task(_beat(application, listener.getsockname()[1]))
    await _Server(config).serve(sockets=[listener])
    beating.cancel()


async def _beat(application: Any, port: int) -> None:
    """Say again and again that this process lives."""
    while True:
        waiting_process.renew(settings.HOME, WaitingProcess(port, application.waiting))
        await asyncio.sleep(BEAT_SECONDS)


class _Protocol(H11Protocol):
    """Closes a connection whose sender is silent before its request, or in the middle of it."""

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self.loop.call_later(_SILENT_SECONDS, self._close_if_silent)

    def _close_if_silent(self) -> None:
        if self.scope is None and not self.transport.is_closing():
            self.transport.close()


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        super().handle_exit(sig, frame)
        # Followers would wait on, and be cut off. So they get an answer, and come again.
        asyncio.get_running_loop().call_soon_threadsafe(self.config.app.end)  # type: ignore[union-attr]  # ours


def _listener(address: Address, otherwise_any: bool) -> socket.socket:
    try:
        return _bound(address)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and otherwise_any:
            return _bound(Address(address.host, 0))
        raise CommandError(f"the feed cannot listen on {address.bind} ({error.strerror}): set FEED_PORT") from error


def _bound(address: Address) -> socket.socket:
    family = socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM)[0][0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((address.host, address.port))
    except OSError:
        listener.close()
        raise
    return listener


def _allow_files(wanted: int) -> None:
    """Raise the limit of open files, as far as this process may."""
    least, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    if least != resource.RLIM_INFINITY and least < wanted:
        allowed = wanted if most == resource.RLIM_INFINITY else min(wanted, most)
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, most))
