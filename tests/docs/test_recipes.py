"""The recipes work: their files and changes make a copy of the project that passes their commands and the checks."""

import re

import pytest

from tests.docs.pages import BASE, README, apply, blocks_of, write

pytestmark = pytest.mark.slow

RECIPES = BASE / "docs" / "recipes.md"
_TESTS = re.compile(r'^make test TESTS="(.+)"$', re.MULTILINE)


def test_recipes_work_and_the_suite_is_run_by_one_command(checkout):
    scripts = []
    for block in blocks_of(RECIPES):
        if block.new_file:
            write(block, checkout.folder)
        elif block.kind == "diff":
            apply(block, checkout.folder)
        else:
            assert block.kind == "sh"
            scripts.append(block.text)
    commands = "".join(scripts)
    # All their tests in one process, by the command that the README shows; then what else there is.
    (suite,) = [block.text for block in blocks_of(README) if block.text.startswith("make test")]
    assert re.search(r"\d{2,} passed", checkout.run(suite, TESTS=" ".join(_TESTS.findall(commands))))
    assert "micro" in checkout.run(_TESTS.sub("", commands))
    names = ["annotations", "corpusapp", "tests"]
    checkout.run(f".venv/bin/ruff check {' '.join(names)} && .venv/bin/ruff format --check {' '.join(names)}")
    checkout.run(".venv/bin/python manage.py makemigrations --check --dry-run && .venv/bin/lint-imports")
