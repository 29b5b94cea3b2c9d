"""The one folder that holds all data of a desk."""

import secrets
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Home:
    """The data folder: 0700, its secrets 0600."""

    path: Path

    def folder(self, name: str) -> Path:
        """A folder of the home, made with mode 0700 where it is absent."""
        folder = self.path / name
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def secret(self, name: str) -> str:
        """The secret of this name, generated once (50 URL-safe characters)."""
        path = self.folder("secrets") / name
        if not path.exists():
            path.touch(mode=0o600)
            path.write_text(secrets.token_urlsafe(38))
        return path.read_text()
