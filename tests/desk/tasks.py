"""A job that goes on until a file says otherwise."""

import time
from pathlib import Path

from corpusapp import jobs


@jobs.task("tests.wait_for_file")
def wait_for_file(started: str, finish: str) -> None:
    Path(started).touch()
    while not Path(finish).exists():
        time.sleep(0.05)
