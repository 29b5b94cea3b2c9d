"""A forked child counts as a user of the server."""

import os
import signal
import subprocess
import sys

import pytest

from corpusapp.embedded.server import Server
from tests.embedded.conftest import processes, until


def test_the_server_stays_up_for_the_parent_of_a_child_that_ends(home, client):
    parent = client(home)
    parent.ask("ensure")
    parent.ask("fork end")
    assert parent.ask("select 1") == "1"
    parent.end()
    until(lambda: not processes(home))


def test_a_child_that_outlives_its_parent_stops_the_server(home, client):
    parent = client(home)
    parent.ask("ensure")
    child = int(parent.ask("fork stay"))
    parent.process.stdin.close()
    parent.process.wait(timeout=60)
    assert processes(home)
    os.kill(child, signal.SIGTERM)
    until(lambda: not processes(home))


def test_a_child_of_a_killed_parent_stops_the_server(home, client):
    parent = client(home)
    parent.ask("ensure")
    child = int(parent.ask("fork stay"))
    parent.kill()
    assert processes(home)
    os.kill(child, signal.SIGTERM)
    until(lambda: not processes(home))


def test_a_child_that_is_terminated_during_the_fork_stops_the_server(home, client):
    parent = client(home)
    parent.ask("terminate fork_in_child")
    parent.ask("ensure")
    parent.send("fork stay")
    assert parent.process.wait(timeout=60) == -signal.SIGKILL
    until(lambda: not processes(home))


def test_a_parent_that_is_terminated_during_the_fork_stops_the_server(home, client):
    parent = client(home)
    parent.ask("terminate fork_in_parent")
    parent.ask("ensure")
    parent.send("fork end")
    assert parent.process.wait(timeout=60) == -signal.SIGTERM
    until(lambda: not processes(home))


@pytest.mark.parametrize(
    "method", ["UsageLock.hold", "Cluster.spawn", "Cluster.configure", "Postmaster.clear_stale_pid"]
)
def test_a_process_that_is_terminated_while_it_starts_the_server_stops_it(home, client, method):
    starter = client(home)
    starter.ask(f"terminate {method}")
    starter.send("ensure")
    assert starter.process.wait(timeout=60) == 128 + signal.SIGTERM
    until(lambda: not processes(home))


def test_a_process_that_is_terminated_at_its_exit_stops_the_server(home, client):
    last = client(home)
    last.ask("ensure")
    last.ask("terminate Postmaster.stop")
    last.end()
    until(lambda: not processes(home))


_DEAF_AT_FIRST = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.SIG_IGN)
print("up", flush=True)
time.sleep(0.5)
signal.signal(signal.SIGINT, signal.SIG_DFL)
time.sleep(60)
"""


def test_a_server_that_missed_the_first_signal_gets_another():
    """One that inherited an ignored SIGINT, as under nohup, ignores it until it sets its own handler."""
    process = subprocess.Popen([sys.executable, "-c", _DEAF_AT_FIRST], stdout=subprocess.PIPE)
    process.stdout.readline()
    process.send_signal(signal.SIGINT)
    Server._wait_for_end(process)
    assert process.returncode == -signal.SIGINT
