"""Where made exports lie: `exports/<folder>/` in the home, each with its file and `report.json`."""

import secrets
from pathlib import Path

from corpusapp.core.content_store import ContentStore

REPORT = "report.json"
_store = ContentStore("exports")
making, discard, sweep = _store.making, _store.discard, _store.sweep


def new_name() -> str:
    """Not an export's id: a home may serve another database than the one whose files it still keeps."""
    return secrets.token_hex(8)


def file_in(folder: str, name: str) -> Path | None:
    """The whole file; None where it is not in this home."""
    path = _store.root / folder / name
    return path if folder and path.is_file() else None


def keep(made: Path, folder: str) -> None:
    """Give what was made its name, in place of what an earlier attempt left there."""
    _store.keep(made, folder, replace=True)
