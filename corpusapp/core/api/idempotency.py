"""The header `Idempotency-Key`: a repeated request creates nothing, and gets the current state of what was created."""

import hashlib
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from django.db.models import Model
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from corpusapp.core.api.schema import REPLAYED
from corpusapp.core.errors import Gone, NotFound
from corpusapp.core.idempotency import Created, digest, once

Row = TypeVar("Row", bound=Model)
HEADER = "Idempotency-Key"
_BLOCK = 1 << 20


class HashedFile:
    """A file of a request, hashed while it is read if the request has a key, since it can be read only once."""

    def __init__(self, request: Request, name: str, file: BinaryIO) -> None:
        self.name, self._file = name, file
        self._hash = hashlib.sha256()
        self._is_hashed = HEADER in request.headers

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._is_hashed:
            self._hash.update(data)
        return data

    def digest(self) -> list[str]:
        """Name and SHA-256 of the whole file, of a request with a key. Reads what was not read yet."""
        while self.read(_BLOCK):
            pass
        return [self.name, self._hash.hexdigest()]


def create(
    request: Request,
    *,
    make: Callable[[], tuple[Row, int]],
    find: Callable[[int], Row],
    show: Callable[[Row, int], Response],
    files: list[HashedFile] | None = None,
) -> Response:
    """The response to a create request, which has a key or not.

    `make` creates a row, and returns it with the status of the response; `show` renders both. If the key was used
    before, `find` gets the ID of the row that was created then. `files` are the request's body if it is not JSON. The
    caller has checked that the user can access this address.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return show(*make())
    if not request.user.is_authenticated:
        raise NotAuthenticated
    rows: list[Row] = []

    def make_row() -> Created:
        row, status = make()
        rows.append(row)
        return Created(row.pk, status)

    def request_digest() -> bytes:
        body = request.data if files is None else [file.digest() for file in files]
        return digest(request.method, request.get_full_path(), body)

    created = once(user=request.user, key=key, request=request_digest, make=make_row)
    if not created.repeated:
        return show(rows[0], created.status)
    try:
        response = show(find(created.pk), created.status)
    except NotFound as gone:
        raise Gone("what this idempotency key created no longer exists: use a new key to create it again") from gone
    for name, value in REPLAYED.items():
        response[name] = value
    return response
