"""The application's database: Django's settings for it, and its creation on the embedded server."""

from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from corpusapp.core.home import Home
from corpusapp.embedded.errors import ServerError

# The names on the embedded server.
ROLE = DATABASE = "corpusapp"
# The server keeps the plan of a statement of corpusapp/core/prepared.py from its first execution. Else it plans the
# first five by their values, which takes longer than executing them, in each connection of each thread.
_PREPARE_THRESHOLD = 0
_KEEP_PLANS = "-c plan_cache_mode=force_generic_plan"
_CONNECTIONS = {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}


def configure(url: str, home: Home, hasty: bool = False, pooled: bool = False) -> dict[str, Any]:
    """The settings of the default database from DATABASE_URL, or for the embedded server if `url` is empty.

    `hasty` trades the embedded server's durability for speed. With `pooled`, for transaction poolers, no plan is kept.
    Raises ImproperlyConfigured for a malformed URL, without quoting it, since it may contain a password.
    """
    if not url:
        return {
            "ENGINE": "corpusapp.embedded",
            "NAME": DATABASE,
            "EMBEDDED": {"HOME": str(home.path), "HASTY": hasty},
            "OPTIONS": {"prepare_threshold": _PREPARE_THRESHOLD, "options": _KEEP_PLANS},
            **_CONNECTIONS,
        }
    try:
        parts = conninfo_to_dict(url)
    except psycopg.ProgrammingError as error:
        raise _malformed("it is not a URL that PostgreSQL understands") from error
    if "dbname" not in parts:
        raise _malformed("it has no database name")
    named = {key.upper(): str(parts.pop(key, "")) for key in ("user", "password", "host", "port")}
    if not pooled:
        parts["options"] = f"{parts.get('options', '')} {_KEEP_PLANS}".strip()
    return {
        "ENGINE": "corpusapp.core.postgresql",
        "NAME": parts.pop("dbname"),
        **named,
        "OPTIONS": {**parts, "prepare_threshold": None if pooled else _PREPARE_THRESHOLD},
        **_CONNECTIONS,
    }


def ensure_database(superuser: dict[str, Any], credentials: dict[str, Any]) -> None:
    """Create the role and its database on the embedded server, unless the role can log in.

    Both parameters are libpq's, of the superuser and of the role. An interrupted attempt is completed. Raises
    ServerError.
    """
    location = {"host": superuser["host"], "port": superuser["port"], "dbname": DATABASE}
    try:
        psycopg.connect(**location, **credentials).close()
    except psycopg.OperationalError:
        _create(superuser, credentials["password"])


def _create(superuser: dict[str, Any], password: str) -> None:
    role = sql.Identifier(ROLE)
    # The role is no superuser. It owns its database, and can create others for tests.
    options = sql.SQL("LOGIN CREATEDB PASSWORD {}").format(sql.Literal(password))
    try:
        with psycopg.connect(**superuser, dbname="postgres", autocommit=True) as connection:
            # Two processes may do this at the same time.
            connection.execute("SELECT pg_advisory_lock(hashtext('provision'))")
            verb = sql.SQL("ALTER" if _exists(connection, "pg_roles", "rolname", ROLE) else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} {}").format(verb, role, options))
            if not _exists(connection, "pg_database", "datname", DATABASE):
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(DATABASE), role))
    except psycopg.OperationalError as error:
        raise ServerError(f"cannot set up the database {DATABASE}: {str(error).strip()}") from error


def _exists(connection: "psycopg.Connection[Any]", table: str, column: str, name: str) -> bool:
    query = sql.SQL("SELECT FROM {} WHERE {} = {}").format(sql.Identifier(table), sql.Identifier(column), name)
    return connection.execute(query).fetchone() is not None


def _malformed(reason: str) -> ImproperlyConfigured:
    return ImproperlyConfigured(f"DATABASE_URL: {reason}; write postgresql://user:password@host:5432/database")
