"""Reactions to imports, erasing, zone changes and decisions."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.entities.models import EntityChange
from annotations.entities.ports import RegistrySubscriber
from annotations.review.actions.propose import ProposalRow, replace_suggestions
from annotations.review.models import MAIN_LAYER, Decision, Label, Review, Stage
from annotations.review.ports import ChangedSpan, DecisionSubscriber
from annotations.suggestions.actions.pending_updates import learn_names_later, mark_decided, mark_stale, queue_marked
from annotations.suggestions.actions.runs import resume_jobs, start_run
from annotations.suggestions.actions.unlearn import unlearn, unlearn_corpus
from annotations.suggestions.actions.write_suggestions import ensure_import_pipeline
from annotations.suggestions.models import ArticleLearningRecord, ArticleReading, RunItem, TrainedModel
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.articles.ports import Holding, Imported, Subscriber

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class SuggestionsSubscriber(Subscriber):
    """Stores imported suggestions, starts runs, and removes what erased articles added."""

    def imported(self, *, batch: ImportBatch, articles: Sequence[Imported], suggest: bool) -> None:
        suggested = [row for row in articles if any(span.state == "suggested" for span in row.draft.spans)]
        if suggested:
            _store_imported(batch, suggested)
        if suggest:
            # Not for articles with imported suggestions: a run would replace them.
            rest = {row.article_id for row in articles} - {row.article_id for row in suggested}
            start_run(user=batch.user, corpus=batch.corpus, article_ids=sorted(rest), batch=batch)

    def import_ended(self, *, batch: ImportBatch) -> None:
        queue_marked(corpus_id=batch.corpus_id)

    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        models = TrainedModel.objects.filter(corpus=corpus, origin="trained").exclude(digest="").count()
        return [
            Holding("cached model outputs", ArticleReading.objects.filter(article__in=article_ids).count()),
            Holding(
                "learning records of their decisions",
                ArticleLearningRecord.objects.filter(article__in=article_ids).count(),
            ),
            Holding(
                "models trained here, whose weights may still contain learned words until they are replaced",
                models,
                False,
            ),
        ]

    def erasing(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        unlearn(corpus=corpus, article_ids=article_ids)

    def corpus_restored(self, *, user: "User", corpus: Corpus) -> None:
        resume_jobs(corpus=corpus)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        unlearn_corpus(corpus=corpus)

    def zones_changed(self, *, user: "User", article_id: int) -> None:
        if RunItem.objects.filter(article_id=article_id).exists():
            article = Article.objects.select_related("corpus").get(pk=article_id)
            start_run(user=user, corpus=article.corpus, article_ids=[article_id])


class NamesSubscriber(RegistrySubscriber):
    """Has the names that people gave to entities looked for in other articles."""

    def registry_changed(self, *, decision: Decision) -> None:
        if EntityChange.objects.filter(decision=decision).exists():
            learn_names_later(corpus_id=decision.corpus_id, decision_id=decision.pk)


def _store_imported(batch: ImportBatch, articles: Sequence[Imported]) -> None:
    labels = dict(Label.objects.filter(corpus_id=batch.corpus_id).values_list("name", "pk"))
    rows = [
        ProposalRow(row.article_id, span.start, span.end, labels[span.label], span.score)
        for row in articles
        for span in row.draft.spans
        if span.state == "suggested"
    ]
    replace_suggestions(
        corpus=batch.corpus,
        pipeline_id=ensure_import_pipeline().pk,
        article_ids=[row.article_id for row in articles],
        proposals=rows,
    )


class LearningSubscriber(DecisionSubscriber):
    """Marks articles with new decisions, so that a job learns from them."""

    def decided(self, *, decision: Decision, changes: Sequence[ChangedSpan], entities: Mapping[int, int]) -> None:
        mark_decided(corpus_id=decision.corpus_id, article_ids=sorted({change.article_id for change in changes}))

    def imported(self, *, corpus_id: int, decisions: Mapping[int, int]) -> None:
        # `import_ended` queues the job: learning while more is imported would only slow the import down. What a long
        # import brought is learned from with an editor's next decision, or within a minute.
        mark_decided(corpus_id=corpus_id, article_ids=sorted(decisions), queue=False)

    def label_set_changed(self, *, corpus_id: int) -> None:
        open_readings = ArticleReading.objects.filter(corpus=corpus_id).exclude(
            article__reviews__layer=MAIN_LAYER, article__reviews__stage=Stage.DONE
        )
        mark_stale(corpus_id=corpus_id, article_ids=list(open_readings.values_list("article", flat=True)))

    def staged(self, *, review: Review) -> None:
        mark_decided(corpus_id=review.corpus_id, article_ids=[review.article_id])
