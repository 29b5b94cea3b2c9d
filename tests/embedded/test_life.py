"""The first process starts the server and the last one stops it, also if processes are killed in between."""

import os
import signal

from tests.embedded.conftest import kill_server, postmaster, processes, until


def test_the_last_process_to_leave_stops_the_server(home, client):
    first, second = client(home), client(home)
    assert (first.ask("ensure"), second.ask("ensure")) == ("up", "up")
    first.end()
    assert second.ask("select 1") == "1"
    second.end()
    until(lambda: not processes(home))


def test_two_processes_that_start_at_once_start_one_server(home, client):
    clients = [client(home) for _ in range(2)]
    for one in clients:
        one.send("ensure")
    assert [one.answer() for one in clients] == ["up", "up"]
    assert len({one.ask("select pg_postmaster_start_time()") for one in clients}) == 1


def test_data_survives_a_restart(home, client):
    first = client(home)
    first.ask("ensure")
    identifier = first.ask("select system_identifier FROM pg_control_system()")
    first.end()
    second = client(home)
    assert second.ask("ensure") == "up"
    assert second.ask("select system_identifier FROM pg_control_system()") == identifier


def test_a_killed_server_is_restarted(home, client):
    one = client(home)
    one.ask("ensure")
    killed = postmaster(home)
    os.kill(killed, signal.SIGKILL)
    assert one.ask("ensure") == "up"
    assert postmaster(home) != killed
    one.end()
    until(lambda: not processes(home))


def test_a_killed_server_is_restarted_by_a_process_that_did_not_start_it(home, client):
    starter, other = client(home), client(home)
    starter.ask("ensure")
    other.ask("ensure")
    os.kill(postmaster(home), signal.SIGKILL)  # a zombie, since its parent does not wait for it
    assert other.ask("ensure") == "up"
    assert starter.ask("ensure") == "up"
    starter.end()
    assert other.ask("select 1") == "1"
    other.end()
    until(lambda: not processes(home))


def test_a_server_is_restarted_after_all_its_processes_were_killed(home, client):
    one = client(home)
    one.ask("ensure")
    kill_server(home)
    assert one.ask("ensure") == "up"
    one.end()
    until(lambda: not processes(home))


def test_a_killed_process_no_longer_counts_as_a_user(home, client):
    killed = client(home)
    killed.ask("ensure")
    killed.kill()
    assert processes(home)
    after = client(home)
    assert after.ask("ensure") == "up"
    after.end()
    until(lambda: not processes(home))


def test_a_process_that_gets_sigterm_stops_the_server(home, client):
    one = client(home)
    one.ask("ensure")
    one.kill(signal.SIGTERM)
    until(lambda: not processes(home))


def test_a_server_without_its_socket_is_restarted(home, client):
    one = client(home)
    one.ask("ensure")
    unreachable = postmaster(home)
    (home / "postgres/socket/.s.PGSQL.5432").unlink()
    assert one.ask("ensure") == "up"
    assert postmaster(home) != unreachable


def test_ctrl_c_in_the_terminal_does_not_reach_the_server(home, client):
    one = client(home)
    one.ask("ensure")
    assert os.getsid(postmaster(home)) != os.getsid(one.process.pid)
