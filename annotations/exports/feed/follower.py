"""What this app writes down when articles come and go, and when editors decide."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from annotations.exports.feed.actions import note
from annotations.review.models import Change, Decision, Label
from annotations.review.ports import DecisionFollower
from corpusapp.articles.models import Corpus
from corpusapp.articles.ports import Follower

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ArticleEvents(Follower):
    """Articles, their zones, and the labels that a new corpus begins with."""

    def corpus_created(self, *, corpus: Corpus) -> None:
        note.note_labels(labels=Label.objects.filter(corpus=corpus).only("pk"), user=None)

    def stored(self, *, corpus_id: int, article_ids: Sequence[int], user: "User | None") -> None:
        note.note_stored(article_ids=article_ids, user=user)

    def withdrawn(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        note.note_withdrawn(article_ids=article_ids, user=user)

    def restored(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        note.note_restored(article_ids=article_ids, user=user)

    def zones_changed(self, *, user: "User", article_id: int) -> None:
        note.note_zones(article_id=article_id, user=user)


class DecisionEvents(DecisionFollower):
    """Decided spans, stages and labels."""

    def decided(self, *, decision: Decision, changes: Sequence[Change]) -> None:
        note.note_changes(change_ids=[change.pk for change in changes])

    def decided_together(self, *, strokes: Iterable[tuple[Decision, Sequence[Change]]]) -> None:
        note.note_changes(change_ids=[change.pk for _, changes in strokes for change in changes])

    def stage_moved(self, *, corpus_id: int, article_ids: Sequence[int], stage: str, user: "User | None") -> None:
        note.note_stage(article_ids=article_ids, stage=stage, user=user)

    def labels_changed(self, *, labels: Sequence[Label], user: "User | None") -> None:
        note.note_labels(labels=labels, user=user)
