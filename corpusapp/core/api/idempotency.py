"""`Idempotency-Key` on creates: what a key made is shown again, as it stands now, and made no second time."""

import hashlib
from collections.abc import Callable
from typing import BinaryIO, TypeVar

from django.db.models import Model
from rest_framework.request import Request
from rest_framework.response import Response

from corpusapp.core.api.schema import REPLAYED
from corpusapp.core.errors import Gone, NotFound
from corpusapp.core.idempotency import Made, digest, once

Row = TypeVar("Row", bound=Model)
HEADER = "Idempotency-Key"
_BLOCK = 1 << 20


class Read:
    """A file of a request; where that has a key, with the hash of what was read, since its bytes pass only once."""

    def __init__(self, request: Request, name: str, file: BinaryIO) -> None:
        self.name, self._file = name, file
        self._hash = hashlib.sha256() if HEADER in request.headers else None

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        if self._hash is not None:
            self._hash.update(data)
        return data

    def digest(self) -> list[str]:
        """Name and hash of all of it; what nobody has read yet is read now. Of a request with a key."""
        while self.read(_BLOCK):
            pass
        return [self.name, self._hash.hexdigest()]


def create(
    request: Request,
    *,
    make: Callable[[], tuple[Row, int]],
    find: Callable[[int], Row],
    show: Callable[[Row, int], Response],
    files: list[Read] | None = None,
) -> Response:
    """What `make` makes, shown with the status that it names; under a key that made it before, `find` finds it.

    The caller has looked up already whether the user may be at this address at all. `files` are the body where it is
    read as it comes; else it is JSON.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return show(*make())
    new: list[Row] = []

    def act() -> Made:
        row, status = make()
        new.append(row)
        return Made(row.pk, status)

    def asked() -> bytes:
        body = request.data if files is None else [file.digest() for file in files]
        return digest(request.method, request.get_full_path(), body)

    made = once(user=request.user, key=key, request=asked, make=act)
    if not made.repeated:
        return show(new[0], made.status)
    try:
        answer = show(find(made.pk), made.status)
    except NotFound as gone:
        raise Gone("what this idempotency key created no longer exists: use a new key to create it again") from gone
    for name, value in REPLAYED.items():
        answer[name] = value
    return answer
