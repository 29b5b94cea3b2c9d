"""What happens to links and entities when articles change or go, spans are decided, and decisions undone."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.entities.actions.erase import erase_links, erase_registry, forget_withdrawn
from annotations.entities.actions.follow import follow_articles, follow_dates, follow_decision, follow_states
from annotations.entities.actions.import_links import import_links
from annotations.entities.actions.labels import follow_label_merge
from annotations.entities.actions.pending_links import (
    Turn,
    mark_articles,
    mark_corpus,
    mark_decision,
    queue_marked,
)
from annotations.entities.actions.undo import RegistryUndo
from annotations.entities.models import Entity, LinkChange
from annotations.entities.ports import RegistrySubscriber
from annotations.entities.queries.holdings import entity_holdings
from annotations.review.models import Decision, Label, Verb
from annotations.review.ports import ChangedSpan, DecisionSubscriber, UndoPart
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.ports import Holding, Imported, Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ArticleSubscriber(Subscriber):
    """Counts the links of articles that are withdrawn, restored or dated, and erases them with articles and corpora."""

    def metadata_changed(self, *, user: "User", corpus_id: int, article_ids: Sequence[int]) -> None:
        follow_dates(corpus_id=corpus_id, article_ids=article_ids)

    def withdrawn(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        follow_articles(corpus_id=corpus.pk, article_ids=article_ids)
        forget_withdrawn(article_ids=article_ids)

    def restored(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        follow_articles(corpus_id=corpus.pk, article_ids=article_ids)
        mark_articles(corpus_id=corpus.pk, article_ids=article_ids)

    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        return entity_holdings(corpus.pk, article_ids)

    def erasing(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        erase_links(corpus_id=corpus.pk, article_ids=article_ids)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        erase_registry(corpus_id=corpus.pk)

    def imported(self, *, batch: ImportBatch, articles: Sequence[Imported], suggest: bool) -> None:
        import_links(batch=batch, articles=articles)

    def import_ended(self, *, batch: ImportBatch) -> None:
        queue_marked(corpus_id=batch.corpus_id)

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        queue_marked(corpus_id=corpus.pk)

    def entities_turned_on(self, *, corpus: Corpus) -> None:
        mark_corpus(corpus_id=corpus.pk)


class LinkSubscriber(DecisionSubscriber):
    """Keeps links in step with the decisions on their spans."""

    def decided(self, *, decision: Decision, changes: Sequence[ChangedSpan], entities: Mapping[int, int]) -> None:
        if changes:
            # Without reading whether the corpus links entities: this is a part of every decision.
            follow_states(corpus_id=decision.corpus_id, span_ids=[change.span_id for change in changes])
            articles = sorted({change.article_id for change in changes})
            mark_articles(corpus_id=decision.corpus_id, article_ids=articles, turn=Turn.DECIDED)
        if decision.verb in (Verb.UNDO, Verb.REDO):
            # `RegistryUndo` restores what they changed.
            return
        if decision.merged_label_id:
            follow_label_merge(decision=decision)
        named = bool(entities or decision.carried) and decision.corpus.entities_enabled
        follow_decision(
            decision=decision,
            changes=changes,
            shown=entities if named else {},
            carried=decision.carried if named else {},
        )

    def undoing(self, *, decision: Decision) -> UndoPart | None:
        linked = decision.corpus.entities_enabled or LinkChange.objects.filter(corpus=decision.corpus_id).exists()
        return RegistryUndo(decision) if linked else None

    def holds_label(self, *, label: Label) -> bool:
        return Entity.objects.filter(corpus=label.corpus_id, label=label).exists()

    def suggested(self, *, corpus_id: int, article_ids: Sequence[int]) -> None:
        mark_articles(corpus_id=corpus_id, article_ids=article_ids)

    def imported(self, *, corpus_id: int, decisions: Mapping[int, int]) -> None:
        # `import_ended` queues the job.
        mark_articles(corpus_id=corpus_id, article_ids=sorted(decisions), turn=Turn.NEW, queue=False)


class LinkingSubscriber(RegistrySubscriber):
    """Has the links of other articles updated after decisions on links and entities."""

    def registry_changed(self, *, decision: Decision) -> None:
        mark_decision(corpus_id=decision.corpus_id, decision_id=decision.pk)

    def registry_imported(self, *, corpus_id: int, decision_ids: Sequence[int]) -> None:
        for decision_id in decision_ids:
            mark_decision(corpus_id=corpus_id, decision_id=decision_id)
