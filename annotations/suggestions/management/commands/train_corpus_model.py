"""Run one training. The worker starts this process, and it is killed with the worker."""

import ctypes
import os
import signal
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

_PR_SET_PDEATHSIG = 1
_NICENESS = 19


class Command(BaseCommand):
    help = "Run one training at low priority. Used by the worker: request trainings on the page or over REST."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("model", type=int, metavar="ID")

    def handle(self, **options: Any) -> None:
        parent = os.getppid()
        _end_with_parent()
        os.nice(_NICENESS)
        # One thread, so that the same decisions lead to the same weights.
        for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS"):
            os.environ[name] = "1"
        from annotations.suggestions.pipelines.training import perform_training

        def heartbeat() -> None:
            if os.getppid() != parent:
                raise SystemExit("the worker that started this training has ended")

        perform_training(model_id=options["model"], heartbeat=heartbeat)


def _end_with_parent() -> None:
    """Let the kernel kill this process with the worker. Linux only; elsewhere the heartbeat stops it."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
