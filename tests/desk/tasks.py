"""A task that runs until a file exists, and shorter timeouts of the worker."""

import time
from pathlib import Path

from corpusapp.core import jobs
from corpusapp.desk import worker

jobs.HEARTBEAT_SECONDS, jobs.DEAD_AFTER_SECONDS, worker.GRACE_SECONDS = 1, 5, 2.0


@jobs.task("tests.wait_for_file")
def wait_for_file(started: str, finish: str) -> None:
    Path(started).touch()
    while not Path(finish).exists():
        time.sleep(0.05)
