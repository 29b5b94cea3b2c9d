"""What is uploaded waits in a temporary file until an action keeps it."""

from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from corpusapp.core import disk
from corpusapp.core.errors import NoRoom


class UploadRefused(NoRoom, SuspiciousOperation):
    """The request's files could not be written down, so none of them is taken.

    Django reads files before any view is asked: only what is suspicious is answered then, by the page of `errors`.
    """


class TemporaryFileHandler(TemporaryFileUploadHandler):
    """Refuses the whole request where the disk is full, instead of breaking."""

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        try:
            disk.require_room()
        except NoRoom as refusal:
            raise UploadRefused(refusal.detail) from refusal
        try:
            super().new_file(*args, **kwargs)
        except OSError as error:
            raise _no_room(error) from error

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        try:
            super().receive_data_chunk(raw_data, start)
        except OSError as error:
            raise _no_room(error) from error


def _no_room(error: OSError) -> UploadRefused:
    return UploadRefused(
        f"The upload cannot be kept ({error.strerror or error}): nothing was imported. Tell who runs the desk."
    )
