"""Background jobs of the desk itself."""

from corpusapp.core import jobs, upkeep
from corpusapp.pruning import register_pruners

register_pruners()


@jobs.every_minute("upkeep", queue=jobs.UPKEEP)
def keep_up(timestamp: int) -> None:
    """End jobs that nobody works on any more; once a day, delete what is old."""
    upkeep.end_lost_jobs()
    upkeep.prune_if_due()


@jobs.every_minute("scheduled_backup", queue=jobs.BACKUPS)
def back_up(timestamp: int) -> None:
    """Make a backup where one is due. In a queue of its own: that of a large desk takes hours."""
    from corpusapp.backup.actions.schedule import save_if_due

    save_if_due()
