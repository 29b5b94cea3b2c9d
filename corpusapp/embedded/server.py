"""The embedded server of a home: started by the first process that uses it, stopped by the last."""

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
from corpusapp.embedded import databases, postmaster, signals, sockets
from corpusapp.embedded.account import Account, server_account
from corpusapp.embedded.cluster import SUPERUSER, Cluster, binary
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.locks import UsageLock, exclusive
from corpusapp.embedded.postmaster import Postmaster
from corpusapp.embedded.signals import held_back

_POLL_SECONDS = 0.02
# After how long a wait is reported, and how often again.
_REPORT_AFTER_SECONDS, _REPORT_AGAIN_SECONDS = 3.0, 60.0
_LISTEN_SECONDS = 60.0
_ATTEMPTS = 3
# The folder in which `upgrade_server` prepares the data of a newer version, and the file that marks it as complete.
NEXT, WHOLE = "next-server", "whole"


class Server:
    """The PostgreSQL server of a home. Call `ensure` before connecting; the process leaves it at its exit."""

    def __init__(self, home: Home, hasty: bool = False, programs: Path | None = None) -> None:
        """`programs` is the folder of another version's programs, by default the wheel's."""
        self._home = home
        self._hasty = hasty
        self._programs = programs
        self._base = home.path / "postgres"
        self._sockets = sockets.SocketFolder(self._base)
        self._usage = UsageLock(self._base / "users.lock")
        self._postmaster = Postmaster(self._base / "data")
        self._process: subprocess.Popen[bytes] | None = None
        self._mutex = threading.RLock()

    def ensure(self) -> None:
        """Start the server if it is down, and count this process as a user. Raises ServerError."""
        with self._mutex:
            if self._usage.held and self._ping() is Ping.OK:
                return None
            account = self._prepare()
            self._hold()
            for _ in range(_ATTEMPTS):
                with exclusive(self._base / "start.lock"):
                    if self._ping() is Ping.NO_RESPONSE:
                        self._start(account)
                if self._wait_until_ready():
                    return databases.ensure_database(self._superuser(), self._credentials())
            raise ServerError(f"PostgreSQL in {self._base} stops soon after its start: see {self._home.path / 'logs'}")

    def claim(self) -> None:
        """Make this process the only user: others wait until it leaves. Raises ServerError if there is another."""
        with held_back(), self._mutex:
            if not self._usage.hold_exclusively():
                raise ServerError(
                    f"{self._home.path} is in use: stop corpusapp and everything else that uses it, and try again"
                )

    def address(self) -> dict[str, Any]:
        """libpq's parameters host, port, user and password of the application's role."""
        return {**self._location(), **self._credentials()}

    def leave(self) -> None:
        """Stop using the server; the last process stops it. Signals are held back meanwhile."""
        with held_back(), self._mutex:
            if self._usage.held and self._base.exists():
                with exclusive(self._base / "start.lock"), self._usage.leave() as last:
                    if last:
                        self._stop()

    def stop(self) -> None:
        """Stop the server, even if other processes use it."""
        with held_back(), self._mutex:
            if self._base.exists():
                with exclusive(self._base / "start.lock"):
                    self._stop()

    def _stop(self) -> None:
        if self._process is not None and self._process.poll() is None:
            # If its start was interrupted, it may not have written its pid.
            self._process.send_signal(signal.SIGINT)
        self._postmaster.stop()
        if self._process is not None:
            self._wait_for_end(self._process)
            self._process = None
        self._sockets.remove()

    @staticmethod
    def _wait_for_end(process: subprocess.Popen[bytes]) -> None:
        """A server that inherited an ignored SIGINT, as under nohup, misses one that comes before it sets its own."""
        while True:
            try:
                process.wait(timeout=1)
                return
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGINT)

    def _prepare(self) -> Account:
        """Check permissions, and make the server's user the owner of its folders, before a lock is taken."""
        self._home.folder()
        account = server_account(self._home.path)
        remedy = "move the checkout with its .venv to a folder that everyone can enter, such as /opt"
        account.require_reach(self._programs or Path(binary("postgres")), remedy)
        account.require_reach(self._home.path.parent, "set CORPUSAPP_HOME to a folder that it can enter, such as /srv")
        for folder in (self._home.path, self._home.folder("postgres"), self._home.folder("logs")):
            account.give(folder)
        return account

    def _hold(self) -> None:
        _leave_at_exit(self)
        report_at = time.monotonic() + _REPORT_AFTER_SECONDS
        while not self._try_hold():
            if time.monotonic() > report_at:
                print(f"{self._base} is being stopped or upgraded: waiting.", file=sys.stderr)
                report_at = time.monotonic() + _REPORT_AGAIN_SECONDS
            time.sleep(_POLL_SECONDS)

    def _try_hold(self) -> bool:
        with held_back():
            return self._usage.hold()

    def _start(self, account: Account) -> None:
        if self._process is not None:
            self._process.poll()  # reap our own server if it was killed
        self._stop_unreachable()
        self._require_no_pending_upgrade()
        cluster = Cluster(self._postmaster.data, account, self._hasty, self._programs)
        cluster.initialise(self._home.secret("postgres_superuser"))
        cluster.configure(self._sockets.make(account), self._home.folder("logs"))
        deadline = time.monotonic() + _LISTEN_SECONDS
        while not self._spawn(cluster, deadline):
            reason = postmaster.failure_reason(self._home.folder("logs"))
            # The last processes of a killed server take a moment to end.
            if postmaster.ORPHANS not in reason or time.monotonic() > deadline:
                raise ServerError(f"PostgreSQL in {self._base} does not start: {reason}")
            time.sleep(_POLL_SECONDS)

    def _require_no_pending_upgrade(self) -> None:
        if not self._postmaster.data.exists() and (self._home.path / NEXT / WHOLE).exists():
            raise ServerError(
                f"the upgrade of {self._base} to a newer PostgreSQL was interrupted: run `manage.py upgrade_server` "
                "to complete it"
            )

    def _spawn(self, cluster: Cluster, deadline: float) -> bool:
        """Start the server; returns whether it listens, which it does before it recovers."""
        self._postmaster.clear_stale_pid()
        with held_back():
            self._process = cluster.spawn(self._home.folder("logs") / postmaster.START)
        while self._ping() is Ping.NO_RESPONSE:
            if self._process.poll() is not None or time.monotonic() > deadline:
                return False
            time.sleep(_POLL_SECONDS)
        return True

    def _stop_unreachable(self) -> None:
        """Stop a running server without a socket: the process that started it was killed, or the socket was deleted."""
        deadline = time.monotonic() + _REPORT_AFTER_SECONDS
        while self._postmaster.pid() is not None and time.monotonic() < deadline:
            if self._ping() is not Ping.NO_RESPONSE:
                return
            time.sleep(_POLL_SECONDS)
        self._postmaster.stop()

    def _wait_until_ready(self) -> bool:
        """Wait until a recovery has ended, however long it takes; returns False if the server has stopped."""
        report_at = time.monotonic() + _REPORT_AFTER_SECONDS
        while (answer := self._ping()) is not Ping.OK:
            if answer is Ping.NO_RESPONSE:
                return False
            if time.monotonic() > report_at:
                print(
                    "PostgreSQL is recovering after an unclean stop; this can take minutes.",
                    file=sys.stderr,
                    flush=True,
                )
                report_at = time.monotonic() + _REPORT_AGAIN_SECONDS
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
        return {"user": databases.ROLE, "password": self._home.secret("postgres_role")}

    def _superuser(self) -> dict[str, Any]:
        return {**self._location(), "user": SUPERUSER, "password": self._home.secret("postgres_superuser")}

    def _renew_after_fork(self) -> None:
        with held_back():
            self._mutex = threading.RLock()
            self._process = None  # a child of the parent, not of this process
            self._usage.renew_after_fork()

    def _leave_at_exit(self) -> None:
        with held_back(forget=True):
            self.leave()


_IN_USE: list[Server] = []
# The servers whose mutexes are held during a fork.
_LOCKED: list[Server] = []


@cache
def of(home: Path, hasty: bool) -> Server:
    """The server of this home. There is one object in a process, whose locks count the process, not its threads."""
    return Server(Home(home), hasty)


def leave_all() -> None:
    """Leave all servers, in a process that ends without its exit functions."""
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
    atexit.register(server._leave_at_exit)


def _before_fork() -> None:
    """Take all mutexes: in the child, a mutex held by another thread would be locked forever."""
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
