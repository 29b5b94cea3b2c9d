"""Single rows by id. Each function checks that the user may see the row."""

from typing import TYPE_CHECKING

from annotations.review.models import Decision, Label, Span
from corpusapp.articles.models import Article, Role
from corpusapp.articles.permissions import require, role_of
from corpusapp.core.errors import NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def get_span(user: "User", pk: int, role: Role = Role.READER) -> Span:
    """The span with its article, label and pipeline, with `role` required in its corpus."""
    span = Span.objects.select_related("article__corpus", "label", "pipeline").filter(pk=pk).first()
    if span is None or not _sees(user, span.article):
        raise NotFound(f"there is no span {pk} that you can see")
    require(user, span.article.corpus, role)
    return span


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
