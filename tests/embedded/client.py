"""A process that uses an embedded server: python -m tests.embedded.client HOME [UID].

It reads a command from each line of its input, and answers each with one line. It exits at the end of its input.
"""

import os
import signal
import sys
import time
from pathlib import Path

import psycopg

from corpusapp.core.home import Home
from corpusapp.embedded.cluster import Cluster
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.locks import UsageLock
from corpusapp.embedded.postmaster import Postmaster
from corpusapp.embedded.server import Server


def ensure(server: Server, argument: str) -> str:
    server.ensure()
    return "up"


def select(server: Server, argument: str) -> str:
    with psycopg.connect(dbname="corpusapp", **server.address()) as connection:
        return str(connection.execute(f"SELECT {argument}").fetchone()[0])


def fork(server: Server, argument: str) -> str:
    """Fork a child that ends at once ("end"), or at SIGTERM ("stay"); answers with its pid."""
    child = os.fork()
    if child == 0:
        os.close(sys.stdin.fileno())
        while argument == "stay":
            # Not pause(): it would not notice a signal from just before.
            time.sleep(0.05)
        sys.exit(0)
    if argument == "end":
        os.waitpid(child, 0)
    return str(child)


def terminate(server: Server, argument: str) -> str:
    """Send SIGTERM to itself before and after every call of a method, such as "UsageLock.hold", or during a fork.

    With "fork_in_child", the parent is killed first.
    """
    if argument == "fork_in_parent":
        os.register_at_fork(after_in_parent=_terminate_self)
        return "set"
    if argument == "fork_in_child":
        os.register_at_fork(after_in_child=_kill_parent_and_terminate_self)
        return "set"
    name, method = argument.split(".")
    owner = {"UsageLock": UsageLock, "Cluster": Cluster, "Postmaster": Postmaster}[name]
    original = getattr(owner, method)

    def interrupted(*arguments: object) -> object:
        _terminate_self()
        result = original(*arguments)
        _terminate_self()
        return result

    setattr(owner, method, interrupted)
    return "set"


def _terminate_self() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _kill_parent_and_terminate_self() -> None:
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    while os.getppid() == parent:
        time.sleep(0.01)
    _terminate_self()


COMMANDS = {"ensure": ensure, "select": select, "fork": fork, "terminate": terminate}


def main() -> None:
    home, *uid = sys.argv[1:]
    if uid:
        os.setgroups([])
        os.setgid(int(uid[0]))
        os.setuid(int(uid[0]))
    server = Server(Home(Path(home)), hasty=True)
    while line := sys.stdin.readline().strip():
        command, _, argument = line.partition(" ")
        try:
            answer = COMMANDS[command](server, argument)
        except ServerError as error:
            answer = f"refused: {error}"
        print(answer.replace("\n", " "), flush=True)


if __name__ == "__main__":
    main()
