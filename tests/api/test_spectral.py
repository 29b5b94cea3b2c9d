"""Spectral has nothing to say of the schema by `.spectral.yaml`, and has where one of its rules is broken."""

import copy
import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.api.contract import document
from tests.api.test_schema import ROOT

pytestmark = pytest.mark.slow
VERSION = "6.16.3"
Lint = Callable[[Path], list[dict[str, Any]]]


@pytest.fixture(scope="module")
def lint(tmp_path_factory: pytest.TempPathFactory) -> Lint:
    """What Spectral says of a file. It is installed into a temporary folder."""
    if not (shutil.which("node") and (npm := shutil.which("npm"))):
        pytest.skip("SPECTRAL IS NOT RUN: there is no node and npm here; tests/api/test_schema_rules.py is all that is")
    folder = tmp_path_factory.mktemp("spectral")
    command = [npm, "install", "--silent", "--no-audit", "--no-fund", f"@stoplight/spectral-cli@{VERSION}"]
    installed = subprocess.run([*command, "--prefix", str(folder)], cwd=folder, capture_output=True, text=True)
    if installed.returncode:
        pytest.skip(f"SPECTRAL IS NOT RUN: npm cannot install it: {installed.stderr[-500:]}")

    def run(file: Path) -> list[dict[str, Any]]:
        spectral = [folder / "node_modules" / ".bin" / "spectral", "lint", "--quiet", "--format", "json"]
        made = subprocess.run(
            [*spectral, "--ruleset", ROOT / ".spectral.yaml", "--fail-severity", "hint", file],
            capture_output=True,
            text=True,
        )
        assert made.returncode in (0, 1), made.stderr
        return json.loads(made.stdout)

    return run


def test_spectral_finds_nothing(lint):
    assert lint(ROOT / "openapi.yaml") == []


def test_spectral_finds_each_broken_rule(lint, tmp_path):
    broken = copy.deepcopy(document())
    shared, (first, second, third, *_) = broken["components"], broken["paths"].values()
    first["get"]["summary"] = "Two lines.\nSay so."
    second["get"]["responses"]["200"].pop("headers")
    third["get"]["responses"].pop("304")
    shared["parameters"]["Limit"].pop("description")
    shared["parameters"]["Cursor"]["name"] = "from"
    shared["responses"]["TooOften"]["headers"].pop("Retry-After")
    content = shared["responses"]["NotFound"]["content"]
    content["application/json"] = content.pop("application/problem+json")
    broken["tags"][0].pop("description")
    file = tmp_path / "broken.json"
    file.write_text(json.dumps(broken))
    assert {found["code"] for found in lint(file)} == {
        "summary-is-one-line", "success-has-its-rate-limit", "read-can-be-conditional", "parameter-has-a-description",
        "parameter-is-no-keyword", "too-often-says-when", "problem-is-a-problem-document", "tag-description",
    }  # fmt: skip
