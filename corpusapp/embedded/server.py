"""The embedded server of one home: started by the first process that needs it, stopped by the last that leaves."""

import atexit
import os
import signal
import subprocess
import sys
import threading
import time
from functools import cache
from pathlib import Path
from typing import Any

from psycopg.conninfo import make_conninfo
from psycopg.pq import PGconn, Ping

from corpusapp.core.home import Home
from corpusapp.embedded import postmaster, provision, signals, sockets
from corpusapp.embedded.account import Account, server_account
from corpusapp.embedded.cluster import SUPERUSER, Cluster, binary
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.locks import Presence, exclusive
from corpusapp.embedded.postmaster import Postmaster
from corpusapp.embedded.signals import held_back

_POLL_SECONDS = 0.02
_SECONDS_UNTIL_TOLD = 3.0
_SECONDS_TO_LISTEN = 60.0
_ATTEMPTS = 3
# Where `upgrade_server` puts the data of a newer version together, and the file that says that it is whole.
NEXT, WHOLE = "next-server", "whole"


class Server:
    """PostgreSQL on one home. `ensure` before connecting; leaving happens at the process's exit."""

    def __init__(self, home: Home, hasty: bool = False, programs: Path | None = None) -> None:
        """`programs` is the folder of the programs of another version than the wheel's."""
        self._home = home
        self._hasty = hasty
        self._programs = programs
        self._base = home.path / "postgres"
        self._sockets = sockets.SocketFolder(self._base)
        self._presence = Presence(self._base / "users.lock")
        self._postmaster = Postmaster(self._base / "data")
        self._process: subprocess.Popen[bytes] | None = None
        self._mutex = threading.RLock()

    def ensure(self) -> None:
        """Return with the server up and this process counted among its users. Raises ServerError."""
        with self._mutex:
            if self._presence.held and self._ping() is Ping.OK:
                return None
            account = self._prepare()
            self._hold()
            for _ in range(_ATTEMPTS):
                with exclusive(self._base / "start.lock"):
                    if self._ping() is Ping.NO_RESPONSE:
                        self._start(account)
                if self._wait_until_ready():
                    return provision.application_database(self._superuser(), self._credentials())
            raise ServerError(f"PostgreSQL in {self._base} stops soon after its start: see {self._home.path / 'logs'}")

    def claim(self) -> None:
        """Count this process as its only user: others wait until it leaves. Raises ServerError where one is there."""
        with held_back(), self._mutex:
            if not self._presence.hold_alone():
                raise ServerError(
                    f"{self._home.path} is in use: stop corpusapp and everything else that uses it, and try again"
                )

    def address(self) -> dict[str, Any]:
        """Host, port, user and password of the application's role, as libpq names them."""
        return {**self._location(), **self._credentials()}

    def leave(self) -> None:
        """Count this process out, and stop the server if it was the last. No signal breaks it off."""
        with held_back(), self._mutex:
            if self._presence.held and self._base.exists():
                with exclusive(self._base / "start.lock"), self._presence.leave() as last:
                    if last:
                        self._stop()

    def stop(self) -> None:
        """Stop it whoever uses it."""
        with held_back(), self._mutex:
            if self._base.exists():
                with exclusive(self._base / "start.lock"):
                    self._stop()

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            # Its start may have been broken off before it wrote its pid.
            self._process.send_signal(signal.SIGINT)
        self._postmaster.stop()
        if self._process is not None:
            self._process.wait()
            self._process = None
        self._sockets.remove()

    def _prepare(self) -> Account:
        """Check who may use the home and give the server's user its part, before anything is locked or made."""
        self._home.folder()
        account = server_account(self._home.path)
        elsewhere = "move the checkout with its .venv to a folder that everyone can enter, such as /opt"
        account.require_reach(self._programs or Path(binary("postgres")), elsewhere)
        account.require_reach(self._home.path.parent, "set CORPUSAPP_HOME to a folder that it can enter, such as /srv")
        for folder in (self._home.path, self._home.folder("postgres"), self._home.folder("logs")):
            account.give(folder)
        return account

    def _hold(self) -> None:
        _leave_at_exit(self)
        told = time.monotonic() + _SECONDS_UNTIL_TOLD
        while not self._held():
            if time.monotonic() > told:
                print(f"{self._base} is being stopped or upgraded: waiting.", file=sys.stderr)
                told = time.monotonic() + 60
            time.sleep(_POLL_SECONDS)

    def _held(self) -> bool:
        with held_back():
            return self._presence.hold()

    def _start(self, account: Account) -> None:
        if self._process is not None:
            self._process.poll()  # a server of ours that was killed
        self._end_unreachable()
        self._require_exchanged()
        cluster = Cluster(self._postmaster.data, account, self._hasty, self._programs)
        cluster.initialise(self._home.secret("postgres_superuser"))
        cluster.configure(self._sockets.make(account), self._home.folder("logs"))
        deadline = time.monotonic() + _SECONDS_TO_LISTEN
        while not self._spawn(cluster, deadline):
            reason = postmaster.failure(self._home.folder("logs"))
            # The last processes of a server that was killed take a moment to end.
            if postmaster.ORPHANS not in reason or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL in {self._base} does not start: {reason}")
            time.sleep(_POLL_SECONDS)

    def _require_exchanged(self) -> None:
        if not self._postmaster.data.exists() and (self._home.path / NEXT / WHOLE).exists():
            raise ServerError(
                f"the upgrade of {self._base} to a newer PostgreSQL was interrupted: run `manage.py upgrade_server` "
                "to complete it"
            )

    def _spawn(self, cluster: Cluster, deadline: float) -> bool:
        """Start the server and say whether it listens, which it does before it recovers."""
        self._postmaster.disown_stranger()
        with held_back():
            self._process = cluster.spawn(self._home.folder("logs") / postmaster.START)
        while self._ping() is Ping.NO_RESPONSE:
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _end_unreachable(self) -> None:
        """End a server of ours that lives and cannot be reached: its starter was killed, or its socket removed."""
        deadline = time.monotonic() + _SECONDS_UNTIL_TOLD
        while self._postmaster.pid() is not None and time.monotonic() < deadline:
            if self._ping() is not Ping.NO_RESPONSE:
                return
            time.sleep(_POLL_SECONDS)
        self._postmaster.stop()

    def _wait_until_ready(self) -> bool:
        """Wait through a recovery, however long it takes. False where the server has gone meanwhile."""
        told = time.monotonic() + _SECONDS_UNTIL_TOLD
        while (answer := self._ping()) is not Ping.OK:
            if answer is Ping.NO_RESPONSE:
                return False
            if time.monotonic() > told:
                print(
                    "PostgreSQL is recovering after an unclean stop; this can take minutes.",
                    file=sys.stderr,
                    flush=True,
                )
                told = time.monotonic() + 60
            time.sleep(_POLL_SECONDS)
        return True

    def _ping(self) -> Ping:
        folder = self._sockets.find()
        if folder is None:
            return Ping.NO_RESPONSE
        return Ping(PGconn.ping(make_conninfo(dbname="postgres", user=SUPERUSER, **self._location()).encode()))

    def _location(self) -> dict[str, Any]:
        return {"host": str(self._sockets.find()), "port": sockets.PORT}

    def _credentials(self) -> dict[str, str]:
        return {"user": provision.ROLE, "password": self._home.secret("postgres_role")}

    def _superuser(self) -> dict[str, Any]:
        return {**self._location(), "user": SUPERUSER, "password": self._home.secret("postgres_superuser")}

    def _renew_after_fork(self) -> None:
        with held_back():
            self._mutex = threading.RLock()
            self._process = None  # the parent's child, not ours
            self._presence.renew_after_fork()

    def _leave_at_last(self) -> None:
        with held_back(forget=True):
            self.leave()


