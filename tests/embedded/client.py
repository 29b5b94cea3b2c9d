"""A process that uses an embedded server, told what to do line by line: python -m tests.embedded.client HOME [UID].

Every command is answered by one line. The process leaves as any other does, at the end of its input.
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
from corpusapp.embedded.locks import Presence
from corpusapp.embedded.postmaster import Postmaster
from corpusapp.embedded.server import Server


def ensure(server: Server, argument: str) -> str:
    server.ensure()
    return "up"


def select(server: Server, argument: str) -> str:
    with psycopg.connect(dbname="corpusapp", **server.address()) as connection:
        return str(connection.execute(f"SELECT {argument}").fetchone()[0])


def fork(server: Server, argument: str) -> str:
    """A child that ends at once ("end"), or lives on until SIGTERM ("stay"); answers with its pid."""
    child = os.fork()
    if child == 0:
        os.close(sys.stdin.fileno())
        while argument == "stay":
            # Not pause(): a signal that came a moment before it would wait with it.
            time.sleep(0.05)
        sys.exit(0)
    if argument == "end":
        os.waitpid(child, 0)
    return str(child)


def terminate(server: Server, argument: str) -> str:
    """SIGTERM comes before and after every call of a method ("Presence.hold"), or in the hooks of a fork.

    With "fork_in_child", the parent is killed first.
    """
    if argument == "fork_in_parent":
        os.register_at_fork(after_in_parent=_terminated)
        return "will be"
    if argument == "fork_in_child":
        os.register_at_fork(after_in_child=_orphaned_and_terminated)
        return "will be"
    name, method = argument.split(".")
    owner = {"Presence": Presence, "Cluster": Cluster, "Postmaster": Postmaster}[name]
    undisturbed = getattr(owner, method)

    def disturbed(*arguments: object) -> object:
        _terminated()
        result = undisturbed(*arguments)
        _terminated()
        return result

    setattr(owner, method, disturbed)
    return "will be"


def _terminated() -> None:
    os.kill(os.getpid(), signal.SIGTERM)


def _orphaned_and_terminated() -> None:
    parent = os.getppid()
    os.kill(parent, signal.SIGKILL)
    while os.getppid() == parent:
        time.sleep(0.01)
    _terminated()


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
