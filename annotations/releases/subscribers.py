"""What releases do when articles or a corpus are erased. Only erasing the corpus erases its releases."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.releases.actions.order import RELEASE_JOBS, erase_releases
from annotations.releases.models import Release
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Holding, Subscriber
from corpusapp.core.errors import Conflict

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ReleasesSubscriber(Subscriber):
    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        made = Release.objects.filter(corpus=corpus, state=Release.State.MADE).count()
        return [Holding("releases, whose files and manifests do not change", made, goes=False)]

    def erasing(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        making = Release.objects.filter(corpus=corpus, state=Release.State.MAKING).first()
        if making is not None:
            raise Conflict(f"release {making.number} is running and may include them: wait until it is finished")

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        RELEASE_JOBS.resume(corpus=corpus)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        erase_releases(corpus=corpus)
