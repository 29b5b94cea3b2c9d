"""A bare DRF view that runs the statements of a real one, on the same server.

`/bare/api/v1/…` is the address of the API with `/bare` before it. The first such request to a process is answered by
the real view, whose SQL is kept with its parameters, and its answer. Every later one is answered by an `APIView`
without authentication, permissions and throttle, which parses the body where there is one, runs the same statements in
order (those of a transaction within one; the token's and the rate's among them; each by such a cursor as the real one,
so that plans are kept for both), fetches all rows of each, and returns the kept answer through DRF's JSON renderer.

Requests differ in numbers: ids in the address, whole numbers of the body. Where such a number, or one of the first row
of an earlier statement, stands as a parameter, that of the present request is used. Only numbers from 1000 on are told
apart by this, so the ids of a measured desk begin higher. Parameters in JSON are looked through.

`Bare` is the first middleware and answers before all others: what it takes is DRF's and the database's alone.
`BareBehindMiddleware` is the last (`/behind/api/v1/…`): what it takes holds the project's middleware, too.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from rest_framework.parsers import JSONParser
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from corpusapp.core.prepared import PlanningCursor, planning_cursor

_TOLD_APART = 1000
# Such as the lock of a job, which ends with the number of the transaction.
_LAST_WORD = re.compile(r"(.* )(\d+)", re.DOTALL)
_NUMBER = re.compile(r"(?<=/)\d+(?=/)")


class Slot(NamedTuple):
    """A parameter that differs from request to request: where its value is found, and what is made of it."""

    source: tuple[Any, ...]
    made: Callable[[Any], Any]


class InJson(NamedTuple):
    """A parameter in JSON, with slots in it."""

    value: Any


class Statement(NamedTuple):
    sql: str
    parameters: Any
    in_transaction: bool
    has_slots: bool
    planned: bool


class Kept(NamedTuple):
    """The statements of a request, and its answer."""

    statements: list[Statement]
    status: int
    data: Any


class Replay(APIView):
    """The bare view."""

    authentication_classes = ()
    permission_classes = ()
    throttle_classes = ()
    parser_classes = (JSONParser,)
    renderer_classes = (JSONRenderer,)

    def get(self, request: Request, kept: Kept, numbers: list[int]) -> Response:
        return self._answer(kept, dict(_named(numbers)))

    def post(self, request: Request, kept: Kept, numbers: list[int]) -> Response:
        return self._answer(kept, dict(_named(numbers)) | _in_body(request.data))

    def _answer(self, kept: Kept, known: dict[tuple[Any, ...], Any]) -> Response:
        _run(kept.statements, known)
        return Response(kept.data, status=kept.status)


class Bare:
    """Answers what begins with `prefix`."""

    prefix = "/bare"

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response
        self._view = Replay.as_view()
        self._kept: dict[tuple[str | None, str], Kept] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if not request.path_info.startswith(self.prefix + "/"):
            return self._get_response(request)
        address = request.get_full_path()
        numbers = [int(number) for number in _NUMBER.findall(request.path_info)]
        key = request.method, _NUMBER.sub("#", address)
        if key not in self._kept:
            return self._keep(key, request, numbers)
        response = self._view(request, kept=self._kept[key], numbers=numbers).render()
        response.headers["Content-Length"] = str(len(response.content))
        return response

    def _keep(self, key: tuple[str | None, str], request: HttpRequest, numbers: list[int]) -> HttpResponse:
        """Have the real view answer, and keep what it did."""
        request.path_info = request.path = request.path_info.removeprefix(self.prefix)
        known = dict(_named(numbers)) | (_in_body(json.loads(request.body)) if request.method == "POST" else {})
        statements: list[Statement] = []
        with connection.execute_wrapper(_Recorder(statements, known)):
            response = self._get_response(request)
        if response.status_code < 300:
            self._kept[key] = Kept(statements, response.status_code, json.loads(response.content))
        return response


class BareBehindMiddleware(Bare):
    prefix = "/behind"


class _Recorder:
    """Keeps each statement, with slots where its parameters come from the request or from earlier rows."""

    def __init__(self, statements: list[Statement], known: dict[tuple[Any, ...], Any]) -> None:
        self._statements, self._known = statements, known

    def __call__(self, execute: Callable[..., Any], sql: Any, parameters: Any, many: bool, context: Any) -> Any:
        assert not many, sql
        slotted = self._slotted(parameters)
        cursor = context["cursor"].cursor
        planned = isinstance(cursor, PlanningCursor)
        statement = Statement(str(sql), slotted, connection.in_atomic_block, _has_slots(slotted), planned)
        result = execute(sql, parameters, many, context)
        if cursor.description:
            row = cursor.fetchone()
            if row is not None:
                cursor.scroll(-1)
            self._known |= _of_row(len(self._statements), row)
        self._statements.append(statement)
        return result

    def _slotted(self, value: Any) -> Any:
        if isinstance(value, int) and value >= _TOLD_APART:
            return self._slot(value, type(value), value)
        if isinstance(value, str) and value[:1] in ("[", "{"):
            return self._in_json(value)
        if isinstance(value, str) and (found := _LAST_WORD.fullmatch(value)):
            return self._slot(found[2], found[1].__add__, value)
        if isinstance(value, list | tuple):
            return type(value)(self._slotted(one) for one in value)
        if isinstance(value, dict):
            return {name: self._slotted(one) for name, one in value.items()}
        return value

    def _in_json(self, value: str) -> Any:
        try:
            slotted = self._slotted(json.loads(value))
        except ValueError:  # an array of PostgreSQL
            return value
        return InJson(slotted) if _has_slots(slotted) else value

    def _slot(self, known: Any, made: Callable[[Any], Any], otherwise: Any) -> Any:
        sources = [source for source, value in self._known.items() if type(value) in (int, str) and value == known]
        return Slot(sources[-1], made) if sources else otherwise


def _run(statements: list[Statement], known: dict[tuple[Any, ...], Any]) -> None:
    position = 0
    while position < len(statements):
        if not statements[position].in_transaction:
            _execute(position, statements[position], known)
            position += 1
            continue
        with transaction.atomic():
            while position < len(statements) and statements[position].in_transaction:
                _execute(position, statements[position], known)
                position += 1


def _execute(position: int, statement: Statement, known: dict[tuple[Any, ...], Any]) -> None:
    parameters = _filled(statement.parameters, known) if statement.has_slots else statement.parameters
    with planning_cursor() if statement.planned else connection.cursor() as cursor:
        cursor.execute(statement.sql, parameters)
        if cursor.description:
            rows = cursor.fetchall()
            known |= _of_row(position, rows[0] if rows else None)


def _of_row(position: int, row: Any) -> dict[tuple[Any, ...], Any]:
    return {(position, column): value for column, value in enumerate(row or ()) if type(value) in (int, str)}


def _filled(value: Any, known: dict[tuple[Any, ...], Any]) -> Any:
    if isinstance(value, Slot):
        return value.made(known[value.source])
    if isinstance(value, InJson):
        return json.dumps(_filled(value.value, known))
    if isinstance(value, list | tuple):
        return type(value)(_filled(one, known) for one in value)
    if isinstance(value, dict):
        return {name: _filled(one, known) for name, one in value.items()}
    return value


def _has_slots(value: Any) -> bool:
    if isinstance(value, Slot | InJson):
        return True
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else ()
    return any(map(_has_slots, inner))


def _named(numbers: list[int]) -> Iterator[tuple[tuple[str, int], int]]:
    return ((("address", position), number) for position, number in enumerate(numbers))


def _in_body(body: Any) -> dict[tuple[Any, ...], Any]:
    return {("body", name): value for name, value in body.items() if type(value) is int}
