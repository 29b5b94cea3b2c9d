"""Every command of the README and of docs does what it says, in a checkout of its own, one after the other."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import urllib.request
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from django.conf import settings

from corpusapp.embedded.account import server_account
from tests.database import clear
from tests.processes import wait_until

PAGES = [(settings.BASE_DIR / name).read_text() for name in ("README.md", "docs/backups.md")]
BLOCKS = re.findall(r"^```(sh|python)\n(.*?)^```$", "\n".join(PAGES), re.MULTILINE | re.DOTALL)
_INSTALLED = sorted(Path("/usr/lib/postgresql").glob("*/bin"))
ARTICLE = "TEHRAN, Aug. 8 (LW) -- Foreign Minister Kamal Kharrazi met officials in Damascus on Monday."


class Checkout:
    """A copy of the project without its data, with the virtual environment that runs this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.output = folder / "output"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        names = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=settings.BASE_DIR, capture_output=True, text=True
        ).stdout.splitlines()
        for name in filter(lambda name: (settings.BASE_DIR / name).is_file(), names):
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            # With its time, so that `make` does not take the requirements for new.
            shutil.copy2(settings.BASE_DIR / name, target)
        (self.folder / ".venv").symlink_to(settings.BASE_DIR / ".venv")
        (self.folder / "my-articles").mkdir()
        (self.folder / "my-articles" / "one.txt").write_text(ARTICLE)
        reviewed = {"text": "Walid al-Muallem left for Moscow.", "spans": [[0, 16, "PERSON"], [26, 32, "GPE"]]}
        (self.folder / "reviewed.jsonl").write_text(json.dumps(reviewed))

    def environment(self) -> dict[str, str]:
        ours = ("CORPUSAPP_HOME", "DATABASE_URL", "MAKEFLAGS", "MAKELEVEL", "DJANGO_SETTINGS_MODULE")
        kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("PYTEST_")}
        return {**kept, "PORT": self.port, "TESTS": "tests/text/test_ranges.py", "JOBS": "0"}

    def run(self, script: str, shell: tuple[str, ...] = ("bash", "-euo", "pipefail", "-c")) -> str:
        script = script.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        done = subprocess.run(
            [*shell, script], cwd=self.folder, env=self.environment(), capture_output=True, text=True, timeout=240
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    @contextlib.contextmanager
    def desk(self, script: str) -> Iterator[str]:
        """The desk that a block starts, until it is open; one Ctrl-C stops it, and nothing goes on running."""
        with self.output.open("w") as output:
            process = subprocess.Popen(
                ["bash", "-c", script], cwd=self.folder, env=self.environment(), stdout=output,
                stderr=subprocess.STDOUT, start_new_session=True,
            )  # fmt: skip
        try:
            wait_until(lambda: "Ctrl-C stops it" in self.output.read_text() or process.poll() is not None, seconds=120)
            assert process.poll() is None, self.output.read_text()
            yield self.output.read_text()
            os.killpg(process.pid, signal.SIGINT)
            process.wait(timeout=60)
            assert "corpusapp has stopped." in self.output.read_text()
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)


@pytest.fixture
def checkout() -> Iterator[Checkout]:
    folder = Path(tempfile.mkdtemp(prefix="corpusapp-readme-"))
    # The database's system user passes through to the home within.
    folder.chmod(0o711)
    try:
        yield Checkout(folder)
    finally:
        clear(folder)


def block(beginning: str) -> str:
    """What begins so: one block, or, where a command is shown more than once, all in the order of the page."""
    found = [text for _, text in BLOCKS if text.startswith(beginning)]
    assert found, f"no block of the pages begins with {beginning!r}"
    return "".join(found)


def test_the_two_commands_the_tour_the_data_and_ones_own_pipeline(checkout):
    with checkout.desk(block("make run")) as said:
        assert re.search(r"Sign in as admin with the password \S{12,}", said)
        with urllib.request.urlopen(f"http://127.0.0.1:{checkout.port}/sign-in/") as page:
            assert page.status == 200
        assert "1 added" in checkout.run(block(".venv/bin/python manage.py import_articles"))
        assert "micro" in checkout.run(block(".venv/bin/python manage.py evaluate"))
        assert "0 read again" in checkout.run(block(".venv/bin/python manage.py reread_originals"))
        python = f"{checkout.folder}/.venv/bin/python - <<'END'\n{block('import json')}\nassert article\nEND\n"
        checkout.run(block("export TOKEN") + block("curl") + python)
        assert (checkout.folder / "confirmed.jsonl").read_text().count("\n") == 14
        assert "14 added" in checkout.run(block(".venv/bin/python manage.py export_corpus"))
        content = checkout.run(block(".venv/bin/python manage.py content_hash")).strip()
        restored = checkout.run(block("make backup"))
        assert restored.count(f"content {content}") == 2
        shutil.rmtree(checkout.folder / "var-restored")
        (checkout.folder / "my-desk.tar").unlink()
        assert content in checkout.run(block(".venv/bin/python manage.py backup"))
        assert content in checkout.run(block("CORPUSAPP_HOME=var-restored"))
    with checkout.desk(block(".venv/bin/python -m pip install")) as said:
        assert "with the password" not in said
        assert "changepassword admin" in said
    assert "nothing was to do" in checkout.run(block(".venv/bin/python manage.py upgrade_server"))


def test_the_suite_runs_beside_a_running_one(checkout):
    assert re.search(r"\d+ passed", checkout.run(block("make test")))


@pytest.fixture
def own_server():
    """A throw-away cluster of the machine's own PostgreSQL; yields its DATABASE_URL."""
    if not _INSTALLED:
        pytest.skip("no PostgreSQL of Debian's in /usr/lib/postgresql: apt-get install postgresql")
    run = Path(os.environ["CORPUSAPP_HOME"]).parent
    folder = run / f"own-{uuid.uuid4().hex[:8]}"
    folder.mkdir(mode=0o700)
    account = server_account(folder)
    account.give(folder)

    def command(name: str, *arguments: str) -> None:
        line = [str(_INSTALLED[-1] / name), "-D", str(folder / "data"), *arguments]
        subprocess.run(line, cwd="/", check=True, stdout=subprocess.DEVNULL, **account.popen_options())

    command("initdb", "--username=desk", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8", "--no-sync")
    options = f"-k {folder} -c listen_addresses='' -c fsync=off"
    command("pg_ctl", "start", "--wait", "--silent", "--log", str(folder / "log"), "--options", options)
    yield f"postgresql://desk@/postgres?host={folder}"
    command("pg_ctl", "stop", "--wait", "--silent", "--mode=fast")


def test_ones_own_postgresql(checkout, own_server):
    with checkout.desk(
        block("DATABASE_URL=").replace("postgresql://desk:secret@localhost/desk", f"'{own_server}'")
    ) as said:
        assert "Sign in as admin with" in said
        assert not (checkout.folder / "var" / "postgres").exists()
        with psycopg.connect(own_server) as database:
            wait_until(lambda: database.execute("SELECT count(*) FROM procrastinate_workers").fetchone()[0] >= 2)
            assert database.execute("SELECT count(*) FROM articles_article").fetchone()[0] >= 12


def test_every_block_is_run_here():
    source = Path(__file__).read_text()
    beginnings = re.findall(r"block\([\"'](.+?)[\"']\)", source)
    assert all(any(text.startswith(beginning) for beginning in beginnings) for _, text in BLOCKS)
    assert len(BLOCKS) == sum(page.count("\n```") for page in PAGES) // 2
