"""Background jobs of releases."""

from typing import Any

from annotations.releases.actions.order import RELEASE_JOBS, cancel_release
from annotations.releases.queries.releases import get_release
from corpusapp.articles.permissions import get_corpus
from corpusapp.core import jobs, upkeep
from corpusapp.core.errors import NotFound


@jobs.task(RELEASE_JOBS.task, queue=RELEASE_JOBS.queue)
def make_release(release_id: int) -> None:
    from annotations.releases.actions import make

    make.make_release(release_id=release_id)


def _cancel(user: Any, pk: str) -> str:
    slug, _, number = pk.rpartition("/")
    if not slug:
        raise NotFound(f"{pk[:40]!r} is not a release: write it as SLUG/NUMBER")
    release = cancel_release(user=user, release=get_release(get_corpus(user, slug), upkeep.parse_id(number)))
    return f"release {release.number} of {slug} is cancelled: no file was kept, and its number is not reused"


upkeep.register(upkeep.JobKind("release", _cancel, RELEASE_JOBS.fail_lost))
