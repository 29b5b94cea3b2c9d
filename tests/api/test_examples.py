"""Every operation of the schema shows what goes in, what comes out, and how it is refused, and each is sound."""

import jsonschema_rs
import pytest
import yaml

from corpusapp.core.api.examples import example, needs_example
from tests.api.test_schema import ROOT


@pytest.fixture(scope="module")
def schema() -> dict:
    return yaml.safe_load((ROOT / "openapi.yaml").read_text())


def _contents(schema: dict):
    """(where, media type, content) of each JSON body and answer."""
    for path, verbs in schema["paths"].items():
        for verb, operation in verbs.items():
            for where, part in (("body", operation.get("requestBody", {})), *operation["responses"].items()):
                for kind, content in part.get("content", {}).items():
                    if needs_example(kind, content):
                        yield f"{verb} {path} {where}", content


def test_each_body_and_answer_has_an_example(schema):
    missing = [where for where, content in _contents(schema) if not content.get("examples")]
    assert not missing


def test_each_answer_is_of_the_shape_that_it_shows(schema):
    wrong = []
    for where, content in _contents(schema):
        if not content.get("schema") or where.endswith("body"):
            continue
        shape = _plain({**content["schema"], "components": schema["components"]})
        check = jsonschema_rs.Draft4Validator(shape)
        for name, shown in content["examples"].items():
            error = next(iter(check.iter_errors(shown["value"])), None)
            if error is not None:
                wrong.append(f"{where}, {name}: {error.message}")
    assert not wrong, "\n".join(wrong)


def _plain(value):
    """OpenAPI 3.0 as JSON Schema: what is nullable may be null."""
    if isinstance(value, list):
        return [_plain(inner) for inner in value]
    if not isinstance(value, dict):
        return value
    plain = {key: _plain(inner) for key, inner in value.items() if key != "nullable"}
    return {"anyOf": [plain, {"type": "null"}]} if value.get("nullable") is True else plain


def test_an_example_is_as_small_as_its_shape_allows():
    shape = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "integer"}, "more": {"type": "string"}},
    }
    assert example(shape, {}) == {"id": 7}
    assert example({"type": "array", "items": {"$ref": "#/components/schemas/A"}}, {"A": shape}) == [{"id": 7}]
    assert example({"enum": ["a", "b"]}, {}) == "a"
