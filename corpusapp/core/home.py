"""The folder of all data."""

import os
import secrets
import stat
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

# Every home has this folder. A folder with other files and without this one is not a home.
_SECRETS = "secrets"
_LEFT_BY_FILE_SYSTEMS = {"lost+found"}


@dataclass(frozen=True)
class Home:
    """The data folder, with mode 0700, and its secrets, with mode 0600. It is created at first use."""

    path: Path

    def folder(self, *names: str) -> Path:
        """A folder of the home, created with mode 0700 if it is absent.

        Raises ImproperlyConfigured if the folder cannot be created or written.
        """
        try:
            self._claim()
            folder = self.path.joinpath(*names)
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise self._unusable(error) from error
        if not os.access(folder, os.W_OK | os.X_OK):
            raise self._unusable(PermissionError(13, "Permission denied", str(folder)))
        return folder

    def secret(self, name: str) -> str:
        """The secret of this name: 51 URL-safe characters, generated once, also if several processes ask at once."""
        path = self.folder(_SECRETS) / name
        try:
            if not path.exists():
                _write_once(path, secrets.token_urlsafe(38))
            return path.read_text()
        except OSError as error:
            raise self._unusable(error) from error

    def _claim(self) -> None:
        """Create the home, or tighten its mode. Raises ImproperlyConfigured for a folder with other files."""
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        entries = {entry.name for entry in self.path.iterdir()} - _LEFT_BY_FILE_SYSTEMS
        if entries and _SECRETS not in entries:
            raise ImproperlyConfigured(
                f"the folder {self.path} contains other files: set CORPUSAPP_HOME to a new or empty folder"
            )
        (self.path / _SECRETS).mkdir(mode=0o700, exist_ok=True)
        for folder in (self.path, self.path / _SECRETS):
            if stat.S_IMODE(folder.stat().st_mode) & 0o077:
                folder.chmod(0o700)

    def _unusable(self, error: OSError) -> ImproperlyConfigured:
        return ImproperlyConfigured(
            f"cannot use the data folder {self.path} ({error.strerror}: {error.filename}): "
            "make it writable for this user, or set CORPUSAPP_HOME to another folder"
        )


def _write_once(path: Path, text: str) -> None:
    """Create the file with mode 0600 and its whole text, unless another process was first."""
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return
    finally:
        draft.unlink()
