"""Labels, decided spans and comments of corpora and articles that are created, imported or erased."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from django.db.models import OuterRef, Subquery

from annotations.review.actions.erase import clear_label_definitions, delete_work_lists, erase_spans
from annotations.review.actions.import_spans import finish_imported, import_spans
from annotations.review.actions.label_sets import add_first_labels, label_faults, label_sets
from annotations.review.actions.labels import check_name, ensure_labels
from annotations.review.models import Change, Comment, Decision, Label, SetAside, Span
from corpusapp.articles.models import Corpus, ImportBatch, Membership
from corpusapp.articles.ports import Holding, Imported, LabelSet, NewLabel, Subscriber
from corpusapp.core.errors import Invalid
from corpusapp.intake.draft import Draft

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ReviewSubscriber(Subscriber):
    """Creates default labels, checks the labels of drafts, stores decided spans, and erases spans and comments."""

    def label_sets(self) -> Sequence[LabelSet]:
        return label_sets()

    def label_faults(self, labels: Sequence[NewLabel]) -> Mapping[int, str]:
        return label_faults(labels)

    def corpus_created(self, *, corpus: Corpus, label_set: str = "", labels: Sequence[NewLabel] = ()) -> None:
        add_first_labels(corpus=corpus, label_set=label_set, labels=labels)

    def last_decisions(self, *, corpus: Corpus) -> Mapping[int, datetime]:
        own = Decision.objects.filter(user=OuterRef("user"), corpus=corpus).order_by("-id").values("created_at")
        members = Membership.objects.filter(corpus=corpus).annotate(last=Subquery(own[:1]))
        return dict(members.filter(last__isnull=False).order_by().values_list("user_id", "last"))

    def check(self, *, corpus: Corpus, drafts: Sequence[Draft], add_labels: bool) -> Mapping[int, tuple[str, str]]:
        named = {span.label for draft in drafts for span in draft.spans}
        if not named:
            return {}
        unknown = named - set(Label.objects.filter(corpus=corpus, name__in=named).values_list("name", flat=True))
        if add_labels:
            valid = {name for name in unknown if _is_valid_name(name)}
            ensure_labels(corpus=corpus, names=sorted(valid))
            unknown -= valid
        return {
            position: reason
            for position, draft in enumerate(drafts)
            if (reason := _label_problem(draft, unknown, add_labels))
        }

    def holds(self, *, corpus: Corpus, article_ids: Sequence[int]) -> Sequence[Holding]:
        changes = Change.objects.filter(article__in=article_ids).count()
        return [
            Holding("spans", Span.objects.filter(article__in=article_ids).count()),
            Holding("comments", Comment.objects.filter(article__in=article_ids).count()),
            Holding("flags, skips and parks", SetAside.objects.filter(article__in=article_ids).count()),
            Holding("log entries: who decided what, when and at which offsets, without the text", changes, False),
        ]

    def erasing(self, *, user: "User", corpus: Corpus, article_ids: Sequence[int]) -> None:
        erase_spans(article_ids=article_ids)

    def corpus_erased(self, *, user: "User", corpus: Corpus) -> None:
        clear_label_definitions(corpus=corpus)
        delete_work_lists(corpus=corpus)

    def imported(self, *, batch: ImportBatch, articles: Sequence[Imported], suggest: bool) -> None:
        import_spans(batch=batch, articles=articles)

    def settled(self, *, batch: ImportBatch, articles: Sequence[Imported]) -> None:
        finish_imported(batch=batch, article_ids=[row.article_id for row in articles if row.done])


def _is_valid_name(name: str) -> bool:
    try:
        check_name(name)
    except Invalid:
        return False
    return True


def _label_problem(draft: Draft, unknown: set[str], add_labels: bool) -> tuple[str, str] | None:
    for position, span in enumerate(draft.spans):
        if span.label in unknown:
            hint = (
                "it cannot be a label's name"
                if add_labels
                else "add it to the corpus first, or let the import add labels"
            )
            return f"spans[{position}].label", f"the corpus has no label {span.label[:80]!r}: {hint}"
    return None
