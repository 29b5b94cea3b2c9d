"""The states of every job: an import, a suggestion run, a training, an export, a release."""

from django.db import models


class JobState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    # Its process was ended from outside; what it stored stays, and the same import started again goes on from there.
    INTERRUPTED = "interrupted"


UNENDED = (JobState.WAITING, JobState.RUNNING)
