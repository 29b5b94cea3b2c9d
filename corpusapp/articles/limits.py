"""How much an import takes, from the settings: the one place where they become the readers' limits."""

from django.conf import settings

from corpusapp.intake.limits import Limits


def limits() -> Limits:
    return Limits(unpacked_bytes=settings.IMPORT_MAX_UNPACKED_BYTES)
