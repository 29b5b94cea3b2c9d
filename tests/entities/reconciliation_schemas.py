"""What the specification of the Reconciliation Service API 0.2 says of its messages, as JSON Schema.

Written after https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/. The schemas that its
authors publish are used beside these in a slow test, where they can be fetched.
"""

from typing import Any

TEXT, NUMBER = {"type": "string"}, {"type": "number"}
NAMED = {"type": "object", "properties": {"id": TEXT, "name": TEXT}, "required": ["id"]}
TYPES = {"type": "array", "items": {"anyOf": [NAMED, TEXT]}}
TEMPLATE = {"type": "string", "pattern": r"\{\{id\}\}"}


def _object(required: str, **properties: Any) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": required.split()}


def _result(required: str, **properties: Any) -> dict[str, Any]:
    return _object("result", result={"type": "array", "items": _object(required, **properties)})


_SUGGEST = {"type": "object", "properties": {"service_url": TEXT, "service_path": TEXT}}
_VALUE = {"anyOf": [TEXT, NUMBER, {"type": "boolean"}, NAMED]}
_CELL = {
    "oneOf": [
        {"type": "object", "maxProperties": 0},
        {**NAMED, "properties": {"id": TEXT, "name": TEXT, "description": TEXT}, "additionalProperties": False},
        *(
            {**_object(name, **{name: kind}), "additionalProperties": False}
            for name, kind in {"str": TEXT, "float": NUMBER, "int": {"type": "integer"}, "date": TEXT}.items()
        ),
    ]
}
# By the names of the published files.
SCHEMAS: dict[str, dict[str, Any]] = {
    "manifest": _object(
        "versions name identifierSpace schemaSpace",
        versions={"type": "array", "items": TEXT, "contains": {"const": "0.2"}},
        name=TEXT, identifierSpace=TEXT, schemaSpace=TEXT, documentation=TEXT, serviceVersion=TEXT,
        view=_object("url", url=TEMPLATE),
        preview=_object("url width height", url=TEMPLATE, width={"type": "integer"}, height={"type": "integer"}),
        defaultTypes={"type": "array", "items": NAMED, "uniqueItems": True},
        suggest={"type": "object", "properties": {"entity": _SUGGEST, "type": _SUGGEST, "property": _SUGGEST}},
        extend=_object("propose_properties", propose_properties=_SUGGEST),
    ),
    "reconciliation-query-batch": {
        "type": "object",
        "additionalProperties": {
            "type": "object",
            "properties": {
                "query": TEXT, "limit": NUMBER, "type": {"anyOf": [TEXT, {"type": "array", "items": TEXT}]},
                "type_strict": {"enum": ["any", "should", "all"]},
                "properties": {
                    "type": "array",
                    "items": _object("pid v", pid=TEXT, v={"anyOf": [_VALUE, {"type": "array", "items": _VALUE}]}),
                },
            },
            "anyOf": [
                {"required": ["query"]}, {"required": ["properties"], "properties": {"properties": {"minItems": 1}}},
            ],
            "additionalProperties": False,
        },
    },
    "reconciliation-result-batch": {
        "type": "object",
        "additionalProperties": _result(
            "id name score",
            id={"type": "string", "minLength": 1}, name={"type": "string", "minLength": 1}, description=TEXT,
            score=NUMBER, match={"type": "boolean"}, type=TYPES,
            features={
                "type": "array", "items": _object("id value", id=TEXT, value={"anyOf": [NUMBER, {"type": "boolean"}]}),
            },
        ),
    },
    "suggest-entities-response": _result("id name", id=TEXT, name=TEXT, description=TEXT, notable=TYPES),
    "suggest-types-response": _result("id name", id=TEXT, name=TEXT, description=TEXT),
    "suggest-properties-response": _result("id name", id=TEXT, name=TEXT, description=TEXT),
    "data-extension-property-proposal": _object(
        "properties", properties={"type": "array", "items": _object("id name", id=TEXT, name=TEXT)}
    ),
    "data-extension-response": _object(
        "meta rows",
        meta={"type": "array", "items": _object("id name", id=TEXT, name=TEXT)},
        rows={
            "type": "object",
            "additionalProperties": {"type": "object", "additionalProperties": {"type": "array", "items": _CELL}},
        },
    ),
}  # fmt: skip
