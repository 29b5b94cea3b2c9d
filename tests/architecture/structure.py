"""How many files a reader has to open: `python -m tests.architecture.structure --json`.

`modules` counts the project's modules without migrations and empty files: those that only one other module imports, the
median and the longest length in lines. `one_importer_unlisted` leaves out those whose importer is a list that names
them all: URLs, a registry, an app's models, admin and subscribers, a command. `files` counts, for the four main paths,
the files of the project in which a function is called: one import of ten articles, one suggestion run over them, the
request of the key `a` on the workbench, and one article page. The database is one of its own.
"""

import argparse
import ast
import json
import os
import re
import statistics
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests import database

ROOT = Path(__file__).parents[2]
PACKAGES = ("corpusapp", "annotations")
# Modules whose subject is a list of others.
LISTS = re.compile(r"(^|\.)(urls|api_urls|apps|settings|admin|models|registry|readers|management\.commands\.\w+)$")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--list", action="store_true", help="name the modules and the files, too")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = {"modules": modules(), "files": paths()}
    shown = found if options.list else _counted(found)
    print(json.dumps(shown, indent=None if options.json else 4))


def _counted(found: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    return {
        kind: {name: len(value) if isinstance(value, list) else value for name, value in of_kind.items()}
        for kind, of_kind in found.items()
    }


def modules() -> dict[str, Any]:
    sources = {_name(path): path.read_text() for path in _paths() if path.read_text().strip()}
    importers: dict[str, set[str]] = defaultdict(set)
    for name, text in sources.items():
        for imported in _imported(ast.parse(text), sources):
            importers[imported].add(name)
    lengths = [len(text.splitlines()) for text in sources.values()]
    single = {name: found.pop() for name in sources if len(found := importers[name] - {name}) == 1}
    return {
        "all": len(sources),
        "with_one_importer": sorted(single),
        "one_importer_unlisted": sorted(name for name, importer in single.items() if not LISTS.search(importer)),
        "median_lines": statistics.median(lengths),
        "longest_lines": max(lengths),
    }


def _paths() -> Iterator[Path]:
    for package in PACKAGES:
        yield from (path for path in (ROOT / package).rglob("*.py") if "migrations" not in path.parts)


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


def _imported(tree: ast.Module, known: dict[str, str]) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name in known)
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                submodule = f"{node.module}.{alias.name}"
                if found := next((name for name in (submodule, node.module) if name in known), None):
                    yield found


def paths() -> dict[str, list[str]]:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
    run = database.start()
    try:
        return _walked()
    finally:
        if run is not None:
            run.end()


def _walked() -> dict[str, list[str]]:
    import django

    django.setup()
    from django.core.management import call_command
    from django.db import connections
    from django.test import Client
    from django.test.utils import setup_test_environment

    setup_test_environment()
    try:
        call_command("migrate", verbosity=0)
        from tests import factories

        user, corpus = factories.make_superuser(), factories.make_corpus()
        client = Client()
        client.force_login(user)
        return _four_paths(client, corpus)
    finally:
        connections.close_all()


def _four_paths(client: Any, corpus: Any) -> dict[str, list[str]]:
    """Each way twice: what is only called at the first time, such as the making of classes, is no step of it."""
    _steps(client, corpus, "first")
    return _steps(client, corpus, "second")


def _steps(client: Any, corpus: Any, when: str) -> dict[str, list[str]]:
    from django.core.management import call_command

    from annotations.review.models import Span

    address = f"/api/v1/articles/?corpus={corpus.slug}"
    texts = [f"Omar Sultani met Li Wei of the United Nations in Damascus, {when} day {day}." for day in range(10)]
    body = json.dumps([{"text": text} for text in texts])
    found = {"import": _files(lambda: client.post(address, body, content_type="application/json"))}
    found["suggestion_run"] = _files(lambda: call_command("run_worker", "--until-idle"))
    span = Span.objects.filter(state="suggested").latest("pk")
    page = f"/corpora/{corpus.slug}/articles/{span.article_id}/"
    found["article_page"] = _files(lambda: client.get(page))
    decision = {"data": json.dumps({"state": "confirmed"}), "content_type": "application/json"}
    headers = {"If-Match": f'"{span.revision}"'}
    found["key_a"] = _files(lambda: client.patch(f"/api/v1/spans/{span.pk}/", headers=headers, **decision))
    return found


def _files(act: Callable[[], Any]) -> list[str]:
    """The files of the project whose functions are called by this, in any thread."""
    with _called() as called:
        response = act()
    if getattr(response, "status_code", 200) >= 400:
        raise SystemExit(f"refused: {response.content[:500]}")
    own = (str(ROOT / package) + os.sep for package in PACKAGES)
    starts = tuple(own)
    return sorted(str(Path(name).relative_to(ROOT)) for name in called if name.startswith(starts))


@contextmanager
def _called() -> Iterator[set[str]]:
    called: set[str] = set()

    def note(frame: Any, event: str, argument: Any) -> None:
        # The body of a module is run where it is imported, which is no step on the way.
        if event == "call" and frame.f_code.co_name != "<module>":
            called.add(frame.f_code.co_filename)

    threading.setprofile_all_threads(note) if sys.version_info >= (3, 12) else threading.setprofile(note)
    sys.setprofile(note)
    try:
        yield called
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


if __name__ == "__main__":
    main()
