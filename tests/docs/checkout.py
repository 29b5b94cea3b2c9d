"""A copy of the project in which the commands of the documentation are run."""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tests.database import clear
from tests.docs.pages import BASE
from tests.processes import wait_until

ARTICLE = "TEHRAN, Aug. 8 (LW) -- Foreign Minister Kamal Kharrazi met officials in Damascus on Monday."
# Prints how many jobs are left, and numbers the events of the change feed, as its next reader would. The job of each
# minute is not waited for: it finds nothing else to do.
_SETTLE = """
from annotations.feed.actions.number_events import number_events
from corpusapp.core import jobs
from procrastinate.contrib.django.models import ProcrastinateJob
print(ProcrastinateJob.objects.filter(status__in=['todo', 'doing']).exclude(queue_name=jobs.UPKEEP).count())
number_events()
"""
REVIEWED = {"text": "Walid al-Muallem left for Moscow.", "spans": [[0, 16, "PERSON"], [26, 32, "GPE"]]}


class Checkout:
    """A copy of the project without its data, with the virtual environment that runs this test."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "checkout"
        self.output = folder / "output"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = str(free.getsockname()[1])
        names = subprocess.run(
            ["git", "ls-files", "-co", "--exclude-standard"], cwd=BASE, capture_output=True, text=True
        ).stdout.splitlines()
        for name in filter(lambda name: (BASE / name).is_file(), names):
            target = self.folder / name
            target.parent.mkdir(parents=True, exist_ok=True)
            # With its time, so that `make` does not take the requirements for new.
            shutil.copy2(BASE / name, target)
        (self.folder / ".venv").symlink_to(BASE / ".venv")
        (self.folder / "my-articles").mkdir()
        (self.folder / "my-articles" / "one.txt").write_text(ARTICLE)
        (self.folder / "reviewed.jsonl").write_text(json.dumps(REVIEWED))

    def environment(self, **more: str) -> dict[str, str]:
        ours = ("CORPUSAPP_HOME", "DATABASE_URL", "MAKEFLAGS", "MAKELEVEL", "DJANGO_SETTINGS_MODULE")
        kept = {k: v for k, v in os.environ.items() if k not in ours and not k.startswith("PYTEST_")}
        return {**kept, "PORT": self.port, "JOBS": "0", **more}

    def run(self, script: str, **more: str) -> str:
        """What a script prints; fails where any of its commands does."""
        script = script.replace("127.0.0.1:8000", f"127.0.0.1:{self.port}")
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script],
            cwd=self.folder,
            env=self.environment(**more),
            capture_output=True,
            text=True,
            timeout=240,
        )
        assert done.returncode == 0, f"{script}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def settle(self) -> None:
        """Wait until background work of the desk that changes its content is done."""
        wait_until(lambda: self.run(f'.venv/bin/python manage.py shell --no-imports -c "{_SETTLE}"') == "0\n", 120)

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


@contextlib.contextmanager
def checked_out() -> Iterator[Checkout]:
    folder = Path(tempfile.mkdtemp(prefix="corpusapp-docs-"))
    # The database's system user passes through to the home within.
    folder.chmod(0o711)
    try:
        yield Checkout(folder)
    finally:
        clear(folder)
