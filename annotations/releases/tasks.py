"""Background jobs: load by id, call one action."""

from typing import TYPE_CHECKING

from annotations.releases.actions.order import MAKE, QUEUE, cancel_release, end_lost_releases
from annotations.releases.queries import get_release
from corpusapp.articles.permissions import get_corpus
from corpusapp.core import jobs, upkeep
from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@jobs.task(MAKE, queue=QUEUE)
def make_release(release_id: int) -> None:
    """Write a release's file."""
    from annotations.releases.actions import make

    make.make_release(release_id=release_id)


def _cancel(user: "User", pk: str) -> str:
    slug, _, number = pk.rpartition("/")
    if not slug:
        raise NotFound(f"{pk[:40]!r} is not a release: write it as SLUG/NUMBER")
    release = cancel_release(user=user, release=get_release(get_corpus(user, slug), upkeep.number_of(number)))
    return f"release {release.number} of {slug} is cancelled: no file was kept, and its number is not reused"


upkeep.register(upkeep.JobKind("release", _cancel, end_lost_releases))
