"""What bare COPY takes for the same rows: into the tables that an import filled, and out of those of an export."""

import time
from collections.abc import Sequence

from django.db import connection, transaction
from psycopg import sql

# Rows of each request, of processes and of nobody's import.
_PASSED_OVER = ("accounts_", "django_", "auth_", "procrastinate_")


def filled_tables() -> dict[str, int]:
    """Rows by table, counted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
        names = [name for (name,) in cursor.fetchall() if not name.startswith(_PASSED_OVER)]
        counts = {}
        for name in names:
            cursor.execute(sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(name)))
            counts[name] = cursor.fetchone()[0]
    return counts


def copied_again(tables: Sequence[str]) -> tuple[int, float]:
    """Rows and seconds of COPY of all rows of these tables, keys and indexes in place, with the commit.

    The rows are read out and the tables emptied before, and are as they were afterwards.
    """
    # What a change names is looked up when its COPY ends.
    tables = sorted(tables, key=lambda table: (table == "review_change", table))
    with connection.cursor() as cursor:
        columns = {table: _columns(cursor, table) for table in tables}
        held = {table: _read(cursor, table, columns[table]) for table in tables}
        # Not truncated: COPY into a table that was made or emptied in the same transaction would be another thing.
        with transaction.atomic():
            for table in tables:
                cursor.execute(sql.SQL("ALTER TABLE {} DISABLE TRIGGER USER").format(sql.Identifier(table)))
            cursor.execute(sql.SQL("TRUNCATE {} CASCADE").format(sql.SQL(", ").join(map(sql.Identifier, tables))))
            for table in tables:
                cursor.execute(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(table)))
        rows, began = 0, time.perf_counter()
        with transaction.atomic():
            for table in tables:
                with cursor.copy(_into(table, columns[table])) as copy:
                    copy.write(held[table])
                rows += cursor.rowcount
        return rows, time.perf_counter() - began


def _columns(cursor: object, table: str) -> sql.Composable:
    """The columns that are written: not those that the database generates."""
    cursor.execute(
        "SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped "
        "AND attgenerated = '' ORDER BY attnum",
        [table],
    )
    return sql.SQL(", ").join(sql.Identifier(name) for (name,) in cursor.fetchall())


def _read(cursor: object, table: str, columns: sql.Composable) -> bytes:
    with cursor.copy(sql.SQL("COPY {} ({}) TO STDOUT").format(sql.Identifier(table), columns)) as copy:
        return b"".join(copy)


def _into(table: str, columns: sql.Composable) -> sql.Composable:
    return sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(table), columns)


def read_out(corpus_id: int) -> tuple[int, float]:
    """Rows and seconds of two flat COPYs out of the corpus, spans and texts, taken as they come."""
    rows, began = 0, time.perf_counter()
    with connection.cursor() as cursor:
        for statement in _FLAT:
            with cursor.copy(statement.format(int(corpus_id))) as copy:
                for _ in copy:
                    pass
            rows += cursor.rowcount
    return rows, time.perf_counter() - began


_FLAT = (
    """
    COPY (SELECT article_id, start, "end", label_id, state, score, pipeline_id, id, revision FROM review_span
          WHERE corpus_id = {}) TO STDOUT
    """,
    """
    COPY (SELECT id, external_id, title, language, metadata, text FROM articles_article WHERE corpus_id = {}) TO STDOUT
    """,
)
