"""Django's `DATABASES` from DATABASE_URL, or for the embedded server if that is empty."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from corpusapp.core.home import Home
from corpusapp.embedded.provision import DATABASE

# Executions of a statement after which the server keeps its plan; see corpusapp/core/prepared.py.
_PREPARE_THRESHOLD = 2
_CONNECTIONS = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def configure(url: str, home: Home, hasty: bool = False, pooled: bool = False) -> dict[str, Any]:
    """The settings of the default database.

    `hasty` trades the embedded server's durability for speed. With `pooled`, for transaction poolers, no plan is kept.
    Raises ImproperlyConfigured for a malformed URL, without quoting it, since it may contain a password.
    """
    if not url:
        embedded = {"HOME": str(home.path), "HASTY": hasty}
        options = {"prepare_threshold": _PREPARE_THRESHOLD}
        return {
            "ENGINE": "corpusapp.embedded",
            "NAME": DATABASE,
            "EMBEDDED": embedded,
            "OPTIONS": options,
            **_CONNECTIONS,
        }
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise _malformed("it is not a URL that PostgreSQL understands") from error
    if "dbname" not in parts:
        raise _malformed("it has no database name")
    named = {key.upper(): str(parts.pop(key, "")) for key in ("user", "password", "host", "port")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        **named,
        "OPTIONS": {**parts, "prepare_threshold": None if pooled else _PREPARE_THRESHOLD},
        **_CONNECTIONS,
    }


def _malformed(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATABASE_URL: {reason}; write postgresql://user:password@host:5432/database")
