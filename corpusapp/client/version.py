"""The version of this library, which is that of the desk that serves it."""

import re
import warnings
from importlib import metadata

import httpx

HEADER = "Corpusapp-Version"


def installed_version() -> str:
    """Empty if the library is used from a checkout."""
    try:
        return metadata.version("corpusapp-client")
    except metadata.PackageNotFoundError:
        return ""


VERSION = installed_version()


class VersionWarning(UserWarning):
    """The library is older or newer than the desk."""


class VersionCheck:
    """Compares the version in the desk's responses with that of this library, and warns once."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._is_done = False

    def __call__(self, response: httpx.Response) -> None:
        if self._is_done or HEADER not in response.headers:
            return
        self._is_done = True
        theirs = response.headers[HEADER]
        if VERSION and theirs != VERSION:
            word = "older" if _numbers(VERSION) < _numbers(theirs) else "newer"
            message = f"corpusapp-client {VERSION} is {word} than its desk ({theirs}): install it from {self._address}"
            warnings.warn(message, VersionWarning, stacklevel=2)


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version)]
