"""Examples for the request bodies and responses of the OpenAPI schema that have none, generated from their schemas."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# Values of fields with these names, if they fit the type.
_NAMED: dict[str, Any] = {
    "id": 7, "article": 1, "span": 7, "decision": 12, "batch": 3, "start": 0, "end": 5, "length": 53, "revision": 1,
    "number": 1, "count": 1, "version": 1, "label": "PERSON", "name": "PERSON", "text": "Zarif", "surface": "Zarif",
    "title": "Zarif in Damascus", "headline": "Zarif in Damascus", "corpus": "desk", "slug": "desk", "user": "anna",
    "editor": "anna", "source": "SANA", "language": "en", "offsets": "code points", "pipeline": "en_core_web_sm 3.8.0",
    "score": 0.93, "verb": "confirm", "state": "confirmed", "left": "", "right": " met Muallem in Damascus.",
    "published_on": "2018-09-03", "place": "DAMASCUS", "family": "people", "kind": "title", "reason": "it changed",
    "job_state": "done",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "next": None, "previous": None,
}  # fmt: skip
_FORMATS: dict[str, Any] = {
    "date": "2018-09-03",
    "date-time": "2018-09-03T10:00:00Z",
    "uri": "https://desk.example/api/v1/",
    "uuid": "0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d",
}
_TYPES: dict[str, Any] = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "array": [], "object": {}}
# Levels of nested schemas; deeper ones get the value of their type.
_MAX_DEPTH = 6


def fill_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    components = result["components"].get("schemas", {})
    for methods in result["paths"].values():
        for operation in methods.values():
            for body in (operation.get("requestBody", {}), *operation["responses"].values()):
                for media_type, content in body.get("content", {}).items():
                    if needs_example(media_type, content) and "examples" not in content:
                        content["examples"] = {"Example": {"value": example(content["schema"], components)}}
    return result


def needs_example(media_type: str, content: Mapping[str, Any]) -> bool:
    """Whether the body is JSON with a schema. Problem documents look the same everywhere, and need none."""
    return media_type == "application/json" and bool(content.get("schema"))


def example(schema: Schema, components: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """The smallest value that is valid for the schema. `name` is that of its field."""
    if "$ref" in schema:
        return example(components[schema["$ref"].rsplit("/", 1)[-1]], components, name, depth)
    for keyword in ("oneOf", "anyOf", "allOf"):
        if schema.get(keyword):
            return example(schema[keyword][0], components, name, depth)
    if depth > _MAX_DEPTH:
        return _TYPES.get(schema.get("type", ""))
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, components, depth)
    if schema.get("type") == "array":
        item = example(schema.get("items", {}), components, name.removesuffix("s"), depth + 1)
        return [item] * max(1, schema.get("minItems", 1))
    return _scalar(schema, name)


def _object(schema: Schema, components: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required") or list(properties)[:2]
    found = {key: example(properties[key], components, key, depth + 1) for key in properties if key in required}
    more = schema.get("additionalProperties")
    if found or not isinstance(more, dict) or not more:
        return found
    return {"PERSON": example(more, components, "count", depth + 1)}


def _scalar(schema: Schema, name: str) -> Any:
    named = _NAMED.get(name, ...)
    if "enum" in schema:
        return named if named in schema["enum"] else schema["enum"][0]
    if schema.get("format") in _FORMATS:
        return _FORMATS[schema["format"]]
    if named is not ... and (_fits(named, schema.get("type")) or (named is None and schema.get("nullable"))):
        return named
    return _TYPES.get(schema.get("type", ""), "text")


def _fits(value: Any, kind: str | None) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "string": (str,), "integer": (int,), "number": (int, float), "boolean": (bool,)
    }  # fmt: skip
    return kind is not None and isinstance(value, kinds.get(kind, ()))
