"""Background jobs: load by id, call one action."""

from typing import TYPE_CHECKING

from annotations.exports.actions.order import MAKE, QUEUE, cancel_export, clear_away, end_lost_exports
from annotations.exports.queries import find_export
from corpusapp.core import jobs, upkeep

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@jobs.task(MAKE, queue=QUEUE)
def make_export(export_id: int) -> None:
    """Write an export's file."""
    # What needs tokens imports spaCy, here in the worker alone.
    from annotations.exports.actions import make

    make.make_export(export_id=export_id)


def _cancel(user: "User", pk: str) -> str:
    export = cancel_export(user=user, export=find_export(user, upkeep.number_of(pk)))
    return f"export {export.pk} is cancelled: no file was kept"


upkeep.register(upkeep.JobKind("export", _cancel, end_lost_exports))
upkeep.daily("exports", clear_away)
