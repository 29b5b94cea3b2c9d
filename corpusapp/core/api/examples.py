"""An example for every body and answer of the schema that has none of its own, made of its shape."""

from collections.abc import Mapping
from typing import Any

Schema = Mapping[str, Any]

# What stands in fields of these names, where it fits their type.
_NAMED: dict[str, Any] = {
    "id": 7, "article": 1, "span": 7, "decision": 12, "batch": 3, "start": 0, "end": 5, "length": 53, "revision": 1,
    "number": 1, "count": 1, "version": 1, "label": "PERSON", "name": "PERSON", "text": "Zarif", "surface": "Zarif",
    "title": "Zarif in Damascus", "headline": "Zarif in Damascus", "corpus": "desk", "slug": "desk", "user": "anna",
    "editor": "anna", "source": "SANA", "language": "en", "offsets": "code points", "pipeline": "en_core_web_sm 3.8.0",
    "score": 0.93, "verb": "confirm", "state": "confirmed", "left": "", "right": " met Muallem in Damascus.",
    "published_on": "2018-09-03", "place": "DAMASCUS", "family": "people", "kind": "title", "reason": "it changed",
    "sha256": "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08", "next": None, "previous": None,
}  # fmt: skip
_FORMATS: dict[str, Any] = {
    "date": "2018-09-03",
    "date-time": "2018-09-03T10:00:00Z",
    "uri": "https://desk.example/api/v1/",
    "uuid": "0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d",
}
_TYPES: dict[str, Any] = {"string": "text", "integer": 1, "number": 0.5, "boolean": True, "array": [], "object": {}}
_DEEPEST = 6


def fill_examples(result: dict[str, Any], **_: Any) -> dict[str, Any]:
    """A postprocessing hook of drf-spectacular."""
    shapes = result["components"].get("schemas", {})
    for verbs in result["paths"].values():
        for operation in verbs.values():
            for answer in (operation.get("requestBody", {}), *operation["responses"].values()):
                for kind, content in answer.get("content", {}).items():
                    if shows(kind, content) and "examples" not in content:
                        content["examples"] = {"Example": {"value": example(content["schema"], shapes)}}
    return result


def shows(kind: str, content: Mapping[str, Any]) -> bool:
    """Whether an example belongs here: problem documents look alike everywhere, and what is any JSON has no shape."""
    return kind == "application/json" and bool(content.get("schema"))


def example(schema: Schema, shapes: Mapping[str, Schema], name: str = "", depth: int = 0) -> Any:
    """A value of this shape, as small as its required parts allow."""
    if "$ref" in schema:
        return example(shapes[schema["$ref"].rsplit("/", 1)[-1]], shapes, name, depth)
    for several in ("oneOf", "anyOf", "allOf"):
        if schema.get(several):
            return example(schema[several][0], shapes, name, depth)
    if depth > _DEEPEST:
        return _TYPES.get(schema.get("type", ""))
    if schema.get("type") == "object" or "properties" in schema:
        return _object(schema, shapes, depth)
    if schema.get("type") == "array":
        item = example(schema.get("items", {}), shapes, name.removesuffix("s"), depth + 1)
        return [item] * max(1, schema.get("minItems", 1))
    return _scalar(schema, name)


def _object(schema: Schema, shapes: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    properties = schema.get("properties", {})
    required = schema.get("required") or list(properties)[:2]
    made = {key: example(properties[key], shapes, key, depth + 1) for key in properties if key in required}
    more = schema.get("additionalProperties")
    return made or ({"PERSON": example(more, shapes, "count", depth + 1)} if isinstance(more, dict) and more else {})


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
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    return kind in kinds and isinstance(value, kinds[kind])
