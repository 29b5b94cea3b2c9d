"""What happens to links when articles are erased, spans are decided, and decisions undone."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.entities.actions.follow import carry_links, confirm_shown_links, follow_spans
from annotations.entities.actions.pending_links import (
    Turn,
    mark_articles,
    mark_corpus,
    mark_decision,
    queue_marked,
)
from annotations.entities.actions.undo import RegistryUndo
from annotations.entities.models import EntityChange, LinkChange
from annotations.entities.ports import RegistrySubscriber
from annotations.review.models import Decision
from annotations.review.ports import ChangedSpan, DecisionSubscriber, UndoPart
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.ports import Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ArticleSubscriber(Subscriber):
    """Erases what is known of the entities of erased articles and corpora, and has articles linked."""

    def import_ended(self, *, batch: ImportBatch) -> None:
        queue_marked(corpus_id=batch.corpus_id)

    def restored(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        mark_articles(corpus_id=corpus.pk, article_ids=article_ids)

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        queue_marked(corpus_id=corpus.pk)

    def entities_turned_on(self, *, corpus: Corpus) -> None:
        mark_corpus(corpus_id=corpus.pk)


class LinkSubscriber(DecisionSubscriber):
    """Keeps links in step with the decisions on their spans."""

    def decided(self, *, decision: Decision, changes: Sequence[ChangedSpan], entities: Mapping[int, int]) -> None:
        if changes:
            # Without reading whether the corpus links entities: this is a part of every decision.
            follow_spans(corpus_id=decision.corpus_id, span_ids=[change.span_id for change in changes])
            articles = sorted({change.article_id for change in changes})
            mark_articles(corpus_id=decision.corpus_id, article_ids=articles, turn=Turn.DECIDED)
        if entities and decision.corpus.entities_enabled:
            confirm_shown_links(decision=decision, shown=entities)

    def carried(self, *, decision: Decision, entities: Mapping[int, int]) -> None:
        if decision.corpus.entities_enabled:
            carry_links(decision=decision, entities=entities)

    def undoing(self, *, decision: Decision) -> UndoPart | None:
        if (
            LinkChange.objects.filter(decision=decision).exists()
            or EntityChange.objects.filter(decision=decision).exists()
        ):
            return RegistryUndo(decision)
        return None

    def suggested(self, *, corpus_id: int, article_ids: Sequence[int]) -> None:
        mark_articles(corpus_id=corpus_id, article_ids=article_ids)

    def imported(self, *, corpus_id: int, decisions: Mapping[int, int]) -> None:
        # `import_ended` queues the job.
        mark_articles(corpus_id=corpus_id, article_ids=sorted(decisions), turn=Turn.NEW, queue=False)


class LinkingSubscriber(RegistrySubscriber):
    """Has the links of other articles updated after decisions on links and entities."""

    def registry_changed(self, *, decision: Decision) -> None:
        mark_decision(corpus_id=decision.corpus_id, decision_id=decision.pk)
