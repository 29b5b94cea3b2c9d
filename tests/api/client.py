"""A REST client with a token, for JSON requests and responses."""

import json
import re
from typing import Any

from django.test import Client

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import User
from corpusapp.core.api.problem_details import KINDS

# What each answer to a decision, or another change of many things, says of how much was done.
COUNTS = ("applied", "left_out", "left_out_count", "complete")


class Rest:
    """Sends JSON as `user`, or without a token. Paths are relative to /api/v1/, or absolute URLs of answers."""

    def __init__(self, user: User | None = None, **token: Any) -> None:
        self._http = Client()
        self._headers = {"Authorization": f"Bearer {create_token(user=user, **token)[1]}"} if user else {}

    def get(self, path: str, **query: Any):
        return self._http.get(_address(path), query or None, headers=self._headers)

    def post(self, path: str, body: Any = None, **headers: str):
        return self.send("POST", path, body, **headers)

    def put(self, path: str, body: Any = None, **headers: str):
        return self.send("PUT", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str):
        return self.send("PATCH", path, body, **headers)

    def delete(self, path: str, body: Any = None, **headers: str):
        return self.send("DELETE", path, body, **headers)

    def send(self, verb: str, path: str, body: Any = None, **headers: str):
        """Send a body as JSON, or bytes unchanged. `if_match="…"` sets the header If-Match."""
        data = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
        content_type = headers.pop("content_type", "application/json")
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return self._http.generic(verb, _address(path), data, content_type, headers={**self._headers, **named})


def _address(path: str) -> str:
    return path.removeprefix("http://testserver") if "://" in path else f"/api/v1/{path}"


def linked(response) -> dict[str, str]:
    """The addresses in the header `Link`, by their relation."""
    return {relation: url for url, relation in re.findall(r'<([^>]+)>; rel="([^"]+)"', response.get("Link", ""))}


def refusal(response, status: int, field: str | None = None) -> dict[str, Any]:
    """The problem document of a response, which must have this status and name this field."""
    assert response.status_code == status, (response.status_code, response.content[:500])
    assert response["Content-Type"] == "application/problem+json"
    document = response.json()
    assert document["status"] == status and document["title"] and document["detail"], document
    assert KINDS[kind_of(response)][1] == status, document
    if field is not None:
        assert document.get("field") == field, document
    return document


def kind_of(response) -> str:
    """The kind of a problem document, a key of `KINDS`. Its `type` must be an absolute URL."""
    found = re.fullmatch(r"https?://[^/]+/api/problems/([a-z-]+)/", response.json()["type"])
    assert found and found[1] in KINDS, response.json()
    return found[1]
