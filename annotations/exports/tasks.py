"""Background jobs: load by id, call one action."""

from annotations.exports.actions.order import MAKE, QUEUE
from corpusapp import jobs


@jobs.task(MAKE, queue=QUEUE)
def make_export(export_id: int) -> None:
    """Write an export's file."""
    # What needs tokens imports spaCy, here in the worker alone.
    from annotations.exports.actions import make

    make.make_export(export_id=export_id)
