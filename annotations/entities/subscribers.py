"""What happens to links when articles are erased, spans are decided, and decisions undone."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.entities.actions.follow import carry_links, confirm_shown_links, follow_spans, mark_pending
from annotations.entities.actions.undo import RegistryUndo
from annotations.entities.models import EntityChange, LinkChange
from annotations.review.models import Decision
from annotations.review.ports import ChangedSpan, DecisionSubscriber, UndoPart
from corpusapp.articles.ports import Subscriber

if TYPE_CHECKING:
    pass


class ArticleSubscriber(Subscriber):
    """Erases what is known of the entities of erased articles and corpora."""


class LinkSubscriber(DecisionSubscriber):
    """Keeps links in step with the decisions on their spans."""

    def decided(self, *, decision: Decision, changes: Sequence[ChangedSpan], entities: Mapping[int, int]) -> None:
        if not decision.corpus.entities_enabled:
            return
        if changes:
            follow_spans(corpus_id=decision.corpus_id, span_ids=[change.span_id for change in changes])
            mark_pending(corpus_id=decision.corpus_id, article_ids=sorted({change.article_id for change in changes}))
        if entities:
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
        mark_pending(corpus_id=corpus_id, article_ids=article_ids)
