"""Groups objects of a file by a key, on disk, so that memory does not grow with the file."""

import json
import sqlite3
import tempfile
from collections.abc import Iterator
from typing import Any


class GroupedObjects:
    """JSON objects by key, in order of arrival."""

    def __enter__(self) -> "GroupedObjects":
        self._file = tempfile.NamedTemporaryFile(suffix=".sqlite3")
        self._rows = sqlite3.connect(self._file.name)
        self._rows.executescript(
            "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF;"
            "CREATE TABLE source (id INTEGER PRIMARY KEY, key TEXT UNIQUE);"
            "CREATE TABLE item (id INTEGER PRIMARY KEY, source INTEGER, value TEXT);"
        )
        self._last: tuple[str, int] = ("", 0)
        return self

    def __exit__(self, *_: object) -> None:
        self._rows.close()
        self._file.close()

    def add(self, key: str, value: dict[str, Any]) -> None:
        if self._last[0] != key:
            self._rows.execute("INSERT OR IGNORE INTO source (key) VALUES (?)", [key])
            found = self._rows.execute("SELECT id FROM source WHERE key = ?", [key]).fetchone()
            self._last = key, found[0]
        self._rows.execute("INSERT INTO item (source, value) VALUES (?, ?)", [self._last[1], json.dumps(value)])

    def all(self) -> Iterator[tuple[str, list[dict[str, Any]]]]:
        self._rows.execute("CREATE INDEX item_by_source ON item (source, id)")
        for source, key in self._rows.execute("SELECT id, key FROM source ORDER BY id"):
            rows = self._rows.execute("SELECT value FROM item WHERE source = ? ORDER BY id", [source])
            yield key, [json.loads(value) for (value,) in rows]
