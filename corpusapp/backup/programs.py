"""PostgreSQL's own programs, pg_dump, pg_restore and psql, on the desk's database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
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
# Parameters that do not stand in the list of processes, and one that would change what comes out.
_SECRET = {"password", "sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key"}
_NOT_SAID = _SECRET | {"client_encoding"}
# Variables that would change what comes out. The others lead to the same server as the desk's own connection.
_CHANGING = ("PGOPTIONS", "PGCLIENTENCODING", "PGDATESTYLE", "PGTZ")
_LOADING = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--output=/dev/null")


class ProgramFailed(Refusal):
    """One of PostgreSQL's programs did not do what it was asked; the message is its last line."""

    title = "PostgreSQL's program failed"


class _NotRead(BrokenPipeError):
    """A program reads no more of its input."""

    def __init__(self, source: "_Input") -> None:
        super().__init__("the program has ended")
        self.source = source


class _Input:
    """A program's input, which tells its own end from that of another program's."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe

    def write(self, data: bytes) -> int:
        try:
            return self._pipe.write(data)
        except BrokenPipeError as error:
            raise _NotRead(self) from error

    def close(self) -> None:
        with suppress(BrokenPipeError):
            self._pipe.close()

    def __enter__(self) -> "_Input":
        return self

    def __exit__(self, *error: object) -> None:
        self.close()


def path_of(name: str) -> str:
    """The program in the folder that `POSTGRES_PROGRAMS` names, else the wheel's, else the system's."""
    if folder := settings.POSTGRES_PROGRAMS:
        return str(Path(folder) / name)
    wheels = Path(cluster.binary(name))
    return str(wheels) if wheels.is_file() else shutil.which(name) or name


def major(name: str = "pg_dump") -> int:
    """The major version of the program."""
    return cluster.major(path_of(name))


def require_for(server: int) -> None:
    """Refuse a server whose major version is newer than the programs, and a pooler before it."""
    if settings.POOLED:
        raise Invalid(
            "DATABASE_URL is a pooler, in whose connections PostgreSQL's programs would leave settings: set "
            "DATABASE_URL to the server itself, with DATABASE_POOLED=false, and try again"
        )
    try:
        ours = major()
    except ServerError as error:
        raise Invalid(f"{error}, with POSTGRES_PROGRAMS") from error
    if server > ours:
        raise Invalid(
            f"the server is PostgreSQL {server}, and pg_dump here is {ours}: install the programs of {server}, and set "
            "POSTGRES_PROGRAMS to their folder"
        )


@contextmanager
def running(name: str, *arguments: str, on: Mapping[str, Any] | None = None) -> "Iterator[subprocess.Popen[bytes]]":
    """The program, its input and its output a pipe, on the database of these parameters of libpq, if any.

    Its input is closed at the end of the block, and refused `ProgramFailed` where it failed; a block that breaks off
    kills it.
    """
    command = [path_of(name), *arguments, *([f"--dbname={_address(on)}"] if on else [])]
    with tempfile.TemporaryFile() as told:
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=told,
            env=_environment(on or {}),
            start_new_session=True,
        )
        process.stdin = _Input(process.stdin)
        try:
            try:
                yield process
            except _NotRead as error:
                # Where it has ended already, its own reason tells more. Another program's end is not this one's.
                if error.source is not process.stdin:
                    raise
            process.stdin.close()
            while process.stdout.read(_CHUNK):
                pass
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            process.stdin.close()
            process.wait()
        if process.returncode:
            told.seek(0)
            raise ProgramFailed(f"{name} failed: {_reason(told.read())}")


@contextmanager
def loading(on: Mapping[str, Any]) -> "Iterator[IO[bytes]]":
    """The input of psql, one transaction that the end of the block commits.

    The end of the input alone commits nothing: it comes, too, where this process is killed.
    """
    with running("psql", *_LOADING, on=on) as psql:
        psql.stdin.write(b"BEGIN;\n")
        yield psql.stdin
        psql.stdin.write(b"COMMIT;\n")


def database() -> dict[str, Any]:
    """The desk's database, as `running` takes it."""
    return connection.get_connection_params()


def _address(values: Mapping[str, Any]) -> str:
    """Where the database is, without the passwords, which would be seen in the list of processes."""
    known = {option.keyword.decode() for option in Conninfo.get_defaults()} - _NOT_SAID
    return make_conninfo(**{name: value for name, value in values.items() if name in known and value})


def _environment(values: Mapping[str, Any]) -> dict[str, str]:
    plain = {name: value for name, value in os.environ.items() if name not in _CHANGING}
    password = {"PGPASSWORD": str(values["password"])} if values.get("password") else {}
    return {**plain, **password, "LC_ALL": "C"}


def _reason(told: bytes) -> str:
    lines = told.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["no reason given"])[0][:500]
