"""Querysets that are composed and compiled once, and then read again and again with other values.

Of a read of one row by its key, most of the time goes into composing the SQL, and most of the rest into planning it.
What every request asks is therefore written as a `Prepared`: a queryset as anywhere else, over placeholders, whose SQL
a process makes once, and whose plan each of its connections to PostgreSQL.
"""

from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Generic, Self, TypeVar

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.backends.postgresql.base import TIMESTAMPTZ_OID, ServerBindingCursor, register_tzloader
from django.db.backends.utils import CursorWrapper
from django.db.models import Field, ForeignObject, Lookup, QuerySet
from psycopg.pq import Format

Row = TypeVar("Row")
# Values that no request sends, by kind and position. A list stands where PostgreSQL gets an array.
_STAND_INS: dict[type, Callable[[int], Any]] = {
    int: lambda position: -(2**62) - position,
    str: lambda position: f"\ue000value {position}",
    bytes: lambda position: f"\ue000value {position}".encode(),
    list: lambda position: [-(2**62) - position],
}


@ForeignObject.register_lookup
@Field.register_lookup
class AnyOf(Lookup):
    """`pk__any_of=ids`: as `in`, with the list as one parameter, so that the SQL is the same for all lengths."""

    lookup_name = "any_of"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", [*parameters, self.rhs]


class Prepared(Generic[Row]):
    """`Prepared(lambda pk: Article.objects.filter(pk=pk), pk=int)` is read by `.all(pk=7)` and `.first(pk=7)`.

    `compose` gets a stand-in of its kind (int, str, bytes, list) for each value, which must come to the SQL as a
    parameter, and makes a queryset without prefetches. What decides on the form of the SQL (a slice, None) is no
    value; a list is asked for by `any_of`.
    """

    def __init__(self, compose: Callable[..., "QuerySet[Any, Row]"], **kinds: type) -> None:
        self._compose = compose
        self._stand_ins = {name: _STAND_INS[kind](position) for position, (name, kind) in enumerate(kinds.items())}
        self._compiled: _Compiled | None = None

    def all(self, **values: Any) -> list[Row]:
        """The rows for these values."""
        if self._compiled is None:
            self._compiled = self._compile()
        return self._compiled.rows(values)

    def first(self, **values: Any) -> Row | None:
        """The first row for these values; None where there is none."""
        return next(iter(self.all(**values)), None)

    def _compile(self) -> "_Compiled":
        queryset = self._compose(**self._stand_ins)
        compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
        sql, parameters = compiler.as_sql()
        slots = [self._slot(parameter) for parameter in parameters]
        missing = self._stand_ins.keys() - {name for name, _ in slots}
        assert not missing, f"no parameter of the SQL is {', '.join(sorted(missing))}: {sql}"
        converters = compiler.get_converters([column for column, *_ in compiler.select[: compiler.col_count]])
        return _Compiled(queryset._iterable_class, queryset.query, compiler, converters, sql, slots)

    def _slot(self, parameter: Any) -> tuple[str | None, Any]:
        """The name of the value that this parameter stands for, or None and the parameter itself."""
        plain = getattr(parameter, "obj", parameter)  # bytes come in a wrapper of psycopg's
        for name, stand_in in self._stand_ins.items():
            if type(plain) is type(stand_in) and plain == stand_in:
                return name, None
        return None, parameter


@dataclass(frozen=True)
class _Compiled:
    """What a process keeps. Slots are names of values, or None and a parameter that is always the same."""

    iterable: Any
    query: Any
    compiler: Any
    converters: Any
    sql: str
    slots: Sequence[tuple[str | None, Any]]

    def rows(self, values: Mapping[str, Any]) -> list[Any]:
        parameters = tuple(given if name is None else values[name] for name, given in self.slots)
        with planning_cursor() as cursor:
            cursor.execute(self.sql, parameters)
            found = cursor.fetchall()
        # Copied, since a compiler belongs to one thread and one execution.
        compiler, query = copy(self.compiler), copy(self.query)
        compiler.connection, compiler.query = connection, query
        compiler.execute_sql = lambda *_, **__: [found]
        compiler.get_converters = lambda *_: self.converters
        query.get_compiler = lambda *_, **__: compiler
        # All that Django's iterables ask of a queryset.
        known = {"model": query.model, "_known_related_objects": {}, "_hints": {}}
        return list(self.iterable(SimpleNamespace(db=DEFAULT_DB_ALIAS, query=query, **known)))


class PlanningCursor(ServerBindingCursor):
    def execute(self, query: str, params: Sequence[Any], **options: Any) -> Self:
        super().execute(query, params, **options)
        # What Django's log of queries shows; psycopg forgets what it has prepared.
        self._query = SimpleNamespace(query=query.encode())
        return self


def planning_cursor() -> CursorWrapper:
    """As `connection.cursor()`, but one whose parameters travel beside the SQL, so that the server can keep the plan.

    It does so from the connection's `prepare_threshold` on; without one, nothing is kept.
    """
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    cursor = PlanningCursor(connection.connection)
    if connection.connection.adapters.get_loader(TIMESTAMPTZ_OID, Format.TEXT).timezone != connection.timezone:
        register_tzloader(connection.timezone, cursor)
    return connection._prepare_cursor(cursor)
