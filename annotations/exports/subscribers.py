"""What this app does when articles are erased, or a corpus is shown again."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from annotations.exports.actions.erase import erase_exports
from annotations.exports.actions.order import order_again
from annotations.exports.models import Export
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Holding, Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ExportsSubscriber(Subscriber):
    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        made = Export.objects.filter(corpus=corpus, state=Export.State.FINISHED).count()
        return [Holding("existing export files, which may contain them: remove those that do", made, goes=False)]

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        order_again(corpus=corpus)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        erase_exports(corpus=corpus)
