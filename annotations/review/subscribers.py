"""Labels, decided spans and comments of corpora and articles that are created, imported or erased."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from annotations.review.actions.erase import clear_label_definitions, erase_spans
from annotations.review.actions.import_spans import finish_imported, import_spans
from annotations.review.actions.labels import add_default_labels, check_name, ensure_labels
from annotations.review.models import Change, Comment, Label, SetAside, Span
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.articles.ports import Holding, Imported, Subscriber
from corpusapp.core.errors import Invalid
from corpusapp.intake.draft import Draft

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


class ReviewSubscriber(Subscriber):
    """Creates default labels, checks the labels of drafts, stores decided spans, and erases spans and comments."""

    def corpus_created(self, *, corpus: Corpus) -> None:
        add_default_labels(corpus=corpus)

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
