"""A copy of a corpus in a SQLite file."""

import json
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .records import Event, FeedSpan, Label, Line, Zone

_DECIDED = ("confirmed", "rejected")
_VERSION = 1
_TABLES = """
    CREATE TABLE IF NOT EXISTS copy (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS labels (
        id INTEGER PRIMARY KEY, name TEXT NOT NULL, definition TEXT NOT NULL, family TEXT NOT NULL,
        position INTEGER NOT NULL, hidden INTEGER NOT NULL, merged_into INTEGER
    );
    CREATE TABLE IF NOT EXISTS articles (
        id INTEGER PRIMARY KEY, external_id TEXT NOT NULL, title TEXT NOT NULL, language TEXT NOT NULL,
        stage TEXT NOT NULL, text TEXT, meta TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS articles_by_external_id ON articles (external_id);
    CREATE TABLE IF NOT EXISTS zones (
        article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
        start INTEGER NOT NULL, end INTEGER NOT NULL, kind TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS zones_by_article ON zones (article);
    CREATE TABLE IF NOT EXISTS spans (
        id INTEGER PRIMARY KEY, article INTEGER NOT NULL REFERENCES articles ON DELETE CASCADE,
        start INTEGER NOT NULL, end INTEGER NOT NULL, label TEXT NOT NULL, text TEXT NOT NULL, state TEXT NOT NULL,
        revision INTEGER NOT NULL, label_id INTEGER
    );
    CREATE INDEX IF NOT EXISTS spans_by_article ON spans (article);
    CREATE INDEX IF NOT EXISTS spans_by_label ON spans (label);
    CREATE INDEX IF NOT EXISTS spans_by_label_id ON spans (label_id);
"""


