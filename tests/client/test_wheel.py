"""The wheel that every desk serves, and the client installed from it."""

import ast
import json
import os
import re
import subprocess
import sys
import venv
import warnings
import zipfile
from io import BytesIO
from pathlib import Path

import httpx
import pytest
from django.conf import settings

from corpusapp import __version__
from corpusapp import client as library
from corpusapp.client import VersionWarning
from corpusapp.client.version import HEADER, VersionCheck
from corpusapp.core.api.client import NAME, wheel
from tests import factories
from tests.client.articles import articles
from tests.client.desk import RunningDesk

SOURCE = Path(settings.BASE_DIR) / "corpusapp" / "client"
PROGRAM = """
from corpusapp_client import Desk, DeskError, Line, __version__


def titles(slug: str) -> list[str]:
    line: Line
    return [line["title"] for line in Desk().corpus(slug).export(stage="any")]


if __name__ == "__main__":
    import sys

    print(__version__, *titles(sys.argv[1]))
"""


def test_the_page_shows_the_command_and_the_wheel_needs_no_token(desk):
    page = httpx.get(f"{desk.url}api/client/")
    assert page.status_code == 200 and "Content-Security-Policy" in page.headers
    (address,) = re.findall(r"pip install (\S+\.whl)", page.text)
    assert address == f"{desk.url}api/client/{NAME}"
    answer = httpx.get(address, headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 200 and answer.content == wheel()
    assert answer.headers[HEADER] == __version__
    older = httpx.get(f"{desk.url}api/client/corpusapp_client-0.0.1-py3-none-any.whl")
    assert older.status_code == 404 and NAME in older.json()["detail"]


@pytest.mark.django_db
def test_your_account_and_the_page_of_the_api_show_the_command(client):
    client.force_login(factories.make_user("zohreh"))
    command = f"pip install http://testserver/api/client/{NAME}"
    for address in ("/account/", "/api/docs/", "/api/client/"):
        assert command in client.get(address).content.decode(), address


def test_the_wheel_is_the_package_and_the_same_each_time():
    files = zipfile.ZipFile(BytesIO(wheel()))
    names = {name.partition("/")[2] for name in files.namelist() if name.startswith("corpusapp_client/")}
    assert names == {path.name for path in SOURCE.glob("*.py")} | {"py.typed"}
    (metadata,) = [files.read(name).decode() for name in files.namelist() if name.endswith("METADATA")]
    assert f"Version: {__version__}\n" in metadata and "Requires-Dist: httpx" in metadata
    first = wheel()
    wheel.cache_clear()
    assert wheel() == first


def test_what_is_installed_by_an_extra_is_imported_late():
    needed = {"httpx", *sys.stdlib_module_names}
    for path in SOURCE.glob("*.py"):
        tree = ast.parse(path.read_text())
        at_once = [node for node in tree.body if isinstance(node, ast.Import | ast.ImportFrom)]
        for node in at_once:
            if isinstance(node, ast.ImportFrom):
                assert node.level == 1 or node.module.partition(".")[0] in needed, path
            else:
                assert {alias.name.partition(".")[0] for alias in node.names} <= needed, path


def test_another_version_is_said_once(monkeypatch):
    monkeypatch.setattr("corpusapp.client.version.VERSION", "0.9.0")
    check = VersionCheck("https://desk.example/api/client/")
    with pytest.warns(VersionWarning, match=r"0\.9\.0 is older than its desk \(0\.10\.0\): .*/api/client/"):
        check(httpx.Response(200, headers={HEADER: "0.10.0"}))
    with warnings.catch_warnings(action="error"):
        check(httpx.Response(200, headers={HEADER: "0.10.0"}))
        VersionCheck("")(httpx.Response(200, headers={HEADER: "0.9.0"}))
        VersionCheck("")(httpx.Response(200))
    with pytest.warns(VersionWarning, match="newer"):
        VersionCheck("")(httpx.Response(200, headers={HEADER: "0.8.9"}))


def test_every_public_name_is_there():
    assert sorted(library.__all__) == sorted(set(library.__all__))
    assert all(hasattr(library, name) for name in library.__all__)


@pytest.mark.slow
def test_the_installed_wheel_does_what_its_documentation_says(desk: RunningDesk, corpus, tmp_path):
    corpus.add(articles(2), suggest=False)
    home = tmp_path / "venv"
    venv.create(home, with_pip=True)
    python = str(home / "bin" / "python")
    # What it needs is there already; the wheel itself comes from the desk.
    (site,) = {path for path in sys.path if path.endswith("site-packages")}
    (purelib,) = home.glob("lib/python*/site-packages")
    (purelib / "shared.pth").write_text(site)
    command = [python, "-m", "pip", "install", "--no-deps", "--disable-pip-version-check", "--quiet"]
    subprocess.run([*command, f"{desk.url}api/client/{NAME}"], check=True)
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = {**os.environ, "CORPUSAPP_URL": desk.url, "CORPUSAPP_TOKEN": desk.token}
    options = {"env": environment, "cwd": tmp_path, "capture_output": True, "text": True, "check": True}
    said = subprocess.run([python, str(program), corpus.slug], **options)
    assert said.stdout == f"{__version__} Visit 0 Visit 1\n" and said.stderr == ""
    listed = subprocess.run([home / "bin" / "corpusapp-client", "export", corpus.slug, "--stage", "any"], **options)
    assert [json.loads(line)["title"] for line in listed.stdout.splitlines()] == ["Visit 0", "Visit 1"]
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--python-executable", python, str(program)],
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert checked.returncode == 0, checked.stdout
