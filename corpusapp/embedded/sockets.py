"""The folder of the server's Unix socket: in the home, or a folder with a short path, which the home records.

The path of a socket is limited to about a hundred bytes, so a home with a long path needs a folder elsewhere.
"""

import os
import shutil
import stat
import tempfile
from pathlib import Path

from corpusapp.embedded.account import Account

PORT = 5432
_FILE = f".s.PGSQL.{PORT}"
_LONGEST = 100  # bytes; Linux allows 107, macOS 103
_SHORT_PARENT = "/tmp"  # not $TMPDIR, which may be long, or closed to the server's user


class SocketFolder:
    """The socket folder of one home, with mode 0700."""

    def __init__(self, base: Path) -> None:
        self._within = base / "socket"
        self._record = base / "socket_folder"

    def find(self) -> Path | None:
        """The folder that a running server uses; None if none was created."""
        if self._fits():
            return self._within
        try:
            return Path(self._record.read_text())
        except FileNotFoundError:
            return None

    def make(self, account: Account) -> Path:
        """Create the folder if it is absent, and empty it, before a start, when no server runs.

        The files of a killed server contain its pid, which may be another process's now, and would prevent the start.
        """
        folder = self._folder(account)
        for name in (_FILE, f"{_FILE}.lock"):
            (folder / name).unlink(missing_ok=True)
        return folder

    def _folder(self, account: Account) -> Path:
        if self._fits():
            self._within.mkdir(mode=0o700, exist_ok=True)
            account.give(self._within)
            return self._within
        found = self.find()
        if found is None or not _is_private(found, account):
            found = self._make_short(account)
        return found

    def remove(self) -> None:
        """Delete a folder outside the home."""
        if not self._fits() and (found := self.find()):
            shutil.rmtree(found, ignore_errors=True)
            self._record.unlink()

    def _fits(self) -> bool:
        # libpq reads a comma as the end of one host's name.
        return len(os.fsencode(self._within / _FILE)) <= _LONGEST and "," not in str(self._within)

    def _make_short(self, account: Account) -> Path:
        folder = Path(tempfile.mkdtemp(prefix="corpusapp-", dir=_SHORT_PARENT))
        account.give(folder)
        draft = self._record.with_suffix(".new")
        draft.write_text(str(folder))
        draft.replace(self._record)
        return folder


def _is_private(folder: Path, account: Account) -> bool:
    """Whether the folder still belongs to the account, with mode 0700, and so is the one that we created."""
    try:
        found = folder.lstat()
    except FileNotFoundError:
        return False
    return stat.S_ISDIR(found.st_mode) and found.st_uid == account.uid and stat.S_IMODE(found.st_mode) == 0o700
