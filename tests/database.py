"""A data folder of its own for each test run, with an embedded server in it unless DATABASE_URL names another.

It has to be in the environment before Django's settings are read. The workers of one run inherit it and share the
server; the files of each lie in a home of its own. A run that was killed is cleared away by the next one. The embedded
server begins with a database that is migrated (`tests/migrated.py`): each worker's is a copy of it.
"""

import contextlib
import fcntl
import os
import shutil
import tempfile
from pathlib import Path

from corpusapp.core.home import Home
from corpusapp.embedded.databases import DATABASE
from corpusapp.embedded.server import Server
from tests import migrated

_PREFIX = "corpusapp-tests-"
_LOCK = "run.lock"


class TestRun:
    """The folder of one run: a lock that lives as long as the run, and the home."""

    __test__ = False

    def __init__(self) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        # The server's system user has to pass through to the home; it need not list what is there.
        self.folder.chmod(0o711)
        self._lock = _locked(self.folder)
        if not os.environ.get("DATABASE_URL"):
            migrated.copy_to(self.folder / "home")
        os.environ["CORPUSAPP_HOME"] = str(self.folder / "home")
        os.environ["CORPUSAPP_POSTGRES_HASTY"] = "true"

    def end(self) -> None:
        clear(self.folder)
        self._lock.close()


def start() -> TestRun | None:
    """Begin a run; None in a worker, whose run began in the process that started it."""
    if "PYTEST_XDIST_WORKER" in os.environ:
        return None
    clear_abandoned()
    return TestRun()


def separate_files() -> None:
    """Give a worker, and what it starts, a home of its own beside the one whose server it shares."""
    from django.conf import settings

    if worker := os.environ.get("PYTEST_XDIST_WORKER"):
        settings.HOME = Home(settings.HOME.path.with_name(worker))
        # Sessions that a test makes are read by the servers that it starts.
        (settings.HOME.folder("secrets") / "secret_key").write_text(settings.SECRET_KEY)
        os.environ["CORPUSAPP_HOME"] = str(settings.HOME.path)


def copy_the_migrated_database() -> None:
    """Let Django make the database of the tests a copy of the embedded server's migrated one."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if "EMBEDDED" in database:
        database.setdefault("TEST", {})["TEMPLATE"] = DATABASE


def clear_abandoned() -> None:
    for lock in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*/{_LOCK}"):
        with contextlib.suppress(OSError), lock.open("r+") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            clear(lock.parent)


def clear(folder: Path) -> None:
    """Stop every server that has its data below the folder, and remove the folder."""
    for data in folder.glob("**/postgres/data"):
        Server(Home(data.parents[1])).stop()
    shutil.rmtree(folder)


def _locked(folder: Path):
    draft = folder / f"{_LOCK}.new"
    file = draft.open("w")
    fcntl.flock(file, fcntl.LOCK_EX)
    draft.rename(folder / _LOCK)
    return file
