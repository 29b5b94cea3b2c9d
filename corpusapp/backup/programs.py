"""PostgreSQL's own programs, pg_dump, pg_restore and psql, on the desk's database."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from psycopg.conninfo import make_conninfo

from corpusapp.embedded import cluster
from corpusapp.refusals import Invalid, Refusal

_CHUNK = 1024 * 1024
# Options of psql: one transaction, which the end of its input commits.
LOADING = ("--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--single-transaction", "--output=/dev/null")


class ProgramFailed(Refusal):
    """One of PostgreSQL's programs did not do what it was asked; the message is its last line."""

    title = "PostgreSQL's program failed"


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
    """Refuse a server whose major version is newer than the programs."""
    ours = major()
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
        try:
            # Where it has ended already, its own reason tells more.
            with suppress(BrokenPipeError):
                yield process
            with suppress(BrokenPipeError):
                process.stdin.close()
            while process.stdout.read(_CHUNK):
                pass
        except BaseException:
            process.kill()
            raise
        finally:
            process.stdout.close()
            with suppress(BrokenPipeError):
                process.stdin.close()
            process.wait()
        if process.returncode:
            told.seek(0)
            raise ProgramFailed(f"{name} failed: {_reason(told.read())}")


def database() -> dict[str, Any]:
    """The desk's database, as `running` takes it."""
    return connection.get_connection_params()


def _address(values: Mapping[str, Any]) -> str:
    """Where the database is, without the password, which would be seen in the list of processes."""
    named = ("dbname", "host", "port", "user", "sslmode", "sslrootcert", "sslcert", "sslkey", "connect_timeout")
    return make_conninfo(**{name: values[name] for name in named if values.get(name)})


def _environment(values: Mapping[str, Any]) -> dict[str, str]:
    # PGOPTIONS and the like of whoever calls would change what comes out.
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    return {**plain, "PGPASSWORD": str(values.get("password") or ""), "LC_ALL": "C"}


def _reason(told: bytes) -> str:
    lines = told.decode(errors="replace").strip().splitlines()
    errors = [line for line in lines if "error" in line.lower()]
    return (errors or lines or ["it gave no reason"])[0][:500]
