"""Background jobs of the desk itself."""

from corpusapp import jobs, upkeep
from corpusapp.pruning import register_pruners

register_pruners()


@jobs.every_minute("upkeep", queue=jobs.UPKEEP)
def keep_up(timestamp: int) -> None:
    """End jobs that nobody works on any more; once a day, delete what is old."""
    upkeep.end_lost_jobs()
    upkeep.prune_if_due()
