"""Records events when articles and corpora change, and when editors decide."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.entities.ports import RegistrySubscriber
from annotations.feed.actions import record_events
from annotations.feed.actions.webhooks import notify_webhooks
from annotations.review.models import Decision, Label
from annotations.review.ports import ChangedSpan, DecisionSubscriber
from corpusapp.articles.models import Article, Corpus
from corpusapp.articles.ports import Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ArticleEvents(Subscriber):
    """Events of articles, their zones, corpora, and the labels of a new corpus."""

    def corpus_created(self, *, corpus: Corpus, **labels: object) -> None:
        record_events.record_labels(labels=list(Label.objects.filter(corpus=corpus).only("pk")), user=None)

    def stored(self, *, corpus_id: int, article_ids: Sequence[int], user: "User | None") -> None:
        record_events.record_stored(article_ids=article_ids, user=user)
        notify_webhooks(corpus_ids=[corpus_id])

    def metadata_changed(self, *, user: "User", corpus_id: int, article_ids: Sequence[int]) -> None:
        record_events.record_metadata(article_ids=article_ids, user=user)
        notify_webhooks(corpus_ids=[corpus_id])

    def withdrawn(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        record_events.record_withdrawn(article_ids=article_ids, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def restored(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        record_events.record_restored(corpus_id=corpus.pk, article_ids=article_ids, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def erased(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        record_events.record_erased(article_ids=article_ids, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def corpus_withdrawn(self, *, user: "User", corpus: Corpus) -> None:
        record_events.record_corpus_withdrawn(corpus_id=corpus.pk, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        record_events.record_corpus_restored(corpus_id=corpus.pk, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        record_events.record_corpus_erased(corpus_id=corpus.pk, user=user)
        notify_webhooks(corpus_ids=[corpus.pk])

    def zones_changed(self, *, user: "User", article_id: int) -> None:
        record_events.record_zones(article_id=article_id, user=user)
        notify_webhooks(corpus_ids=list(Article.objects.filter(pk=article_id).values_list("corpus_id", flat=True)))


class DecisionEvents(DecisionSubscriber):
    """Events of decided spans, stages and labels."""

    def decided(self, *, decision: Decision, changes: Sequence[ChangedSpan], entities: Mapping[int, int]) -> None:
        if record_events.record_decision(decision=decision):
            notify_webhooks(corpus_ids=[decision.corpus_id])

    def imported(self, *, corpus_id: int, decisions: Mapping[int, int]) -> None:
        record_events.record_decisions(decision_ids=list(decisions.values()))
        notify_webhooks(corpus_ids=[corpus_id])

    def stage_moved(self, *, corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
        record_events.record_stage(article_ids=article_ids, stage=stage, user=user)
        notify_webhooks(corpus_ids=[corpus_id])

    def labels_changed(self, *, labels: Sequence[Label], user: "User | None") -> None:
        record_events.record_labels(labels=labels, user=user)
        notify_webhooks(corpus_ids=list({label.corpus_id for label in labels}))


class RegistryEvents(RegistrySubscriber):
    """Events of decided entities and links."""

    def registry_changed(self, *, decision: Decision) -> None:
        record_events.record_registry(decision_ids=[decision.pk])
        notify_webhooks(corpus_ids=[decision.corpus_id])

    def registry_imported(self, *, corpus_id: int, decision_ids: Sequence[int]) -> None:
        record_events.record_registry(decision_ids=decision_ids)
        notify_webhooks(corpus_ids=[corpus_id])
