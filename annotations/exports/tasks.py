"""Background jobs of exports."""

from typing import Any

from annotations.exports.actions.order import EXPORT_JOBS, cancel_export, clear_away
from annotations.exports.queries.exports import find_export
from corpusapp.core import jobs, upkeep


@jobs.task(EXPORT_JOBS.task, queue=EXPORT_JOBS.queue)
def make_export(export_id: int) -> None:
    # Formats with tokens import spaCy, which only the worker may.
    from annotations.exports.actions import make

    make.make_export(export_id=export_id)


def _cancel(user: Any, pk: str) -> str:
    export = cancel_export(user=user, export=find_export(user, upkeep.number_of(pk)))
    return f"export {export.pk} is cancelled: no file was kept"


upkeep.register(upkeep.JobKind("export", _cancel, EXPORT_JOBS.fail_lost))
upkeep.daily("exports", clear_away)
