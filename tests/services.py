"""Services over HTTP as processes of their own."""

import contextlib
import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

BACKEND = Path(__file__).parent / "suggesters" / "backend.py"


@contextlib.contextmanager
def serving(script: Path, *, python: str = sys.executable) -> Iterator[str]:
    """The address of a script that prints its port when it is up; stopped at the end."""
    process = subprocess.Popen([python, str(script)], stdout=subprocess.PIPE, text=True)
    try:
        port = process.stdout.readline().strip()
        assert port, f"{script} did not start"
        yield f"http://127.0.0.1:{port}"
    finally:
        process.kill()
        process.wait(timeout=30)
        process.stdout.close()


def told(address: str) -> Any:
    """What a service answers to a GET, as JSON."""
    with urllib.request.urlopen(address) as answer:
        return json.load(answer)
