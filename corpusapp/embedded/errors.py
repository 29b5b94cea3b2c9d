"""The error of the embedded server."""

from django.core.management.base import CommandError
from django.db.utils import OperationalError


class ServerError(OperationalError, CommandError):
    """The embedded server cannot be used: the message says what was wrong, where, and what to do.

    For Django it is a failed connection; management commands print it as one line.
    """
