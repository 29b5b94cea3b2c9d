"""What exports do when articles or a corpus are erased, or a corpus is restored."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.exports.actions.order import EXPORT_JOBS, erase_exports
from annotations.exports.models import Export
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Holding, Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ExportsSubscriber(Subscriber):
    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        finished = Export.objects.filter(corpus=corpus, state=Export.State.FINISHED).count()
        return [Holding("existing export files, which may contain them: remove those that do", finished, goes=False)]

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        EXPORT_JOBS.resume(corpus=corpus)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        erase_exports(corpus=corpus)
