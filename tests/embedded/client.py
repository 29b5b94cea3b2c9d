"""A process that uses an embedded server, told what to do line by line: python -m tests.embedded.client HOME [UID].

Every command is answered by one line. The process leaves as any other does, at the end of its input.
"""

import os
import sys
import time
from pathlib import Path

import psycopg

from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.server import Server
from corpusapp.home import Home


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


COMMANDS = {"ensure": ensure, "select": select, "fork": fork}


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
