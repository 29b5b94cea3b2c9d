"""Django's database settings from DATABASE_URL, or the embedded server where it is unset."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg.conninfo import conninfo_to_dict

from corpusapp.core.home import Home
from corpusapp.embedded.provision import DATABASE

# Executions of one statement after which its plan is kept; see corpusapp/core/prepared.py.
_PLANNED_AFTER = 2
_CONNECTIONS = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def configure(url: str, home: Home, hasty: bool = False, pooled: bool = False) -> dict[str, Any]:
    """Settings of the default database. `hasty` trades the embedded server's durability for speed; behind a pooler of
    transactions (`pooled`) no connection keeps plans.

    Raises ImproperlyConfigured where the URL cannot be read; the message does not repeat it, for its password.
    """
    if not url:
        embedded = {"HOME": str(home.path), "HASTY": hasty}
        options = {"prepare_threshold": _PLANNED_AFTER}
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
        raise _unreadable("it is not a URL that PostgreSQL understands") from error
    if "dbname" not in parts:
        raise _unreadable("it has no database name")
    named = {key.upper(): str(parts.pop(key, "")) for key in ("user", "password", "host", "port")}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": parts.pop("dbname"),
        **named,
        "OPTIONS": {**parts, "prepare_threshold": None if pooled else _PLANNED_AFTER},
        **_CONNECTIONS,
    }


def _unreadable(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATABASE_URL: {reason}; write postgresql://user:password@host:5432/database")
