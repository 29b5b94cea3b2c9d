"""The documentation speaks of what is there: files, links, settings, formats, and a README of one page."""

import ast
import re
import subprocess

import pytest

from annotations.exports.format_choices import is_streamed
from annotations.formats.registry import formats
from corpusapp.embedded.account import VARIABLE
from tests.docs.pages import BASE, PAGES, README, blocks_of

SETTINGS = BASE / "docs" / "administration.md"
CHANGES, SERVICES = BASE / "CHANGELOG.md", BASE / "annotations" / "suggesters" / "services.md"
_FENCED = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)")
_PATH = re.compile(r"`((?:annotations|corpusapp|docs|static|templates|tests|\.ci)/[\w./-]+)`")
_ROW = re.compile(r"^\| (`[A-Z_]+`(?:, `[A-Z_]+`)*) \|", re.MULTILINE)


def text_of(page):
    return _FENCED.sub("", page.read_text())


def anchors(page):
    """The anchors of a page's headings, as GitHub makes them."""
    headings = re.findall(r"^#+ (.+)$", text_of(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links(page):
    for link in _LINK.findall(text_of(page)):
        path, _, anchor = link.partition("#")
        if ":" in path:
            continue
        target = (page.parent / path).resolve() if path else page
        if not target.exists() or (anchor and anchor not in anchors(target)):
            yield link


@pytest.mark.parametrize("page", [*PAGES, CHANGES, SERVICES], ids=lambda page: page.name)
def test_no_link_is_dead(page):
    assert list(dead_links(page)) == []


def test_the_check_of_links_finds_dead_ones(tmp_path):
    page = tmp_path / "a.md"
    page.write_text("# One & two\n[a](#one--two) [b](#three) [c](gone.md) [d](a.md#one--two) [e](https://x.org/gone)")
    assert list(dead_links(page)) == ["#three", "gone.md"]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_paths_exist(page):
    assert [path for path in _PATH.findall(text_of(page)) if not (BASE / path).exists()] == []


def test_every_page_of_docs_is_found_from_the_readme():
    assert {page.name for page in PAGES if page.parent.name == "docs"} <= {
        link.removeprefix("docs/") for link in _LINK.findall(README.read_text())
    }


def test_the_readme_is_short():
    assert len(README.read_bytes()) <= 6 * 1024


def test_every_setting_is_listed_and_no_other():
    modules = [path for package in ("corpusapp", "annotations") for path in (BASE / package).rglob("*.py")]
    read = {name for path in modules for name in _variables_read_by(path)}
    # The Makefile passes PORT on as an option.
    read |= {VARIABLE, "PORT"}
    rows = [re.findall(r"[A-Z_]+", names) for names in _ROW.findall(SETTINGS.read_text())]
    listed = [name for names in rows for name in names]
    assert sorted(listed) == sorted(read)


def _variables_read_by(path):
    """The variables that a module reads by `env.text("NAME")` and the like, or from `os.environ`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
            owner, key = ast.unparse(node.func.value), node.args[0]
            found = owner == "env" or (owner == "os.environ" and node.func.attr == "get")
        elif isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
            found, key = ast.unparse(node.value) == "os.environ", node.slice
        else:
            continue
        if found and isinstance(key, ast.Constant):
            yield key.value


def test_every_format_is_listed():
    page = (BASE / "docs" / "exports-and-releases.md").read_text()
    listed = dict(re.findall(r"^\| `([\w-]+)` \| (streamed|by a worker) \|", page, re.MULTILINE))
    assert listed == {one.name: "streamed" if is_streamed(one) else "by a worker" for one in formats.written()}


def test_every_command_of_ours_exists():
    """`manage.py NAME` and `make NAME`, in running text as in blocks."""
    tracked = subprocess.run(["git", "ls-files", "-co"], cwd=BASE, capture_output=True, text=True).stdout
    ours = set(re.findall(r"management/commands/(\w+)\.py", tracked))
    targets = set(re.findall(r"^(\w+):", (BASE / "Makefile").read_text(), re.MULTILINE))
    for page in PAGES:
        text = page.read_text()
        named = set(re.findall(r"manage\.py\s+(\w+)", text)) - {"createsuperuser"}
        assert named <= ours, page
        assert set(re.findall(r"(?:`|^)make (\w+)", text, re.MULTILINE)) <= targets, page


def test_every_fence_is_a_block():
    for page in PAGES:
        assert len(blocks_of(page)) * 2 == len(re.findall(r"^```", page.read_text(), re.MULTILINE)), page
