"""What can go wrong with the embedded server, in one line each."""

from django.core.management.base import CommandError
from django.db.utils import OperationalError


class ServerError(OperationalError, CommandError):
    """The embedded server cannot serve: what was wrong, where, and what to do.

    To Django it is a failed connection; to a management command it is an error that is printed as one line.
    """
