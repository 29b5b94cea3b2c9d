"""Commands of the desk as processes of their own, on the database of the running test."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from urllib.parse import quote

import psycopg
from django.conf import settings
from django.db import connection


def database_url() -> str:
    """The test's own database, as another process names it."""
    values = connection.get_connection_params()
    host = quote(str(values.get("host") or ""), safe="")
    address = f"{quote(values.get('user') or '')}:{quote(values.get('password') or '')}@"
    return f"postgresql://{address}/{values['dbname']}?host={host}&port={values.get('port') or 5432}"


def environment(**values: str) -> dict[str, str]:
    return {**os.environ, "DATABASE_URL": database_url(), **values}


def run(*command: str, **values: str) -> subprocess.CompletedProcess[str]:
    """A management command, run to its end."""
    return subprocess.run(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=environment(**values),
        capture_output=True,
        text=True,
        timeout=120,
    )


@contextlib.contextmanager
def running(*command: str, **values: str) -> Iterator[subprocess.Popen[bytes]]:
    """A management command that goes on until it is stopped; stopped at the end if it still runs."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", *command],
        cwd=settings.BASE_DIR,
        env=environment(**values),
        start_new_session=True,
    )
    try:
        yield process
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(timeout=30)


@contextlib.contextmanager
def serving(**values: str) -> Iterator[str]:
    """The address of the web server as a desk runs it, on the test's own database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "--config", "python:corpusapp.desk.web", "--bind", f"127.0.0.1:{port}"]
    process = subprocess.Popen(
        [*command, "corpusapp.wsgi:application"], cwd=settings.BASE_DIR, env=environment(**values)
    )

    def answers() -> bool:
        assert process.poll() is None
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return True
        return False

    try:
        wait_until(answers)
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(timeout=30)


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    """Poll until the condition holds; fail where it does not within `seconds`."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, f"not true within {seconds} s: {condition}"
        time.sleep(0.05)


def end_this_connection() -> None:
    """The server ends the thread's connection, as it does when it is stopped."""
    with psycopg.connect(database_url(), autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [connection.connection.info.backend_pid])
