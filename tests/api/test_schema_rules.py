"""What `.spectral.yaml` asks of the schema, where there is no Node; and that it says things once."""

import keyword
import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from tests.api.contract import document, resolved

# Beside Python's: those of JavaScript, Java, C#, Go, Kotlin, PHP and Swift.
_KEYWORDS = {
    *keyword.kwlist, "case", "catch", "const", "default", "delete", "do", "enum", "export", "extends", "func",
    "function", "interface", "let", "match", "new", "null", "package", "private", "protected", "public", "static",
    "super", "switch", "this", "throw", "throws", "typeof", "var", "void",
}  # fmt: skip


def _operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for verbs in document()["paths"].values():
        for operation in verbs.values():
            yield operation["operationId"], operation


# Writes that answer with a revision.
_REVISED = (
    "spans_create", "spans_update", "spans_destroy", "corpus_entities_create", "entities_update", "entities_add_alias",
    "entities_drop_alias", "entities_identify",
)  # fmt: skip


def _parameters() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, operation in _operations():
        for parameter in operation.get("parameters", []):
            yield name, resolved(parameter)


def test_every_operation_has_a_name_a_line_and_a_description():
    wrong = [
        name
        for name, operation in _operations()
        if not re.fullmatch(r"[a-z]+(_[a-z]+)+", name)
        or not re.fullmatch(r".{1,99}[^.]", operation.get("summary", ""))
        or not operation.get("description")
    ]
    assert not wrong
    assert [name for name, times in Counter(name for name, _ in _operations()).items() if times > 1] == []


def test_tags_servers_and_contact_stand_at_the_top():
    described = {tag["name"]: tag["description"] for tag in document()["tags"]}
    assert all(described.values()) and list(described) == sorted(described)
    assert {tag for _, operation in _operations() for tag in operation["tags"]} == described.keys()
    assert document()["servers"] and document()["info"]["contact"]


def test_every_parameter_says_what_it_is_for_and_is_no_keyword():
    assert not [(name, each["name"]) for name, each in _parameters() if not each.get("description")]
    assert not [(name, each["name"]) for name, each in _parameters() if each["name"] in _KEYWORDS]


def test_parameters_of_few_words_list_them():
    """Those whose values are words of ours, not names from a corpus."""
    closed = {"format", "kind", "mode", "offsets", "order", "part", "stage", "state", "aside", "type"}
    assert not [
        (name, each["name"])
        for name, each in _parameters()
        # As the list of articles, whose values are listed there.
        if each["name"] in closed and name != "corpora_suggest" and not each["schema"].keys() & {"enum", "pattern"}
    ]


def test_successes_tell_of_the_rate_limit_and_reads_of_their_version():
    wrong = []
    for name, operation in _operations():
        for status, response in operation["responses"].items():
            headers = resolved(response).get("headers", {})
            if status.startswith("2") and not {"RateLimit-Limit", "RateLimit-Remaining", "RateLimit-Reset"} <= {
                *headers
            }:
                wrong.append((name, status))
            if status == "429" and "Retry-After" not in headers:
                wrong.append((name, status))
            sends = {"$ref": "#/components/parameters/IfNoneMatch"} in operation.get("parameters", [])
            reads = status == "200" and name not in _REVISED
            if "ETag" in headers and reads and not ("304" in operation["responses"] and sends):
                wrong.append((name, "ETag"))
    assert not wrong


def test_headers_problems_and_common_parameters_stand_once():
    whole = Counter(
        str(parameter) for _, op in _operations() for parameter in op.get("parameters", []) if "$ref" not in parameter
    )
    assert not [parameter for parameter, times in whole.items() if times > 1]
    problems = [
        (name, status)
        for name, operation in _operations()
        for status, response in operation["responses"].items()
        if status >= "400" and "$ref" not in response
    ]
    # A list of articles that all failed, with its report.
    assert problems == [("articles_create", "400")]


def test_files_are_answered_as_bytes_and_lines_have_a_schema():
    lines = set()
    for name, operation in _operations():
        for status, response in operation["responses"].items():
            content = resolved(response).get("content", {})
            if status.startswith("2") and content and [*content] != ["application/json"]:
                assert next(iter(content.items())) == (
                    "application/octet-stream",
                    {"schema": {"type": "string", "format": "binary"}},
                ), name
            if "application/x-ndjson" in content and status == "200":
                lines.add(content["application/x-ndjson"]["x-line"]["$ref"].rsplit("/", 1)[-1])
    assert lines == {"ExportLine", "ExportLoss", "ArticleDifference", "EntityLine"}
    assert document()["components"]["schemas"]["FilesBody"]["properties"]["files"]["items"]["format"] == "binary"


def test_rows_whose_fields_are_selected_require_none():
    for name, operation in _operations():
        if {"$ref": "#/components/parameters/Fields"} in operation.get("parameters", []):
            schema = operation["responses"]["200"]["content"]["application/json"]["schema"]
            rows = schema.get("items", schema)
            if "results" in resolved(rows).get("properties", {}):
                rows = resolved(rows)["properties"]["results"]["items"]
            assert "required" not in resolved(rows), name


def test_every_component_is_referred_to():
    text = str(document())
    unused = [
        f"{kind}/{name}"
        for kind, named in document()["components"].items()
        for name in named
        if kind != "securitySchemes" and f"'#/components/{kind}/{name}'" not in text
    ]
    assert not unused
