"""The committed schema as a contract: which operation a request is of, and what its response breaks."""

import json
import re
from functools import cache
from typing import Any

import jsonschema_rs
import yaml
from django.http.response import HttpResponseBase

from tests.api.test_schema import ROOT

Schema = dict[str, Any]


@cache
def document() -> Schema:
    return yaml.load((ROOT / "openapi.yaml").read_text(), getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def resolved(value: Schema) -> Schema:
    """The component that the value refers to, or the value itself."""
    if "$ref" not in value:
        return value
    _, _, kind, name = value["$ref"].split("/")
    return document()["components"][kind][name]


def operation_of(verb: str, path: str) -> Schema:
    """The operation of a request. A path without what varies precedes one with it."""
    path = path.partition("?")[0]
    paths = sorted(document()["paths"], key=lambda template: template.count("{"))
    template = next(each for each in paths if re.fullmatch(re.sub(r"{\w+}", "[^/]+", each), path))
    return document()["paths"][template][verb.lower()]


def breaches(operation: Schema, response: HttpResponseBase, content: bytes) -> list[str]:
    """What of the response the operation does not tell of."""
    # What `5XX` describes must not happen here.
    described = operation["responses"].get(str(response.status_code))
    if described is None:
        return [f"status {response.status_code} is undocumented: {content[:200]!r}"]
    described = resolved(described)
    headers = described.get("headers", {})
    found = [f"header {name} is missing" for name in headers if _lacks(response, name)]
    found += [f"header {name} is undocumented" for name in response.headers if name not in {*_USUAL, *headers}]
    kinds = described.get("content", {})
    kind = response.get("Content-Type", "").partition(";")[0]
    if not kinds:
        return found + ([f"there is a body: {content[:200]!r}"] if content else [])
    if kind not in kinds:
        return [*found, f"media type {kind} is undocumented"]
    schema = kinds[kind].get("schema")
    if schema and kind in ("application/json", "application/problem+json"):
        found += [f"{error.instance_path}: {error.message}"[:400] for error in _check(schema, content)]
    if line := kinds[kind].get("x-line"):
        # The last line of a list of losses has the counts.
        lines = content.splitlines()[:-1] if line["$ref"].endswith("ExportLoss") else content.splitlines()
        found += [f"a line: {error.message}"[:400] for each in lines for error in _check(line, each)]
    return found


# Only in some responses: of a request that was repeated, of a job that is not done, or without an end.
_NOT_ALWAYS = {"Idempotency-Replayed", "Retry-After", "X-Left-Out-Articles", "Deprecation", "Link", "Repr-Digest"}


# Of HTTP itself, or of the browser's safety, as all responses of Django have them.
_USUAL = {
    "Allow", "Cache-Control", "Content-Disposition", "Content-Length", "Content-Security-Policy", "Content-Type",
    "Cross-Origin-Opener-Policy", "Referrer-Policy", "Vary", "WWW-Authenticate", "X-Content-Type-Options",
    "X-Frame-Options",
}  # fmt: skip


def _lacks(response: HttpResponseBase, name: str) -> bool:
    return name not in _NOT_ALWAYS and not response.has_header(name)


def _check(schema: Schema, content: bytes) -> Any:
    return _validator(json.dumps(schema)).iter_errors(json.loads(content))


@cache
def _validator(schema: str) -> jsonschema_rs.Draft4Validator:
    return jsonschema_rs.Draft4Validator(strict({**json.loads(schema), "components": document()["components"]}))


def strict(value: Any) -> Any:
    """OpenAPI 3.0 as JSON Schema: what is nullable may be null, and objects have only the properties that they list."""
    if isinstance(value, list):
        return [strict(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    plain = {key: strict(inner) for key, inner in value.items() if key != "nullable"}
    if isinstance(plain.get("properties"), dict) and plain.get("type") == "object":
        plain.setdefault("additionalProperties", False)
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain
