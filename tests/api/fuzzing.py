"""Requests made of the schema, of what it allows and what it forbids, and what is checked of their answers."""

import os
from typing import Any

import schemathesis
import yaml
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from corpusapp.core.api.problem_details import KINDS
from corpusapp.wsgi import application
from tests.api.client import kind_of
from tests.api.test_schema import ROOT

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
FEW = 3
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Whose id or name stands in a path, by the word before it.
NAMED = {
    "copies": "group",
    "batches": "batch",
    "compare": "release",
    "users": "member",
    "set-aside": "kind",
    "entities": "entity",
    "knowledge-bases": "base",
}


def schema():
    """The committed schema, of the application in this process."""
    schema = schemathesis.openapi.from_dict(yaml.safe_load((ROOT / "openapi.yaml").read_text()))
    schema.app = application
    schema.config.generation.update(with_security_parameters=False)
    return schema


def _present(path: str, ids: dict[str, Any]) -> dict[str, Any]:
    """Parameters of a path that lead to what is there."""
    words = path.strip("/").split("/")
    found: dict[str, Any] = {}
    for word, before in zip(words[1:], words, strict=False):
        if word == "{slug}":
            found["slug"] = "desk"
        elif word.startswith("{"):
            found[word[1:-1]] = ids[NAMED.get(before, before.removesuffix("s"))]
    return found


def _cases(operation: Any, ids: dict[str, Any]) -> st.SearchStrategy[Any]:
    """Sound and unsound requests of one operation: most to what is there, some to what the schema allows beside."""
    there = _present(operation.path, ids)
    every = []
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        for given_ in ({"path_parameters": there},) if there else ():
            every += [operation.as_strategy(mode, **given_)] * 3
        every.append(operation.as_strategy(mode))
    return st.one_of(every)


def _ask(case: Any, headers: dict[str, str]) -> None:
    """Send the case, and take back whatever it wrote."""
    with transaction.atomic():
        answer = case.call_and_validate(headers=headers, checks=CHECKS)
        if answer.status_code >= 400:
            assert KINDS[kind_of(answer)][1] == answer.status_code
        transaction.set_rollback(True)


def tried(operation: Any, ids: dict[str, Any], headers: dict[str, str]) -> list[str]:
    @settings(
        max_examples=EXAMPLES or FEW,
        derandomize=not EXAMPLES,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(case=_cases(operation, ids))
    def try_it(case: Any) -> None:
        _ask(case, headers)

    try:
        try_it()
    except (Exception, BaseExceptionGroup) as error:
        return [f"{operation.label}: {error}"]
    return []
