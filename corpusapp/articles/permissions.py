"""Permissions: which role a user has in a corpus. Views, API, admin site, jobs and commands all check here.

Something that a user may not see raises `NotFound`; something that may be seen but not changed raises `NotAllowed`.
Superusers and the command line have every role. A token has at most the role of its scope, and only in its corpus.
"""

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, QuerySet, Subquery

from corpusapp.articles.models import Article, CopyGroup, Corpus, ImportBatch, ImportProblem, Membership, Role, Zone
from corpusapp.core.errors import NotAllowed, NotFound
from corpusapp.core.prepared import Prepared

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def role_of(user: "User", corpus: Corpus) -> Role | None:
    """The role of `user` in `corpus`, limited by the token of the request if there is one; None for no role."""
    own_role, token = _membership(user, corpus), getattr(user, "token", None)
    if own_role is None or token is None:
        return own_role
    if token.corpus_id is not None and token.corpus_id != corpus.pk:
        return None
    highest = Role.of_scope(token.scope)
    return highest if own_role.includes(highest) else own_role


def _membership(user: "User", corpus: Corpus) -> Role | None:
    if user.is_superuser or getattr(user, "is_system", False):
        return Role.MANAGER
    if not user.is_authenticated:
        return None
    roles = user.roles
    if roles is not None and corpus.pk in roles:
        own_role = roles[corpus.pk]
    else:
        own_role = _ROLE.first(user=user.pk, corpus=corpus.pk)
        keep_role(user, corpus.pk, own_role)
    return Role(own_role) if own_role else None


def keep_role(user: "User", corpus_id: int, role: str | None) -> None:
    """Keep the user's own role in a corpus, as a query found it, for the rest of a request to the API."""
    if user.roles is not None:
        user.roles[corpus_id] = role


def own_role(user: Any, corpus: str = "corpus") -> Subquery:
    """The user's own role in the corpus of each row; `corpus` is the path to it. `keep_role` takes it."""
    return Subquery(Membership.objects.filter(user=user, corpus=OuterRef(corpus)).order_by().values("role")[:1])


def require(user: "User", corpus: Corpus, role: Role) -> None:
    """Refuse unless `user` has `role` or more in `corpus`."""
    own_role = role_of(user, corpus)
    if own_role is None or corpus.withdrawn_at is not None:
        raise NotFound(f"there is no corpus {corpus.slug!r} that you can see")
    _require_more(user, corpus, role, own_role)


def require_manager(user: "User", corpus: Corpus) -> None:
    """Like `require` for managers, who also see a withdrawn corpus, but not an erased one."""
    own_role = role_of(user, corpus)
    if own_role is None or corpus.erased_at is not None or (corpus.withdrawn_at and own_role != Role.MANAGER):
        raise NotFound(f"there is no corpus {corpus.slug!r} that you can see")
    _require_more(user, corpus, Role.MANAGER, own_role)


def _require_more(user: "User", corpus: Corpus, role: Role, own_role: Role) -> None:
    """Refuse a user with the role `own_role` if `role` or more is required."""
    token = getattr(user, "token", None)
    if not own_role.includes(role) and token is not None and Role.of_scope(token.scope) == own_role:
        raise NotAllowed(
            f"this needs the role {role}, and the token's scope is {token.scope}: use a token with a wider scope"
        )
    if not own_role.includes(role):
        raise NotAllowed(
            f"this needs the role {role}, and your role in {corpus.name} is {own_role}: ask one of its managers"
        )


def require_writing(user: "User") -> None:
    """Refuse a read-only token, for writes that need no role in a corpus."""
    token = getattr(user, "token", None)
    if token is not None and token.scope == "read":
        raise NotAllowed("this is a write, and the token's scope is read: use a token with a wider scope")


def may(user: "User", corpus: Corpus, role: Role) -> bool:
    own_role = role_of(user, corpus)
    return own_role is not None and own_role.includes(role)


def manages_any(user: "User") -> bool:
    """Whether the user manages at least one corpus that is not erased, or is a superuser. Called by every page."""
    if not (user.is_authenticated and user.is_active):
        return False
    managed = Membership.objects.filter(user=user, role=Role.MANAGER, corpus__erased_at=None)
    return user.is_superuser or managed.exists()


def managed_ids(user: "User") -> QuerySet[Any]:
    """The ids of the corpora that the user manages."""
    return Corpus.objects.visible_to(user, Role.MANAGER).values_list("pk", flat=True)


def withdrawn_ids(user: "User") -> QuerySet[Any]:
    """The ids of the withdrawn corpora that the user may restore."""
    return Corpus.objects.withdrawn_by(user).values_list("pk", flat=True)


def visible_corpora(user: "User") -> QuerySet[Corpus]:
    return Corpus.objects.visible_to(user)


def may_create_corpora(user: "User") -> bool:
    if (token := getattr(user, "token", None)) is not None and (token.scope != "manage" or token.corpus_id is not None):
        return False
    return user.is_superuser or getattr(user, "is_system", False)


def get_corpus(user: "User", slug: str, role: Role = Role.READER) -> Corpus:
    """The corpus; `role` is required in it."""
    corpus = _CORPUS.first(slug=slug, user=user.pk)
    if corpus is None:
        raise NotFound(f"there is no corpus {slug!r} that you can see")
    keep_role(user, corpus.pk, corpus.own_role)
    require(user, corpus, role)
    return corpus


