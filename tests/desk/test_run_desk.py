"""One command starts everything, one Ctrl-C stops it, and what dies in between starts again."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

from django.conf import settings

from tests.embedded.conftest import processes, until


def _gone(pids) -> bool:
    return not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)


def _password_holds(desk, password: str) -> bool:
    script = (
        "from django.contrib.auth import authenticate; "
        f"print(authenticate(username='admin', password='{password}') is not None)"
    )
    return desk.manage("shell", "--verbosity=0", "-c", script) == "True"


def test_first_run_second_run(desk):
    first = desk()
    assert first.url in first.said
    assert first.answers()
    assert _password_holds(first, first.password)
    counted = "from corpusapp.articles.models import Article; print(Article.objects.count())"
    articles = int(first.manage("shell", "--verbosity=0", "-c", counted))
    assert articles >= 12
    pids = first.children()
    assert first.stop().splitlines()[-1] == "corpusapp has stopped."
    assert first.process.returncode == 0
    until(lambda: _gone(pids))

    second = desk()
    assert "with the password" not in second.said
    assert "manage.py changepassword admin" in second.said
    assert _password_holds(second, first.password)
    assert int(second.manage("shell", "--verbosity=0", "-c", counted)) == articles


def test_what_is_killed_starts_again(desk):
    one = desk()
    for name in ("run_worker", "gunicorn"):
        killed = one.child(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda name=name, killed=killed: one.child(name) not in {None, killed})
    until(one.answers)
    pids = one.children()
    one.stop()
    until(lambda: _gone(pids) and not processes(one.home))


def test_a_killed_database_starts_again(desk):
    one = desk()
    for process in processes(one.home):
        # A process of the server may end by itself between the two.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if f"{one.home}/postgres/data" in Path(f"/proc/{process}/cmdline").read_text():
                os.kill(process, signal.SIGKILL)
    until(one.answers)
    one.stop()
    until(lambda: not processes(one.home))


def test_a_killed_desk_takes_its_processes_along(desk):
    one = desk()
    pids = one.children()
    one.process.kill()
    until(lambda: _gone(pids) and not processes(one.home))
    assert desk().answers()


def test_sigterm_stops_it_like_ctrl_c(desk):
    one = desk()
    pids = one.children()
    one.process.terminate()
    assert "corpusapp has stopped." in one.process.communicate(timeout=60)[0]
    until(lambda: _gone(pids))


def test_a_busy_port_is_told_in_one_line():
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        command = [sys.executable, "-m", "corpusapp.desk", "--port", str(port)]
        tried = subprocess.run(command, cwd=settings.BASE_DIR, capture_output=True, text=True)
    assert tried.returncode == 1
    assert len(tried.stderr.splitlines()) == 1
    assert f"corpusapp cannot start: port {port} on 127.0.0.1 is in use" in tried.stderr
    assert f"make run PORT={port + 1}" in tried.stderr
