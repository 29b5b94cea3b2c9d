"""`run_desk` starts all processes, restarts those that end, and stops all of them."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest
from django.conf import settings

from corpusapp.core import waiting_process
from corpusapp.core.home import Home
from corpusapp.desk import web
from tests.embedded.conftest import processes, until


def _gone(pids) -> bool:
    return not any(Path(f"/proc/{pid}/cmdline").exists() and Path(f"/proc/{pid}/cmdline").read_bytes() for pid in pids)


def test_the_first_run_creates_an_admin_and_a_sample_and_the_second_run_keeps_them(first_run, desk):
    assert first_run.desk.url in first_run.desk.output
    assert first_run.answered
    assert first_run.signed_in
    assert first_run.articles >= 12
    assert first_run.last_output.splitlines()[-1] == "corpusapp has stopped."
    assert first_run.desk.process.returncode == 0
    assert _gone(first_run.processes)

    second = desk()
    assert "with the password" not in second.output
    assert "manage.py changepassword admin" in second.output
    assert second.signs_in(first_run.desk.password)
    assert not second.signs_in("not the password")
    assert second.articles() == first_run.articles
    assert second.child("feed") and _feed_answers(second.home)


def _feed_answers(home: Path) -> bool:
    """Whether followers can wait where the desk says."""
    process = waiting_process.find(Home(home))
    try:
        return bool(process and urllib.request.urlopen(f"http://127.0.0.1:{process.port}/healthz", timeout=10))
    except OSError:
        return False


def test_another_port_is_taken_for_followers_where_the_next_one_is_in_use(desk, port):
    with socket.create_server(("127.0.0.1", port + 1)):
        one = desk()
        assert waiting_process.find(Home(one.home)).port != port + 1 and _feed_answers(one.home)
    one.stop()
    assert waiting_process.find(Home(one.home)) is None


@pytest.mark.slow
def test_killed_processes_are_restarted(desk):
    one = desk()
    for name in ("worker", "web server", "feed"):
        killed = one.child(name)
        os.kill(killed, signal.SIGKILL)
        until(lambda name=name, killed=killed: one.child(name) not in {None, killed})
    until(one.answers)
    until(lambda: _feed_answers(one.home))
    _kill_database(one.home)
    until(one.answers)
    pids = one.children()
    assert one.stop().splitlines()[-1] == "corpusapp has stopped."
    until(lambda: _gone(pids) and not processes(one.home))


def _kill_database(home: Path) -> None:
    for process in processes(home):
        # A process of the server may end meanwhile.
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            if f"{home}/postgres/data" in Path(f"/proc/{process}/cmdline").read_text():
                os.kill(process, signal.SIGKILL)


@pytest.mark.slow
def test_requests_that_are_never_finished_hold_up_the_others_for_seconds_only(desk):
    one = desk()
    with contextlib.ExitStack() as silent:
        for _ in range(3 * web.workers * web.threads):
            sender = silent.enter_context(socket.create_connection(("127.0.0.1", one.port)))
            sender.sendall(b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Unfinished: ")
        until(one.answers)
    assert one.answers()


@pytest.mark.slow
def test_all_processes_end_with_a_killed_or_terminated_supervisor(desk):
    killed = desk()
    pids = killed.children()
    killed.process.kill()
    until(lambda: _gone(pids) and not processes(killed.home))
    one = desk()
    assert one.answers()
    pids = one.children()
    one.process.terminate()
    assert "corpusapp has stopped." in one.process.communicate(timeout=60)[0]
    until(lambda: _gone(pids))


def test_the_error_of_a_busy_port_is_one_line():
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
