"""Background jobs of exports."""

from typing import TYPE_CHECKING

from annotations.exports.actions.order import EXPORT_JOBS, cancel_export, clear_away
from annotations.exports.queries.exports import find_export
from corpusapp.core import jobs, upkeep

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@jobs.task(EXPORT_JOBS.task, queue=EXPORT_JOBS.queue)
def make_export(export_id: int) -> None:
    # Formats with tokens import spaCy, which only the worker may.
    from annotations.exports.actions import make

    make.make_export(export_id=export_id)


def _cancel(user: "User", pk: str) -> str:
    export = cancel_export(user=user, export=find_export(user, upkeep.parse_id(pk)))
    return f"export {export.pk} is cancelled: no file was kept"


upkeep.register(upkeep.JobKind("export", _cancel, EXPORT_JOBS.fail_lost))
upkeep.daily("exports", clear_away)
