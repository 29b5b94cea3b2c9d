"""Single rows by id. Each function checks that the user may see the row."""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from annotations.review.models import Decision, Label, Span
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import keep_role, own_role, require, role_of
from corpusapp.core.errors import NotFound
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def get_span(user: "User", pk: int, role: Role = Role.READER, *, text: bool = True) -> Span:
    """The span with its article, label and pipeline, with `role` required in its corpus.

    Without `text`, the article's text is only read when it is used.
    """
    span = (_SPAN if text else _WITHOUT_TEXT).first(pk=pk, user=user.pk)
    if span is not None:
        keep_role(user, span.corpus_id, span.own_role)
    if span is None or not _sees(user, span.article):
        raise NotFound(f"there is no span {pk} that you can see")
    require(user, span.article.corpus, role)
    return span


def _span(pk: int, user: int) -> "QuerySet[Span]":
    spans = Span.objects.select_related("article__corpus", "label", "pipeline").filter(pk=pk).order_by()
    spans = spans.defer(
        "article__search_vector", "article__metadata", "article__published_evidence", "pipeline__configuration"
    )
    return spans.annotate(own_role=own_role(user))  # type: ignore[no-redef]  # declared in the model


_SPAN = Prepared(_span, pk=int, user=int)
_WITHOUT_TEXT = Prepared(lambda pk, user: _span(pk, user).defer("article__text"), pk=int, user=int)


def get_label(user: "User", pk: int) -> Label:
    """The label with its corpus."""
    label = Label.objects.select_related("corpus").filter(pk=pk).first()
    if label is None or not _sees(user, label):
        raise NotFound(f"there is no label {pk} that you can see")
    return label


def get_decision(user: "User", pk: int) -> Decision:
    """The decision with its article and corpus."""
    decision = Decision.objects.select_related("article__corpus", "corpus", "user").filter(pk=pk).first()
    if decision is None or not _sees(user, decision.article or decision):
        raise NotFound(f"there is no decision {pk} that you can see")
    return decision


def _sees(user: "User", of_corpus: Article | Decision | Label) -> bool:
    withdrawn = getattr(of_corpus, "withdrawn_at", None) or of_corpus.corpus.withdrawn_at
    return withdrawn is None and role_of(user, of_corpus.corpus) is not None
