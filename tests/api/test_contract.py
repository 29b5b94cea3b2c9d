"""Real responses of every operation are as the schema says: their status, headers, media type and every field."""

from typing import Any

from django.db import transaction

from tests import factories
from tests.api.client import Rest
from tests.api.contract import breaches, operation_of
from tests.api.matrix import FOR_ALL, TABLE
from tests.api.test_matrix import ABSENT, filled, ids

__all__ = ["ids"]

# Without those of other protocols.
_REQUESTS = [(named, body) for named, (body, _) in {**TABLE, **FOR_ALL}.items() if named[1].startswith("v1/")]


def _broken(client: Rest, verb: str, path: str, body: Any, ids: dict[str, Any]) -> list[str]:
    """What the schema does not tell of a request's response. Whatever was written is taken back."""
    path = path.format(**ids)
    with transaction.atomic():
        response = client.send(verb, path.removeprefix("v1/"), filled(body, ids))
        content = b"".join(response.streaming_content) if response.streaming else response.content
        transaction.set_rollback(True)
    return [f"{verb} {path}: {found}" for found in breaches(operation_of(verb, f"/api/{path}"), response, content)]


def test_every_response_is_as_the_schema_says(ids):
    clients = [Rest(ids["keeper"]), Rest(factories.make_superuser("root")), Rest()]
    wrong = []
    for (verb, path), body in _REQUESTS:
        for client in clients:
            wrong += _broken(client, verb, path, body, ids)
    assert not wrong, "\n".join(wrong)


def test_every_refusal_is_as_the_schema_says(ids):
    """Of absent things, of what a reader may not do, and of bodies and parameters that are not known."""
    reader, root = Rest(factories.make_member(ids["corpus"], "reader", "other")), Rest(factories.make_superuser("root"))
    absent = {name: "nothing" if name in ("slug", "kind") else ABSENT for name in ids}
    wrong = []
    for (verb, path), body in _REQUESTS:
        wrong += _broken(reader, verb, path, body, ids)
        wrong += _broken(root, verb, path, body, absent)
        wrong += _broken(root, verb, f"{path}{'&' if '?' in path else '?'}nothing=1", body, ids)
        if verb in ("POST", "PUT", "PATCH"):
            wrong += _broken(root, verb, path, {"nothing": 1}, ids)
            wrong += _broken(root, verb, path, [1], ids)
    assert not wrong, "\n".join(wrong)
