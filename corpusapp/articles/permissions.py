"""Who may do what. The one place where it is decided; every door asks here.

A thing that a user may not even see is absent for that user (`NotFound`); one that may be seen but not changed is
`NotAllowed`. A superuser and the desk's own command line hold every role.
"""

from typing import TYPE_CHECKING

from django.db.models import QuerySet

from corpusapp.articles.models import Article, Corpus, Membership, Role
from corpusapp.refusals import NotAllowed, NotFound

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def role_of(user: "User", corpus: Corpus) -> Role | None:
    """The role that `user` holds in `corpus`; None where there is none."""
    if user.is_superuser or getattr(user, "is_system", False):
        return Role.MANAGER
    if not user.is_authenticated:
        return None
    held = Membership.objects.filter(user=user, corpus=corpus).values_list("role", flat=True).first()
    return Role(held) if held else None


def require(user: "User", corpus: Corpus, role: Role) -> None:
    """Refuse unless `user` holds `role` or more in `corpus`."""
    held = role_of(user, corpus)
    if held is None or corpus.withdrawn_at is not None:
        raise NotFound(f"there is no corpus {corpus.slug!r} that you can see")
    if not held.includes(role):
        raise NotAllowed(f"you are a {held} of {corpus.name}: this needs a {role}; ask one of its managers")


def may(user: "User", corpus: Corpus, role: Role) -> bool:
    held = role_of(user, corpus)
    return held is not None and held.includes(role)


def manages_any(user: "User") -> bool:
    """Whether the user is the manager of at least one corpus, or a superuser."""
    return user.is_authenticated and user.is_active and Corpus.objects.visible_to(user, Role.MANAGER).exists()


def may_create_corpora(user: "User") -> bool:
    return user.is_superuser or getattr(user, "is_system", False)


def get_corpus(user: "User", slug: str, role: Role = Role.READER) -> Corpus:
    """The corpus, with `role` required in it."""
    corpus = Corpus.objects.filter(slug=slug, withdrawn_at=None).first()
    if corpus is None:
        raise NotFound(f"there is no corpus {slug!r} that you can see")
    require(user, corpus, role)
    return corpus


def get_article(
    user: "User", pk: int, role: Role = Role.READER, *, among: "QuerySet[Article] | None" = None
) -> Article:
    """The article with its corpus, with `role` required there. `among` may bring prefetches along."""
    articles = (Article.objects.all() if among is None else among).select_related("corpus", "source")
    article = articles.filter(pk=pk, withdrawn_at=None).first()
    if article is None or role_of(user, article.corpus) is None or article.corpus.withdrawn_at is not None:
        raise NotFound(f"there is no article {pk} that you can see")
    require(user, article.corpus, role)
    return article