def find_corpus(user: "User", slug: str) -> Corpus:
    """The corpus, visible or withdrawn; requires a manager."""
    corpus = Corpus.objects.filter(slug=slug).first()
    if corpus is None:
        raise NotFound(f"there is no corpus {slug!r} that you can see")
    require_manager(user, corpus)
    return corpus


def get_article(
    user: "User", pk: int, role: Role = Role.READER, *, among: "QuerySet[Article] | None" = None, text: bool = True
) -> Article:
    """The article with its corpus; `role` is required there. `among` may add prefetches.

    Without `text`, the text and the metadata are only read when they are used.
    """
    if among is not None:
        article = _shown(among, pk).first()
    else:
        article = (_ARTICLE if text else _WITHOUT_TEXT).first(pk=pk, user=user.pk)
        if article is not None:
            keep_role(user, article.corpus_id, article.own_role)
    allow_article(user, pk, article, role)
    assert article is not None
    return article


def allow_article(user: "User", pk: int, article: Article | None, role: Role = Role.READER) -> Role:
    """The role of `user` in the corpus of an article that was read by this id.

    Refuses if the article is None or not visible to the user, or the role is less than `role`.
    """
    own_role = role_of(user, article.corpus) if article and article.withdrawn_at is None else None
    if article is None or own_role is None or article.corpus.withdrawn_at is not None:
        raise NotFound(f"there is no article {pk} that you can see")
    _require_more(user, article.corpus, role, own_role)
    return own_role


def _shown(among: "QuerySet[Article]", pk: int) -> "QuerySet[Article]":
    return among.select_related("corpus", "source", "copy_group").filter(pk=pk, withdrawn_at=None)


def _with_role(articles: "QuerySet[Article]", pk: int, user: int) -> "QuerySet[Article]":
    return _shown(articles, pk).annotate(own_role=own_role(user)).order_by()  # type: ignore[no-redef]  # declared in the model


_ARTICLE = Prepared(lambda pk, user: _with_role(Article.objects.defer("search_vector"), pk, user), pk=int, user=int)
_WITHOUT_TEXT = Prepared(
    lambda pk, user: _with_role(
        Article.objects.defer("search_vector", "text", "metadata", "published_evidence", "corpus__guidelines"), pk, user
    ),
    pk=int,
    user=int,
)
_CORPUS = Prepared(
    lambda slug, user: (
        Corpus.objects.filter(slug=slug, withdrawn_at=None).annotate(own_role=own_role(user, "pk")).order_by()  # type: ignore[no-redef]  # declared in the model
    ),
    slug=str,
    user=int,
)
_ROLE = Prepared(
    lambda user, corpus: Membership.objects.filter(user=user, corpus=corpus).order_by().values_list("role", flat=True),
    user=int,
    corpus=int,
)


def find_article(user: "User", pk: int) -> Article:
    """The article of this id, visible or withdrawn; requires a manager."""
    article = Article.objects.select_related("corpus").filter(pk=pk).first()
    if article is None or not _sees(user, article.corpus):
        raise NotFound(f"there is no article {pk} that you can see")
    if article.withdrawn_at is not None and not may(user, article.corpus, Role.MANAGER):
        raise NotFound(f"there is no article {pk} that you can see")
    require(user, article.corpus, Role.MANAGER)
    return article


def find_zone(user: "User", pk: int, role: Role = Role.READER) -> Zone:
    """The zone of this id in any article that the user sees; `role` is required in its corpus."""
    zone = Zone.objects.select_related("article__corpus").filter(pk=pk).first()
    if zone is None or zone.article.withdrawn_at is not None or not _sees(user, zone.article.corpus):
        raise NotFound(f"there is no zone {pk} that you can see")
    require(user, zone.article.corpus, role)
    return zone


def find_batch(user: "User", pk: int) -> ImportBatch:
    """The import of this id into any corpus that the user sees."""
    batch = ImportBatch.objects.select_related("corpus", "user").filter(pk=pk).first()
    if batch is None or not _sees(user, batch.corpus):
        raise NotFound(f"there is no import {pk} that you can see")
    return batch


def find_problem(user: "User", pk: int) -> ImportProblem:
    """The problem of this id, without its bytes, in any import that the user sees."""
    problem = ImportProblem.objects.select_related("batch__corpus").defer("data").filter(pk=pk).first()
    if problem is None or not _sees(user, problem.batch.corpus):
        raise NotFound(f"there is no problem {pk} that you can see")
    return problem


def find_copy_group(user: "User", pk: int) -> CopyGroup:
    """The group of near copies of this id in any corpus that the user sees."""
    group = CopyGroup.objects.select_related("corpus").filter(pk=pk).first()
    if group is None or not _sees(user, group.corpus):
        raise NotFound(f"there is no group of copies {pk} that you can see")
    return group


def _sees(user: "User", corpus: Corpus) -> bool:
    return corpus.withdrawn_at is None and role_of(user, corpus) is not None


def get_zone(article: Article, pk: int) -> Zone:
    """A zone of this article, which the caller has looked up for the user."""
    zone = Zone.objects.select_related("article__corpus").filter(article=article, pk=pk).first()
    if zone is None:
        raise NotFound(f"article {article.pk} has no zone {pk}: it may already be removed")
    return zone


def get_batch(corpus: Corpus, pk: int) -> ImportBatch:
    """An import into this corpus, which the caller has looked up for the user."""
    batch = ImportBatch.objects.select_related("user").filter(corpus=corpus, pk=pk).first()
    if batch is None:
        raise NotFound(f"there is no import {pk} into {corpus.slug!r}")
    return batch
