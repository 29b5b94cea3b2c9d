"""Create the application's role and database on the embedded server."""

from typing import Any

import psycopg
from psycopg import sql

from corpusapp.embedded.errors import ServerError

ROLE = DATABASE = "corpusapp"


def ensure_database(superuser: dict[str, Any], credentials: dict[str, Any]) -> None:
    """Create the role and its database unless the role can log in; an interrupted attempt is completed.

    Both parameters are libpq's, of the superuser and of the role. Raises ServerError.
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