_IN_USE: list[Server] = []


@cache
def of(home: Path, hasty: bool) -> Server:
    """The process's one server of this home: its locks count the process, not its threads."""
    return Server(Home(home), hasty)


def leave_all() -> None:
    """Leave now, for a process that ends without its exit functions."""
    for server in _IN_USE:
        server.leave()


def _leave_at_exit(server: Server) -> None:
    if server in _IN_USE:
        return
    if not _IN_USE:
        os.register_at_fork(
            before=_before_fork, after_in_parent=_after_fork_in_parent, after_in_child=_after_fork_in_child
        )
        # By default SIGTERM ends a process without its exit functions.
        signals.exit_by_sigterm()
    _IN_USE.append(server)
    atexit.register(server._leave_at_last)


_LOCKED: list[Server] = []


def _before_fork() -> None:
    """No other thread may be within a lock: its copy in the child would be held for ever."""
    signals.before_fork()
    _LOCKED[:] = _IN_USE
    for server in _LOCKED:
        server._mutex.acquire()


def _after_fork_in_parent() -> None:
    for server in _LOCKED:
        server._mutex.release()
    signals.after_fork(leave_all)


def _after_fork_in_child() -> None:
    for server in _IN_USE:
        server._renew_after_fork()
    signals.after_fork(leave_all, in_child=True)
