"""The web server's address: whether it is free, and whether the server answers."""

import errno
import http.client
import os
import socket
from dataclasses import dataclass

from django.core.management.base import CommandError

# Addresses of all interfaces, with the one by which this machine reaches itself.
_WILDCARDS = {"0.0.0.0": "127.0.0.1", "::": "::1", "": "127.0.0.1"}


@dataclass(frozen=True)
class Address:
    host: str
    port: int

    @property
    def bind(self) -> str:
        return f"{self._bracketed(self.host)}:{self.port}"

    @property
    def url(self) -> str:
        """The URL for a browser on this machine."""
        return f"http://{self._bracketed(self._reachable)}:{self.port}/"

    def require_free(self) -> None:
        """Raise CommandError if the web server cannot listen on this address."""
        try:
            family = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)[0][0]
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((self.host, self.port))
        except OverflowError as error:
            raise CommandError(f"{self.port} is not a port: use one from 1024 to 65535") from error
        except OSError as error:
            raise CommandError(self._reason(error)) from error

    def answers(self) -> bool:
        """Whether an HTTP server answers, with any status."""
        connection = http.client.HTTPConnection(self._reachable, self.port, timeout=10)
        try:
            connection.request("GET", "/")
            connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()
        return True

    def _reason(self, error: OSError) -> str:
        if error.errno == errno.EADDRINUSE:
            return (
                f"port {self.port} on {self.host} is in use: stop the program that uses it, or choose another: make "
                f"run PORT={self.port + 1}"
            )
        if error.errno == errno.EACCES:
            return f"port {self.port} is for root only: choose one of 1024 or above: make run PORT=8000"
        reason = os.strerror(error.errno) if error.errno and error.errno > 0 else error
        return f"cannot listen on HOST={self.host} ({reason}): use an address of this machine, such as 127.0.0.1"

    @property
    def _reachable(self) -> str:
        return _WILDCARDS.get(self.host, self.host)

    @staticmethod
    def _bracketed(host: str) -> str:
        return f"[{host}]" if ":" in host else host
