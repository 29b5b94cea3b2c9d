"""Querysets that are compiled once per process, and then executed with different values.

A read of one row by its key spends most of its time on composing SQL, and most of the rest on planning it. The queries
of every request are therefore a `Prepared`: a queryset over placeholders, whose SQL a process composes once, and whose
plan each connection to PostgreSQL keeps. It takes a third to a tenth of the processor time of the plain queryset.
Django's own `server_side_binding` saves the planning alone, which is a quarter of that; all other reads are plain.

This module uses internals of Django's compiler and PostgreSQL backend. `tests/project/test_prepared.py` fails where
they change.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, Self, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import (  # type: ignore[attr-defined]  # the stubs are of psycopg2
    TIMESTAMPTZ_OID,
    ServerBindingCursor,
    register_tzloader,
)
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignObject, Lookup, QuerySet
from psycopg.pq import Format

Row = TypeVar("Row")
# Placeholder values that no request sends, by type and position. A list is an array parameter.
_PLACEHOLDERS: dict[type, Callable[[int], Any]] = {
    int: lambda position: -(2**62) - position,
    str: lambda position: f"\ue000value {position}",
    bytes: lambda position: f"\ue000value {position}".encode(),
    list: lambda position: [-(2**62) - position],
}


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=ids`: as `in`, but with the list as one parameter, so that the SQL is the same for all lengths.

    The list may be an `ArraySubquery`, too. It is read first, so that its values are looked up by index, whatever is
    known of the table when the plan is made.
    """

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        if hasattr(self.rhs, "as_sql"):
            array, more = compiler.compile(self.rhs)
            return f"{column} = ANY({array})", [*parameters, *more]
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


class Prepared(Generic[Row]):
    """A queryset with placeholders: `Prepared(lambda pk: Article.objects.filter(pk=pk), pk=int).first(pk=7)`.

    `compose` gets a placeholder of the given type (int, str, bytes or list) for each value, and returns a queryset
    without prefetches, which has each placeholder as an SQL parameter. Values that change the SQL itself, such as
    slices and None, cannot be placeholders; use `any_of` for lists.
    """

    def __init__(self, compose: Callable[..., "QuerySet[Any, Row]"], **kinds: type) -> None:
        self._compose = compose
        self._placeholders = {
            name: _PLACEHOLDERS[kind](position) for position, (name, kind) in enumerate(kinds.items())
        }
        self._compiled: _Compiled | None = None

    def all(self, **values: Any) -> list[Row]:
        """The rows for these values."""
        if self._compiled is None:
            self._compiled = self._compile()
        return self._compiled.rows(values)

    def first(self, **values: Any) -> Row | None:
        """The first row for these values, or None."""
        return next(iter(self.all(**values)), None)

    def of(self, **values: Any) -> "Read":
        """This query with these values, for `read_together`."""
        if self._compiled is None:
            self._compiled = self._compile()
        return Read(self._compiled, values)

    def _compile(self) -> "_Compiled":
        queryset = self._compose(**self._placeholders)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        slots = [self._slot(parameter) for parameter in parameters]
        missing = self._placeholders.keys() - {name for name, _ in slots}
        assert not missing, f"no parameter of the SQL is {', '.join(sorted(missing))}: {sql}"
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        return _Compiled(queryset._iterable_class, queryset.query, compiler, converters, sql, slots)

    def _slot(self, parameter: Any) -> tuple[str | None, Any]:
        """The name of the placeholder that this parameter is, or None and the parameter itself."""
        plain = getattr(parameter, "obj", parameter)  # psycopg wraps bytes
        for name, placeholder in self._placeholders.items():
            if type(plain) is type(placeholder) and plain == placeholder:
                return name, None
        return None, parameter


@dataclass(frozen=True)
class _Compiled:
    """A compiled queryset. Each slot is the name of a value, or None and a constant parameter."""

    iterable: Any
    query: Any
    compiler: Any
    converters: Any
    sql: str
    slots: Sequence[tuple[str | None, Any]]

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        with planning_cursor() as cursor:
            self.send(cursor, values)
            return self.made_of(cursor.fetchall())

    def send(self, cursor: CursorWrapper, values: Mapping[str, Any]) -> None:
        cursor.execute(self.sql, tuple(constant if name is None else values[name] for name, constant in self.slots))

    def made_of(self, found: list[tuple[Any, ...]]) -> list[Any]:
        """The queryset's rows, made of those of the database."""
        # Copied, since a compiler is for one thread and one execution.
        compiler, query = copy(self.compiler), copy(self.query)
        compiler.connection, compiler.query = connection, query
        compiler.execute_sql = lambda *_, **__: [found]
        compiler.get_converters = lambda *_: self.converters
        query.get_compiler = lambda *_, **__: compiler
        # The attributes of a queryset that Django's iterables use.
        known = {"model": query.model, "_known_related_objects": {}, "_hints": {}}
        return list(self.iterable(SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, **known)))


@dataclass(frozen=True)
class Read:
    """A prepared query with its values."""

    compiled: _Compiled
    values: Mapping[str, Any]


def read_together(*reads: Read) -> list[list[Any]]:
    """The rows of each of these queries, which are sent at once: the request waits for the database only once."""
    cursors = [planning_cursor() for _ in reads]
    with connection.wrap_database_errors, connection.connection.pipeline():
        for read, cursor in zip(reads, cursors, strict=True):
            read.compiled.send(cursor, read.values)
    rows = []
    for read, cursor in zip(reads, cursors, strict=True):
        with cursor:
            rows.append(read.compiled.made_of(cursor.fetchall()))
    return rows


class PlanningCursor(ServerBindingCursor):
    def execute(self, query: str, params: Sequence[Any], **options: Any) -> Self:
        super().execute(query, params, **options)
        # For Django's query log: psycopg does not keep the query of a prepared statement.
        self._query = SimpleNamespace(query=query.encode())
        return self


def plan_anew() -> None:
    """Plan every statement of this transaction for its values, and for how large the tables are now.

    For jobs that fill tables: a plan from when these were small would read all of them again and again.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_custom_plan")


def planning_cursor() -> CursorWrapper:
    """A cursor as `connection.cursor()`, but with parameters bound by the server, so that it can keep the plan.

    Plans are kept after the connection's `prepare_threshold` executions; never, if that is None.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor = PlanningCursor(connection.connection)
    if connection.connection.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT).timezone != connection.timezone:
        register_tzloader(connection.timezone, cursor)
    return connection._prepare_cursor(cursor)  # type: ignore[attr-defined]  # internal to Django's wrapper
