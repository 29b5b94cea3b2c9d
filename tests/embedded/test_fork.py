"""A forked child counts as a user of its own."""

import os
import signal

from tests.embedded.conftest import processes, until


def test_a_child_that_ends_leaves_the_server_to_its_parent(home, client):
    parent = client(home)
    parent.ask("ensure")
    parent.ask("fork end")
    assert parent.ask("select 1") == "1"
    parent.end()
    until(lambda: not processes(home))


def test_a_child_that_outlives_its_parent_keeps_the_server_and_stops_it(home, client):
    parent = client(home)
    parent.ask("ensure")
    child = int(parent.ask("fork stay"))
    parent.process.stdin.close()
    parent.process.wait(timeout=60)
    assert processes(home)
    os.kill(child, signal.SIGTERM)
    until(lambda: not processes(home))


def test_a_child_of_a_killed_parent_is_the_last(home, client):
    parent = client(home)
    parent.ask("ensure")
    child = int(parent.ask("fork stay"))
    parent.kill()
    assert processes(home)
    os.kill(child, signal.SIGTERM)
    until(lambda: not processes(home))
