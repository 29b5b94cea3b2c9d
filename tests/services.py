"""Services over HTTP as processes of their own."""

import contextlib
import fcntl
import json
import subprocess
import sys
import urllib.request
import venv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

BACKEND = Path(__file__).parent / "suggesters" / "backend.py"
LABEL_STUDIO = Path(__file__).parent / "suggesters" / "label_studio_backend" / "serve.py"


@contextlib.contextmanager
def serving(script: Path, *arguments: str, python: str = sys.executable) -> Iterator[str]:
    """The address of a script that prints its port when it is up; stopped at the end."""
    process = subprocess.Popen([python, str(script), *arguments], stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip()
        assert port, f"{script} did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()


def get_json(address: str) -> Any:
    """The JSON that a service returns for a GET request."""
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)


def label_studio_python() -> str:
    """The interpreter of a virtual environment with `label-studio-ml`, made once beside the one that runs this.

    Skips the test where the package cannot be installed.
    """
    requirements = LABEL_STUDIO.with_name("requirements.txt")
    home = Path(sys.prefix) / "label-studio-ml"
    stamp, python = home / "installed.txt", home / "bin" / "python"
    with home.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (stamp.exists() and stamp.read_text() == requirements.read_text()):
            venv.create(home, clear=True, with_pip=True)
            command = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]
            done = subprocess.run(command, capture_output=True, text=True)
            if done.returncode:
                reason = done.stderr.strip().rpartition("\n")[2]
                pytest.skip(f"label-studio-ml cannot be installed into {home}: {reason}")
            stamp.write_text(requirements.read_text())
    return str(python)
