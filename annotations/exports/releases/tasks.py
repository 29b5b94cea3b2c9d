"""Background jobs: load by id, call one action."""

from annotations.exports.releases.actions.order import MAKE, QUEUE
from corpusapp import jobs


@jobs.task(MAKE, queue=QUEUE)
def make_release(release_id: int) -> None:
    """Write a release's file."""
    from annotations.exports.releases.actions import make

    make.make_release(release_id=release_id)
