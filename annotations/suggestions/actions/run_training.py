"""Have a training done in a process of its own, at low priority."""

import signal
import subprocess
import sys

from django.conf import settings

from annotations.suggestions.models import TrainedModel

COMMAND = "train_corpus_model"
# How often it is asked whether somebody cancelled the training.
_ASK_SECONDS = 1.0


def run_training(*, model_id: int) -> None:
    """Return when the training has ended, however it did; a process that died leaves its row as failed.

    That of a withdrawn corpus is left waiting until it is restored.

    Where this worker is killed, so is the process, and another worker takes the job up from the start.
    """
    if not TrainedModel.objects.filter(pk=model_id, corpus__withdrawn_at=None).exists():
        return
    command = [sys.executable, "manage.py", COMMAND, str(model_id)]
    process = subprocess.Popen(command, cwd=settings.BASE_DIR, stdin=subprocess.DEVNULL)
    try:
        code = _ended(process, model_id)
    finally:
        process.kill()
        process.wait()
    if code:
        fail_training(model_id=model_id, reason=_reason(code))


def _ended(process: "subprocess.Popen[bytes]", model_id: int) -> int:
    """The exit code of the process, which is killed where the training was cancelled."""
    unended = TrainedModel.objects.filter(pk=model_id).open()
    while True:
        try:
            return process.wait(_ASK_SECONDS)
        except subprocess.TimeoutExpired:
            if not unended.exists():
                process.kill()


def _reason(code: int) -> str:
    if code < 0:
        return (
            f"the training's process was ended by {signal.Signals(-code).name}: see whether the machine has memory "
            "enough, and train again"
        )
    return f"the training's process ended with exit code {code}: the log of its worker says why"
