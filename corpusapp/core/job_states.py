"""The states of jobs: imports, suggestion runs, trainings, exports, releases."""

from django.db import models


class JobState(models.TextChoices):
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"
    # Its process was killed. What it stored stays, and the same import continues from there.
    INTERRUPTED = "interrupted"


UNENDED = (JobState.WAITING, JobState.RUNNING)
