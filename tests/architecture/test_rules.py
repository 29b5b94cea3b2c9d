"""Rules of the house that import-linter cannot see."""

import ast
import re
import subprocess
from pathlib import Path

from django.conf import settings

BASE = Path(settings.BASE_DIR)
PACKAGES = ("corpusapp", "annotations")
KERNELS = {
    "annotations/formats", "annotations/spans", "annotations/suggesters", "corpusapp/client", "corpusapp/intake",
    "corpusapp/text",
}  # fmt: skip
# What all apps share: the keys of requests, and the end of what a job stands for.
STORES = {BASE / "corpusapp/core/idempotency.py", BASE / "corpusapp/core/jobs.py"}
WRITES = {"save", "delete", "bulk_create", "bulk_update", "get_or_create", "update_or_create", "create"}


def files(*suffixes):
    found = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=BASE, capture_output=True, text=True)
    return [BASE / name for name in found.stdout.splitlines() if name.endswith(suffixes) and (BASE / name).is_file()]


def writes(path):
    """(line, call) of what writes rows. `.update(…)` counts where it sets columns by keyword."""
    for node in ast.walk(ast.parse(path.read_text())):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            continue
        name, receiver = node.func.attr, node.func.value
        is_super = isinstance(receiver, ast.Call) and getattr(receiver.func, "id", "") == "super"
        if not is_super and (name in WRITES or (name == "update" and node.keywords)):
            yield node.lineno, ast.unparse(node.func)


def may_write(path):
    """Actions, stores, migrations; and kernels, which reach no database: their `update` and `save` are other things."""
    parts = path.relative_to(BASE).parts
    kernel = "/".join(parts[:2]) in KERNELS
    action = "actions" in parts or path.name == "actions.py"
    return parts[0] not in PACKAGES or action or "migrations" in parts or kernel or path in STORES


def test_only_actions_write_rows():
    found = [
        f"{path.relative_to(BASE)}:{line} {call}"
        for path in files(".py")
        if not may_write(path)
        for line, call in writes(path)
    ]
    assert found == []


def test_no_inline_script_or_style():
    for path in files(".html"):
        text = path.read_text().lower()
        assert " style=" not in text, path
        assert "<style" not in text, path
        assert "javascript:" not in text, path
        for opening in text.split("<script")[1:]:
            assert "src=" in opening.split(">")[0], path


def test_the_rule_finds_what_it_looks_for(tmp_path):
    bad = tmp_path / "views.py"
    bad.write_text("Span.objects.create(start=1)\nspans.update(state=2)\nseen.update(other)\nsuper().save()\n")
    assert [line for line, _ in writes(bad)] == [1, 2]


def test_copy_raises_the_errors_of_django():
    """Through `copying` alone: psycopg's own errors pass by whatever looks for a lost connection."""
    own = {BASE / "corpusapp/core/copying.py"}
    found = [
        path for path in files(".py") if path.parts[len(BASE.parts)] in PACKAGES and "cursor.copy(" in path.read_text()
    ]
    assert {path for path in found if "migrations" not in path.parts} == own


def test_advisory_locks_have_one_place():
    """Two that are taken by numbers of their own may be one and the same; the embedded server's comes before Django."""
    own = {BASE / "corpusapp/core/locks.py", BASE / "corpusapp/embedded/databases.py"}
    found = {
        path for path in files(".py") if "advisory_" in path.read_text() and path.parts[len(BASE.parts)] in PACKAGES
    }
    assert {path for path in found if "migrations" not in path.parts} == own


SQL_ROOMS = {"actions", "queries", "queries.py", "migrations", "core", "backup", "embedded"}
# The text search of all articles, what a health check asks, and the groups of copies that a split keeps together.
SQL_MODULES = {
    BASE / name for name in ("corpusapp/articles/search.py", "corpusapp/health.py", "annotations/releases/split.py")
}


def test_raw_sql_stands_where_the_rule_gives_it_a_place():
    """In CONTRIBUTING: reads in queries, writes in actions, what every app shares in core."""
    found = [
        path.relative_to(BASE)
        for path in files(".py")
        if path.parts[len(BASE.parts)] in PACKAGES
        and path not in SQL_MODULES
        and not SQL_ROOMS & set(path.parts)
        and re.search(r"connection\.cursor\(|\.raw\(|\bRawSQL\b", path.read_text())
    ]
    assert found == []


def test_no_module_is_longer_than_400_lines():
    modules = [path for path in files(".py") if path.parts[len(BASE.parts)] in PACKAGES]
    lengths = {path.relative_to(BASE): len(path.read_text().splitlines()) for path in modules}
    assert {name: length for name, length in lengths.items() if length > 400 and "migrations" not in name.parts} == {}
