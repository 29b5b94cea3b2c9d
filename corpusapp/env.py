"""Typed readers of environment variables. Each raises ImproperlyConfigured, naming the variable and what it expects."""

import os
from collections.abc import Mapping

from django.core.exceptions import ImproperlyConfigured

from corpusapp.core.errors import Refusal

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}


def text(name: str, default: str = "", environ: Mapping[str, str] = os.environ) -> str:
    """The variable's value, or `default` if it is unset or empty."""
    return environ.get(name, "") or default


def boolean(name: str, default: bool, environ: Mapping[str, str] = os.environ) -> bool:
    """True for 1, true, yes, on; False for 0, false, no, off."""
    value = environ.get(name, "").strip().lower()
    if not value:
        return default
    if value in _TRUE | _FALSE:
        return value in _TRUE
    raise ImproperlyConfigured(f"{name}={value!r} is not a yes or no: write true or false")


def integer(name: str, default: int, environ: Mapping[str, str] = os.environ) -> int:
    """A whole number of zero or more."""
    value = environ.get(name, "").strip()
    if not value:
        return default
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name}={value!r} is not a whole number of zero or more")
    return int(value)


def public_key(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """A public key of age or SSH; empty if unset."""
    value = environ.get(name, "").strip()
    if value:
        from corpusapp.core.public_keys import checked_recipient

        try:
            checked_recipient(value)
        except Refusal as refusal:
            raise ImproperlyConfigured(f"{name}: {refusal.detail}") from refusal
    return value


def words(name: str, default: tuple[str, ...] = (), environ: Mapping[str, str] = os.environ) -> list[str]:
    """A comma-separated list, without white space around the words."""
    value = environ.get(name, "")
    return [word.strip() for word in value.split(",") if word.strip()] or list(default)
