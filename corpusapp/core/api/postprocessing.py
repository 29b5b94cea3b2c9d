"""Postprocessing hooks of drf-spectacular: what many operations have in common is stated once, and referenced."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from corpusapp.core.api.wire import LINES, OCTETS

Schema = dict[str, Any]

_BINARY = {"type": "string", "format": "binary"}
_PROBLEM = "application/problem+json"
# Names of the problem responses, as components.
_PROBLEMS = {
    "400": "Invalid",
    "401": "Unauthenticated",
    "403": "NotAllowed",
    "404": "NotFound",
    "409": "Conflict",
    "410": "Gone",
    "411": "LengthRequired",
    "412": "PreconditionFailed",
    "413": "TooLarge",
    "415": "UnsupportedMediaType",
    "416": "RangeNotSatisfiable",
    "428": "RevisionMissing",
    "429": "TooOften",
    "502": "NoAnswer",
    "507": "NoRoom",
}
_SUCCESSES = {
    "200": "It succeeded.",
    "201": "It was created.",
    "202": "A worker carries it out: `Location` is the address of its progress.",
    "204": "It succeeded; there is no body.",
}


def _header(description: str, kind: str = "string") -> Schema:
    return {"description": description, "schema": {"type": kind}}


_HEADERS = {
    "RateLimit-Limit": _header("Requests that the token, user or address may send in a minute.", "integer"),
    "RateLimit-Remaining": _header("How many of them are left.", "integer"),
    "RateLimit-Reset": _header("Seconds until all of them are available again.", "integer"),
    "Corpusapp-Version": _header("Version of the desk."),
    "Retry-After": _header("Seconds to wait before the next request.", "integer"),
    "ETag": _header("Version of the response: send it as `If-None-Match` to read it again only if it has changed."),
    "Location": _header("Address of what was created, or of its progress."),
    "Link": _header(
        "Addresses of what belongs to the response (RFC 8288): the `next` page, the report that a stream is "
        "`describedby`, where to `wait` for events, the `deprecation` of a name."
    ),
    "Deprecation": _header(
        "Since when a name in the request or the response is deprecated (RFC 9745): `@` and a Unix time. `Link` says "
        "what replaces it."
    ),
}
_ALWAYS = ("RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset", "Corpusapp-Version")
_IF_NONE_MATCH = {
    "in": "header",
    "name": "If-None-Match",
    "schema": {"type": "string"},
    "description": "`ETag` of an earlier response: 304 without a body if it would be the same again.",
}
_NOT_MODIFIED = "NotModified"
_SERVER_ERROR = "ServerError"


def complete_responses(result: Schema, **_: Any) -> Schema:
    """State the headers of each response, and answer each file as bytes."""
    components = result["components"]
    components["headers"] = dict(_HEADERS)
    components.setdefault("parameters", {})["IfNoneMatch"] = _IF_NONE_MATCH
    components.setdefault("responses", {})[_NOT_MODIFIED] = {
        "description": "The response would be the one whose `ETag` was sent.",
        "headers": _references(*_ALWAYS, "ETag"),
    }
    components["responses"][_SERVER_ERROR] = {
        "description": "The desk failed, or did not answer in time: try again, with the same `Idempotency-Key`.",
        "headers": _references(*_ALWAYS),
        "content": {_PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }
    for _path, verb, operation in _operations(result):
        for status, response in operation["responses"].items():
            response["description"] = response.get("description") or _SUCCESSES.get(status, "")
            own = response.get("headers", {})
            names = _headers_of(status, verb, response, result) + [name for name in own if name in _HEADERS]
            response["headers"] = own | _references(*names)
            response["content"] = _as_files(response.get("content", {}))
            if not response["content"]:
                del response["content"]
        operation["responses"]["5XX"] = {"$ref": f"#/components/responses/{_SERVER_ERROR}"}
        if verb == "get" and "ETag" in operation["responses"].get("200", {}).get("headers", {}):
            operation["responses"]["304"] = {"$ref": f"#/components/responses/{_NOT_MODIFIED}"}
            operation.setdefault("parameters", []).append({"$ref": "#/components/parameters/IfNoneMatch"})
    return result


def _operations(result: Schema) -> Iterator[tuple[str, str, Schema]]:
    for path, verbs in result["paths"].items():
        for verb, operation in verbs.items():
            yield path, verb, operation


def _references(*names: str) -> Schema:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _headers_of(status: str, verb: str, response: Schema, result: Schema) -> list[str]:
    names = [*_ALWAYS]
    content = response.get("content", {})
    record, row = _records(content, result)
    if status == "429" or (status[0] == "2" and "job_state" in record):
        names.append("Retry-After")
    if any(value.get("deprecated") for value in (record | row).values()):
        names += ["Deprecation", "Link"]
    if "next" in record and "results" in record:
        names.append("Link")
    if verb == "get" and status == "200" and [*content] == ["application/json"]:
        names.append("ETag")
    if status == "202":
        names.append("Location")
    return names


def _records(content: Schema, result: Schema) -> tuple[Schema, Schema]:
    """The properties of the object that it describes, and of its rows if it is a list."""
    schema: Schema = next(
        (described.get("schema", {}) for kind, described in content.items() if kind.endswith("json")), {}
    )
    record = _properties(schema, result)
    return record, _properties(record.get("results", {}).get("items", {}), result)


def _properties(schema: Schema, result: Schema) -> Schema:
    schema = result["components"]["schemas"].get(schema.get("$ref", "").rsplit("/", 1)[-1], schema)
    several = [_properties(each, result) for each in schema.get("oneOf", [])]
    return {name: value for each in several for name, value in each.items()} | schema.get("properties", {})


def _as_files(content: Schema) -> Schema:
    """The content of a response, with bytes first if it is a file: generated clients take the first type they know.

    OpenAPI 3.0 cannot describe a line of JSON Lines: `x-line` refers to its schema.
    """
    if not content or ("application/json" in content and len(content) == 1) or _PROBLEM in content:
        return content
    files: Schema = {OCTETS: {"schema": dict(_BINARY)}}
    for kind, described in content.items():
        schema = described.get("schema", {})
        if kind == LINES and "$ref" in schema:
            files[kind] = {**described, "schema": dict(_BINARY), "x-line": schema}
        else:
            files[kind] = {**described, "schema": {} if kind.endswith("json") and kind != LINES else dict(_BINARY)}
    return files


def plain_nullables(result: Schema, **_: Any) -> Schema:
    """Write what may be null as one of two schemas where it has no type: `nullable` means nothing without one."""
    used = False

    def plain(value: Any) -> Any:
        nonlocal used
        if isinstance(value, list):
            return [plain(inner) for inner in value]
        if not isinstance(value, dict):
            return value
        value = {key: plain(inner) for key, inner in value.items()}
        if value.get("nullable") is True and "type" not in value:
            del value["nullable"]
            if "allOf" in value:
                value["oneOf"], used = [*value.pop("allOf"), {"$ref": "#/components/schemas/NullEnum"}], True
        return value

    result["paths"] = plain(result["paths"])
    result["components"]["schemas"] = plain(result["components"]["schemas"])
    if used:
        result["components"]["schemas"].setdefault("NullEnum", {"enum": [None]})
    return result


def loosen_selected(result: Schema, **_: Any) -> Schema:
    """Require no field of the records whose fields `fields=` selects."""
    components = result["components"]["schemas"]
    for _path, _verb, operation in _operations(result):
        if any(parameter.get("name") == "fields" for parameter in operation.get("parameters", [])):
            content = operation["responses"]["200"]["content"]["application/json"]
            content["schema"] = _loosened(content["schema"], components)
    return result


def _loosened(schema: Schema, components: Schema) -> Schema:
    """The schema, with a component `Selected…` in place of its record."""
    if schema.get("type") == "array":
        return schema | {"items": _loosened(schema["items"], components)}
    name = schema["$ref"].rsplit("/", 1)[-1]
    record = components[name]
    if "results" in record.get("properties", {}):
        rows = record["properties"]["results"]
        record["properties"]["results"] = rows | {"items": _loosened(rows["items"], components)}
        return schema
    selected = f"Selected{name}"
    components[selected] = {key: value for key, value in record.items() if key != "required"}
    return {"$ref": f"#/components/schemas/{selected}"}


def share_components(result: Schema, **_: Any) -> Schema:
    """Replace problem responses, and parameters that several operations have, by references to one component each."""
    components = result["components"]
    for path in result["paths"].values():
        for operation in path.values():
            for status, response in operation["responses"].items():
                if _PROBLEM in response.get("content", {}):
                    name = _PROBLEMS[status]
                    if components["responses"].setdefault(name, response) == response:
                        operation["responses"][status] = {"$ref": f"#/components/responses/{name}"}
    _share_parameters(result)
    _share_headers(result)
    _drop_unused(result)
    for kind, named in components.items():
        components[kind] = dict(sorted(named.items()))
    return result


def _share_parameters(result: Schema) -> None:
    """Parameters that are the same in several operations become components, named by the most frequent one."""
    lists = [operation["parameters"] for _p, _v, operation in _operations(result) if operation.get("parameters")]
    times = Counter(json.dumps(parameter) for parameters in lists for parameter in parameters)
    by_name: defaultdict[str, list[str]] = defaultdict(list)
    for written, number in times.most_common():
        parameter = json.loads(written)
        if number > 1 and "$ref" not in parameter:
            by_name[_component_name(parameter)].append(written)
    names: dict[str, str] = {}
    for name, variants in by_name.items():
        names |= {written: f"{name}{number or ''}" for number, written in enumerate(variants)}
    components = result["components"]["parameters"]
    components |= {name: json.loads(written) for written, name in names.items()}
    for parameters in lists:
        for position, parameter in enumerate(parameters):
            if shared := names.get(json.dumps(parameter)):
                parameters[position] = {"$ref": f"#/components/parameters/{shared}"}


def _share_headers(result: Schema) -> None:
    """Headers that are the same in several responses become components."""
    found = [
        (headers, name)
        for _path, _verb, operation in _operations(result)
        for response in operation["responses"].values()
        for headers in [response.get("headers", {})]
        for name in headers
        if "$ref" not in headers[name]
    ]
    times = Counter(json.dumps([name, headers[name]]) for headers, name in found)
    components = result["components"]["headers"]
    for headers, name in found:
        several = times[json.dumps([name, headers[name]])] > 1
        if several and components.setdefault(name, headers[name]) == headers[name]:
            headers |= _references(name)


def _component_name(parameter: Mapping[str, Any]) -> str:
    """`Cursor`, `IdempotencyKey`; `ArticleId` for the ID of an article."""
    words = parameter["name"].replace("-", "_").split("_")
    name = "".join(word[:1].upper() + word[1:] for word in words)
    if parameter["in"] == "path" and name == "Id":
        words = parameter["description"].removesuffix(".").split()[3:]
        return "".join(word.capitalize() for word in words) + name
    return name


def _drop_unused(result: Schema) -> None:
    """Drop the schemas that nothing refers to, and then those that only they referred to."""
    components = result["components"]
    while unused := components["schemas"].keys() - _referenced(result):
        for name in unused:
            del components["schemas"][name]


def _referenced(result: Schema) -> set[str]:
    """The names of the schemas that something refers to."""
    found = set()
    pending: list[Any] = [result]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if isinstance(reference := value.get("$ref"), str):
                found.add(reference.rsplit("/", 1)[-1])
            pending += value.values()
        elif isinstance(value, list):
            pending += value
    return found
