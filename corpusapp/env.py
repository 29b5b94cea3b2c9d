"""Typed readers of environment variables. Each raises ImproperlyConfigured, naming the variable and what it expects."""

import os
import re
from collections.abc import Mapping
from email.utils import parseaddr
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from corpusapp.core.errors import Refusal

_TRUE = {"1", "true", "yes", "on"}
_FALSE = {"0", "false", "no", "off"}
_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)*|\[[0-9a-f:.]+\]")


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


class MailServer(NamedTuple):
    """A mail server; without a `host` there is none. `tls`: from the start; `starttls`: after connecting."""

    host: str = ""
    port: int = 25
    user: str = ""
    password: str = ""
    tls: bool = False
    starttls: bool = False


def mail_server(name: str, environ: Mapping[str, str] = os.environ) -> MailServer:
    """A mail server from `smtps://user:password@host:port`, or `smtp://`, which uses STARTTLS if it names a user.

    An error does not quote the URL, since it may contain a password.
    """
    value = environ.get(name, "").strip()
    if not value:
        return MailServer()
    expected = f"{name} is not the URL of a mail server: write smtps://user:password@host:465 or smtp://host:25"
    try:
        parts = urlsplit(value)
        port = parts.port
    except ValueError as error:
        raise ImproperlyConfigured(expected) from error
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ImproperlyConfigured(expected)
    user, tls = unquote(parts.username or ""), parts.scheme == "smtps"
    usual = 465 if tls else 587 if user else 25
    password = unquote(parts.password or "")
    return MailServer(parts.hostname, port or usual, user, password, tls, bool(user) and not tls)


def mail_address(name: str, required: bool, environ: Mapping[str, str] = os.environ) -> str:
    """An e-mail address, with a name or without; it may be empty unless it is required."""
    value = environ.get(name, "").strip()
    if (value or required) and "@" not in parseaddr(value)[1]:
        raise ImproperlyConfigured(f"{name}={value!r} is not an e-mail address: write corpusapp@example.org")
    return value


def origins(name: str, environ: Mapping[str, str] = os.environ) -> list[str]:
    """Origins of pages as browsers send them: scheme, host in small letters, and a port that is not the usual one."""
    found = words(name, environ=environ)
    for value in found:
        plain = _origin_of(value)
        if value != plain:
            expected = plain or "https://lab.example.org"
            raise ImproperlyConfigured(f"{name} has {value!r}, which is not the origin of a page: write {expected}")
    return found


def _origin_of(value: str) -> str:
    """The origin that a browser sends for this URL; empty if it has none."""
    try:
        parts = urlsplit(value)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port
    except ValueError:
        return ""
    host = f"[{host}]" if ":" in host else host
    if parts.scheme not in _PORTS or not _HOST.fullmatch(host):
        return ""
    return f"{parts.scheme}://{host}" + ("" if port in (None, _PORTS[parts.scheme]) else f":{port}")


def origin(name: str, default: str, environ: Mapping[str, str] = os.environ) -> str:
    """The address of a site without a path, such as https://desk.example.org; "" if neither is given."""
    value = (environ.get(name, "").strip() or default).rstrip("/")
    if not value and not default:
        return ""
    if not value.startswith(("http://", "https://")) or value.count("/") != 2:
        raise ImproperlyConfigured(f"{name}={value!r} is not the address of a site: write https://desk.example.org")
    return value