class SQLiteStore:
    """Labels, articles with their texts, zones and stages, and decided spans, in the tables of a SQLite file.

    The cursor is stored in the transaction of the events before it: a program that is killed at any moment goes on
    where the file stands. Read the tables `articles`, `zones`, `spans` and `labels` with any tool, also meanwhile.
    """

    def __init__(self, path: str | Path) -> None:
        self._database = sqlite3.connect(path, isolation_level=None)
        self._database.execute("PRAGMA foreign_keys = ON")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = NORMAL")
        (version,) = self._database.execute("PRAGMA user_version").fetchone()
        if version not in (0, _VERSION):
            raise ValueError(f"{path} was written by another version of this library ({version}): use another file")
        self._database.executescript(_TABLES)
        self._database.execute(f"PRAGMA user_version = {_VERSION}")

    def close(self) -> None:
        self._database.close()

    def cursor(self) -> str | None:
        row = self._database.execute("SELECT value FROM copy WHERE name = 'cursor'").fetchone()
        return str(row[0]) if row else None

    def replace(self, cursor: str, labels: Sequence[Label], lines: Iterable[Line]) -> None:
        with self._transaction():
            self._forget_all()
            for label in labels:
                self._store_label(label)
            ids = {label["name"]: label["id"] for label in labels}
            for line in lines:
                about = {name: line[name] for name in ("external_id", "title", "language")}  # type: ignore[literal-required]
                text = {"text": line["text"], "meta": line["meta"]}
                self._store_article(line["id"], about, line["stage"], line["zones"], text)
                self._database.executemany(
                    _PUT_SPAN,
                    [_span_row(line["id"], {**span, "label_id": ids.get(span["label"])}) for span in line["spans"]],
                )
            self._keep(cursor)

    def without_text(self, articles: Sequence[int]) -> Sequence[int]:
        known = self._database.execute(
            "SELECT id FROM articles WHERE text IS NOT NULL AND id IN (SELECT value FROM json_each(?))",
            [json.dumps(list(articles))],
        )
        found = {pk for (pk,) in known}
        return [pk for pk in articles if pk not in found]

    def apply(self, events: Sequence[Event], cursor: str, contents: Mapping[int, Mapping[str, Any]]) -> None:
        named = {event["article"] for event in events if event.get("article") and "about" in event}
        with self._transaction():
            # Before any event: one article may be withdrawn and restored in the same page.
            whole = {pk: {**self._kept(pk), **contents.get(pk, {})} for pk in named if pk is not None}
            for event in events:
                self._apply(event, whole.get(event.get("article") or 0, {}))
            self._keep(cursor)

    def articles(self) -> Iterator[dict[str, Any]]:
        """The articles by id, each with its zones and spans in reading order: the copy as lines of JSON."""
        names = ("id", "external_id", "title", "language", "stage", "text", "meta")
        for row in self._database.execute(f"SELECT {', '.join(names)} FROM articles ORDER BY id"):
            article = dict(zip(names, row, strict=True))
            article["meta"] = json.loads(article["meta"])
            article["zones"] = self._rows(("start", "end", "kind"), "zones", "start, end DESC, kind", article["id"])
            columns = ("id", "start", "end", "label", "text", "state", "revision")
            article["spans"] = self._rows(columns, "spans", "start, end DESC, id", article["id"])
            yield article

    def labels(self) -> list[dict[str, Any]]:
        """The labels by id."""
        names = ("id", "name", "definition", "family", "position", "hidden", "merged_into")
        rows = self._database.execute(f"SELECT {', '.join(names)} FROM labels ORDER BY id")
        return [{**(found := dict(zip(names, row, strict=True))), "hidden": bool(found["hidden"])} for row in rows]

    def _rows(self, columns: Sequence[str], table: str, order: str, article: int) -> list[dict[str, Any]]:
        query = f"SELECT {', '.join(columns)} FROM {table} WHERE article = ? ORDER BY {order}"
        return [dict(zip(columns, row, strict=True)) for row in self._database.execute(query, [article])]

    def _apply(self, event: Event, content: Mapping[str, Any]) -> None:
        kind, pk = event["type"], event.get("article")
        if kind in ("corpus.withdrawn", "corpus.erased"):
            self._forget_all()
        elif kind in ("article.withdrawn", "article.erased"):
            self._database.execute("DELETE FROM articles WHERE id = ?", [pk])
        elif kind == "label" and "label" in event:
            self._store_label(event["label"])
        elif pk is None or event.get("withheld"):
            return
        elif kind in ("article.added", "article.version", "article.restored"):
            self._store_article(pk, event["about"], event.get("stage", "new"), event["zones"], content)
        elif self._database.execute("SELECT 1 FROM articles WHERE id = ?", [pk]).fetchone():
            self._change(pk, event, content)

    def _change(self, article: int, event: Event, content: Mapping[str, Any]) -> None:
        kind = event["type"]
        if kind == "article.stage":
            self._database.execute("UPDATE articles SET stage = ? WHERE id = ?", [event["stage"], article])
        elif kind == "article.metadata":
            about = event["about"]
            meta = json.dumps(content.get("meta") or {})
            values = [about["external_id"], about["title"], about["language"], meta, article]
            self._database.execute(
                "UPDATE articles SET external_id = ?, title = ?, language = ?, meta = ? WHERE id = ?", values
            )
        elif kind == "article.zones":
            self._store_zones(article, event["zones"])
        elif kind == "span":
            span = event["span"]
            if span["state"] in _DECIDED:
                self._database.execute(_PUT_SPAN, _span_row(article, span))
            else:
                self._database.execute("DELETE FROM spans WHERE id = ?", [span["id"]])

    def _store_article(
        self, pk: int, about: Mapping[str, Any], stage: str, zones: Sequence[Zone], text: Mapping[str, Any]
    ) -> None:
        """The article without spans, which come by events of their own."""
        self._database.execute("DELETE FROM articles WHERE id = ?", [pk])
        names = [about["external_id"], about["title"], about["language"]]
        meta = json.dumps(text.get("meta") or {})
        row = [pk, *names, stage, text.get("text"), meta]
        self._database.execute("INSERT INTO articles VALUES (?, ?, ?, ?, ?, ?, ?)", row)
        self._store_zones(pk, zones)

    def _kept(self, pk: int) -> Mapping[str, Any]:
        """What an article that comes again already has."""
        row = self._database.execute("SELECT text, meta FROM articles WHERE id = ?", [pk]).fetchone()
        return {"text": row[0], "meta": json.loads(row[1])} if row else {}

    def _store_zones(self, article: int, zones: Sequence[Zone]) -> None:
        self._database.execute("DELETE FROM zones WHERE article = ?", [article])
        rows = [(article, zone["start"], zone["end"], zone["kind"]) for zone in zones]
        self._database.executemany("INSERT INTO zones VALUES (?, ?, ?, ?)", rows)

    def _store_label(self, label: Label) -> None:
        """A label that has another name by now gives it to its spans, which get no events of their own."""
        row = self._database.execute("SELECT name FROM labels WHERE id = ?", [label["id"]]).fetchone()
        # Spans may have the new name already: their events tell the present one.
        if row and row[0] != label["name"]:
            self._database.execute("UPDATE spans SET label = ? WHERE label_id = ?", [label["name"], label["id"]])
        self._database.execute(
            "INSERT OR REPLACE INTO labels VALUES (?, ?, ?, ?, ?, ?, ?)",
            [
                *(label[name] for name in ("id", "name", "definition", "family", "position")),  # type: ignore[literal-required]
                bool(label.get("hidden")),
                label.get("merged_into"),
            ],
        )

    def _forget_all(self) -> None:
        for table in ("spans", "zones", "articles", "labels"):
            self._database.execute(f"DELETE FROM {table}")

    def _keep(self, cursor: str) -> None:
        self._database.execute("INSERT OR REPLACE INTO copy VALUES ('cursor', ?)", [cursor])

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        self._database.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._database.execute("ROLLBACK")
            raise
        self._database.execute("COMMIT")


_PUT_SPAN = "INSERT OR REPLACE INTO spans VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"


def _span_row(article: int, span: FeedSpan | dict[str, Any]) -> tuple[Any, ...]:
    names = ("start", "end", "label", "text", "state", "revision", "label_id")
    return span["id"], article, *(span[name] for name in names)  # type: ignore[literal-required]
