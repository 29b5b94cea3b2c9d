"""Listens for notifications of PostgreSQL on a connection of its own, through restarts of the database."""

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import psycopg
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, connection
from psycopg import sql

logger = logging.getLogger(__name__)

_FIRST_WAIT_SECONDS, _LONGEST_WAIT_SECONDS = 0.5, 15.0
# A connection that has been silent for so long is asked whether it still stands.
_SILENT_SECONDS = 30.0
DATABASE_LOST = (psycopg.Error, DatabaseError, InterfaceError, ImproperlyConfigured, OSError)


async def listen(channel: str, notify: Callable[[], None]) -> None:
    """Call `notify` for each notification, and after each new connection, since some may have been missed."""
    wait = _FIRST_WAIT_SECONDS
    while True:
        try:
            # In a thread, since it starts the embedded server if that is down.
            parameters = await asyncio.to_thread(_parameters)
            async with await psycopg.AsyncConnection.connect(**parameters, autocommit=True) as listening:
                await listening.execute(sql.SQL("LISTEN {}").format(sql.Identifier(channel)))
                wait = _FIRST_WAIT_SECONDS
                notify()
                await _pass_on(listening, notify)
        except Exception as error:
            logger.warning("Listening to %s failed and is retried in %.1f s: %s", channel, wait, str(error).strip())
        await asyncio.sleep(wait)
        wait = min(wait * 2, _LONGEST_WAIT_SECONDS)


async def _pass_on(listening: "psycopg.AsyncConnection[Any]", notify: Callable[[], None]) -> None:
    while True:
        async for _ in listening.notifies(timeout=_SILENT_SECONDS):
            notify()
        await listening.execute("SELECT")


def _parameters() -> dict[str, Any]:
    parameters = connection.get_connection_params()
    return {name: value for name, value in parameters.items() if name not in ("cursor_factory", "context")}
