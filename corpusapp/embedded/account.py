"""The system user that runs the server, and which folders it can enter.

PostgreSQL refuses to run as root. For root, the server runs as an unprivileged system user, which becomes the owner of
the home. For everybody else, it runs as the current user.
"""

import os
import pwd
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpusapp.embedded.errors import ServerError

VARIABLE = "CORPUSAPP_POSTGRES_USER"
_CANDIDATES = ("postgres", "nobody")
_ALTERNATIVES = "run as an ordinary user, or set DATABASE_URL to your own PostgreSQL"


@dataclass(frozen=True)
class Account:
    """A system user."""

    name: str
    uid: int
    gid: int

    @property
    def is_current(self) -> bool:
        return self.uid == os.geteuid()

    def popen_options(self) -> dict[str, Any]:
        """Arguments of `subprocess.Popen` that start a process as this user."""
        return {} if self.is_current else {"user": self.uid, "group": self.gid, "extra_groups": []}

    def give(self, path: Path) -> None:
        """Make this user the owner of a file or folder."""
        if not self.is_current:
            os.chown(path, self.uid, self.gid, follow_symlinks=False)

    def require_reach(self, path: Path, remedy: str) -> None:
        """Raise ServerError, with the remedy, if this user cannot access `path`. No permission is changed."""
        if self.is_current:
            return
        steps = [str(step) for step in (*reversed(path.parents), path)]
        script = 'for step; do [ -x "$step" ] || { printf %s "$step"; exit 1; }; done'
        found = subprocess.run(
            ["/bin/sh", "-c", script, "sh", *steps],
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **self.popen_options(),
        )
        if found.returncode:
            raise ServerError(
                f"the system user {self.name}, which runs PostgreSQL, cannot enter {found.stdout} on the path to "
                f"{path}: {remedy}; or {_ALTERNATIVES}"
            )


def server_account(home: Path, environ: Mapping[str, str] = os.environ) -> Account:
    """The user that runs the server of this home. Raises ServerError if the home belongs to another user."""
    account = _choose(home, environ)
    owner = home.stat().st_uid
    if owner not in {account.uid, os.geteuid()}:
        raise ServerError(
            f"the data folder {home} belongs to the user {_name(owner)}: "
            f"run as {_name(owner)}, or set CORPUSAPP_HOME to a folder of your own"
        )
    return account


def _choose(home: Path, environ: Mapping[str, str]) -> Account:
    if os.geteuid() != 0:
        return Account(_name(os.geteuid()), os.geteuid(), os.getegid())
    if name := environ.get(VARIABLE):
        return _system_user(name)
    known = [_account(entry) for name in _CANDIDATES if (entry := _entry(name))]
    if not known:
        raise ServerError(f"PostgreSQL does not run as root: set {VARIABLE} to a system user, or {_ALTERNATIVES}")
    # The owner of the home stays its user, even if another candidate is added to the machine later.
    return next((account for account in known if account.uid == home.stat().st_uid), known[0])


def _system_user(name: str) -> Account:
    entry = _entry(name)
    if entry is None:
        raise ServerError(f"{VARIABLE} is {name!r}, and this machine has no such user: set another")
    if entry.pw_uid == 0:
        raise ServerError(f"{VARIABLE} is {name!r}, and PostgreSQL does not run as root: set another user")
    return _account(entry)


def _account(entry: pwd.struct_passwd) -> Account:
    return Account(entry.pw_name, entry.pw_uid, entry.pw_gid)


def _entry(name: str) -> pwd.struct_passwd | None:
    try:
        return pwd.getpwnam(name)
    except KeyError:
        return None


def _name(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)
