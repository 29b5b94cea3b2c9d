"""Create and edit a corpus, and manage its members."""

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import transaction

from corpusapp.articles.models import Article, Corpus, Membership, Role
from corpusapp.articles.models.corpus import slug_shape
from corpusapp.articles.permissions import keep_role, may_create_corpora, require
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict, Invalid, NotAllowed

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def create_corpus(*, user: "User", slug: str, name: str = "", language: str = "en", guidelines: str = "") -> Corpus:
    """Create a corpus with the default labels; its creator becomes its manager."""
    if not may_create_corpora(user):
        raise NotAllowed("only superusers can create a corpus: ask one")
    check_slug(slug)
    if Corpus.objects.filter(slug=slug).exists():
        raise Conflict(f"a corpus {slug!r} already exists: choose another slug", field="slug")
    name = name or slug.replace("-", " ").capitalize()
    corpus = Corpus.objects.create(slug=slug, name=name, language=language, guidelines=guidelines)
    if not user.is_system:
        Membership.objects.create(user=user, corpus=corpus, role=Role.MANAGER)
    for subscriber in subscribers():
        subscriber.corpus_created(corpus=corpus)
    return corpus


@transaction.atomic
def discard_corpus(*, user: "User", corpus: Corpus) -> None:
    """Delete a corpus without articles, so that its slug is free again."""
    require(user, corpus, Role.MANAGER)
    if Article.objects.filter(corpus=corpus).exists():
        raise Conflict(f"corpus {corpus.slug!r} contains articles: withdraw or erase it instead")
    corpus.delete()


def check_slug(slug: str) -> None:
    """Refuse an invalid or too long slug."""
    try:
        slug_shape(slug)
    except ValidationError as error:
        raise Invalid(f"{slug[:80]!r} cannot be a corpus's slug. {error.messages[0]}", field="slug") from error
    if len(slug) > 64:
        raise Invalid(f"the slug has {len(slug)} characters: the limit is 64", field="slug")


@transaction.atomic
def edit_corpus(
    *, user: "User", corpus: Corpus, name: str, guidelines: str, language: str, nesting_allowed: bool
) -> Corpus:
    """Change the name and settings of a corpus."""
    require(user, corpus, Role.MANAGER)
    corpus.name, corpus.guidelines, corpus.language = name, guidelines, language
    corpus.nesting_allowed = nesting_allowed
    corpus.save(update_fields=["name", "guidelines", "language", "nesting_allowed"])
    return corpus


@transaction.atomic
def set_member(*, user: "User", corpus: Corpus, member: "User", role: Role) -> Membership:
    """Add a member, or change the role of one. Refuses another role for the last manager."""
    require(user, corpus, Role.MANAGER)
    if role != Role.MANAGER:
        _require_another_manager(corpus, member, "change this role")
    membership, _ = Membership.objects.update_or_create(user=member, corpus=corpus, defaults={"role": role})
    if member.pk == user.pk:
        keep_role(user, corpus.pk, role)
    return membership


@transaction.atomic
def remove_member(*, user: "User", membership: Membership) -> None:
    """Remove a member from a corpus, unless it is the last manager. The member's decisions stay."""
    require(user, membership.corpus, Role.MANAGER)
    _require_another_manager(membership.corpus, membership.user, "remove this member")
    membership.delete()
    if membership.user_id == user.pk:
        keep_role(user, membership.corpus_id, None)


def _require_another_manager(corpus: Corpus, member: "User", then: str) -> None:
    """Refuse if `member` is the only manager of the corpus who can sign in.

    The corpus is locked, so that two managers cannot remove each other at the same time.
    """
    Corpus.objects.select_for_update(no_key=True).get(pk=corpus.pk)
    managers = Membership.objects.filter(corpus=corpus, role=Role.MANAGER)
    others = managers.filter(user__is_active=True).exclude(user=member)
    if managers.filter(user=member).exists() and not others.exists():
        raise Conflict(
            f"the only manager of {corpus.name} is {member.username}: make another member a manager first, then {then}",
            field="role",
        )
