"""A SHA-256 of all data, to compare two installations: of the rows in a fixed order, and of the files.

It reads the database's catalogue, not the models, so that a database can be hashed before it is upgraded.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from django.db import connection

from corpusapp.backup import registry
from corpusapp.core.copying import copying

_CHUNK = 1024 * 1024
# Settings that fix the text form of values.
_SETTINGS = {
    "datestyle": "ISO, YMD", "intervalstyle": "postgres", "timezone": "UTC", "extra_float_digits": "1",
    "bytea_output": "hex", "client_encoding": "UTF8",
}  # fmt: skip
# All tables of the schema, except those of extensions.
TABLES = """
    SELECT relname FROM pg_class
    WHERE relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
      AND relkind IN ('r', 'p') AND NOT relispartition
      AND oid NOT IN (SELECT objid FROM pg_depend WHERE classid = 'pg_class'::regclass AND deptype = 'e')
    ORDER BY relname COLLATE "C"
"""
# All columns, except generated ones and search vectors, which are computed from others.
_COLUMNS = """
    SELECT attname, attcollation <> 0 AS is_text,
           EXISTS (SELECT FROM pg_index WHERE indrelid = attrelid AND indisprimary AND attnum = ANY(indkey)) AS is_key
    FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = ''
      AND atttypid <> 'tsvector'::regtype ORDER BY attname COLLATE "C"
"""


@dataclass(frozen=True)
class Content:
    """The SHA-256 of each table's rows, and of each file, by its path in the home."""

    tables: Mapping[str, str]
    files: Mapping[str, str]

    @property
    def sha256(self) -> str:
        lines = [f"table {name} {digest}\n" for name, digest in sorted(self.tables.items())]
        lines += [f"file {name} {digest}\n" for name, digest in sorted(self.files.items())]
        return hashlib.sha256("".join(lines).encode()).hexdigest()


def schema(*, quoted: bool = False) -> str:
    """The schema of our tables: the first of `search_path` that exists, "" if none does."""
    name = "quote_ident(current_schema())" if quoted else "current_schema()"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT coalesce({name}, '')")
        return cursor.fetchone()[0]


def qualified(table: str) -> str:
    """The quoted name of one of our tables with its schema, which does not depend on `search_path`."""
    quote = connection.ops.quote_name
    return f"{quote(schema())}.{quote(table)}"


def table_digests(*, secrets: bool) -> dict[str, str]:
    """The SHA-256 of each table's rows, as the current transaction sees them. Without `secrets`, no secret columns."""
    withheld = {} if secrets else {column.table: column.column for column in registry.secrets()}
    with connection.cursor() as cursor:
        for name, value in _SETTINGS.items():
            cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        cursor.execute(TABLES)
        tables = [name for (name,) in cursor.fetchall() if not _is_excluded(name)]
    return {table: _digest_of(table, withheld.get(table, "")) for table in tables}


def file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_excluded(table: str) -> bool:
    return table in registry.NOT_HASHED or table.startswith(registry.NOT_HASHED_PREFIXES)


def _digest_of(table: str, withheld: str) -> str:
    digest = hashlib.sha256()
    for block in _rows(table, withheld):
        digest.update(block)
    return digest.hexdigest()


def _rows(table: str, withheld: str) -> "Iterator[bytes | memoryview]":
    quote = connection.ops.quote_name
    columns = [row for row in _columns(table) if row[0] != withheld]
    keys = [row for row in columns if row[2]] or columns
    order = ", ".join(quote(name) + (' COLLATE "C"' if is_text else "") for name, is_text, _ in keys)
    chosen = ", ".join(quote(name) for name, *_ in columns)
    # The names too, so that a new column changes the hash.
    yield f"{', '.join(name for name, *_ in columns)}\n".encode()
    yield from _copied(f"SELECT {chosen} FROM {quote(table)} ORDER BY {order}")


def rows_without(secret: registry.SecretColumn) -> "Iterator[bytes | memoryview]":
    """The names of the table's columns, then its rows in the format of COPY, with the secret column empty."""
    quote = connection.ops.quote_name
    names = [name for name, *_ in _columns(secret.table)]
    chosen = ", ".join("''" if name == secret.column else quote(name) for name in names)
    yield f"{', '.join(quote(name) for name in names)}\n".encode()
    yield from _copied(f"SELECT {chosen} FROM {quote(secret.table)}")


def _columns(table: str) -> list[tuple[str, bool, bool]]:
    with connection.cursor() as cursor:
        cursor.execute(_COLUMNS, [connection.ops.quote_name(table)])
        return cursor.fetchall()


def _copied(select: str) -> "Iterator[bytes | memoryview]":
    with copying(f"COPY ({select}) TO STDOUT") as rows:
        yield from rows
