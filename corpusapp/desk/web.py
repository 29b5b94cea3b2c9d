"""The web server: gunicorn, with the settings below.

Another process starts it with `gunicorn --config python:corpusapp.desk.web corpusapp.wsgi`.
"""

import logging
import socket
import struct
from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string
from gunicorn.app.base import BaseApplication

from corpusapp.desk.address import Address
from corpusapp.desk.memory import keep_giving_back, prepare_to_fork

# A request whose sender is silent for longer, in the middle of it, is given up.
_SILENT_SECONDS = 15
# Modules of the server that it imports while it starts.
MODULES = ("gunicorn.arbiter", "gunicorn.workers.gthread")

# gunicorn's settings, by its names.
worker_class = "gthread"
workers = 2
threads = 4
preload_app = True
# A waiting connection holds no thread. Browsers and clients keep theirs for a minute or more.
keepalive = 75
timeout = 60
# As long as it allows: an address may name 200 articles.
limit_request_line = 8190
graceful_timeout = 10
# It warns of each malformed request: anybody could fill the log.
loglevel = "error"
control_socket_disable = True


def when_ready(arbiter: Any) -> None:
    """Called by gunicorn before its first worker, when the application is loaded."""
    prepare_to_fork()
    for listener in arbiter.LISTENERS:
        # Connections inherit it. gunicorn would let a thread wait for the rest of a request for ever.
        listener.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, struct.pack("ll", _SILENT_SECONDS, 0))


def post_fork(arbiter: Any, worker: Any) -> None:
    """Called by gunicorn in each new worker."""
    logging.getLogger("gunicorn.error").addFilter(_is_no_silent_sender)
    keep_giving_back()


def serve(address: Address) -> None:
    """Serve the application in this process and its children, until SIGTERM."""
    _Server(address).run()


def _is_no_silent_sender(record: logging.LogRecord) -> bool:
    """Whether to log it: anybody could fill the log with requests that were given up."""
    return not (record.exc_info and isinstance(record.exc_info[1], BlockingIOError))


class _Server(BaseApplication):
    def __init__(self, address: Address) -> None:
        self._address = address
        super().__init__()

    def load_config(self) -> None:
        for name, value in globals().items():
            if name in self.cfg.settings:
                self.cfg.set(name, value)
        self.cfg.set("bind", self._address.bind)

    def load(self) -> Any:
        return import_string(settings.WSGI_APPLICATION)
