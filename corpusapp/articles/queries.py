"""Queries for imports, members, sources, originals and near copies. Callers check permissions."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, TypedDict

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Left
from django.utils import timezone

from corpusapp.accounts.models import User
from corpusapp.articles.models import (
    Article,
    CopyGroup,
    Corpus,
    ImportBatch,
    ImportProblem,
    Invitation,
    Membership,
    Original,
    Source,
)
from corpusapp.articles.ports import subscribers
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound
from corpusapp.core.job_states import JobState

if TYPE_CHECKING:
    from django_stubs_ext import WithAnnotations

_OPENING = 400


# Invitations that are used or cannot be used any more are listed for so many days.
_ENDED_DAYS = 30


class _Kept(TypedDict):
    kept: bool


class _Shown(TypedDict):
    articles_shown: int


def is_shown(corpus_id: int) -> bool:
    """Whether the corpus is currently neither withdrawn nor erased. Long jobs check it regularly."""
    return Corpus.objects.filter(pk=corpus_id, withdrawn_at=None).exists()


def newest_versions(corpus: Corpus, external_ids: Collection[str]) -> dict[str, int]:
    """By external ID, the newest version that is not withdrawn; IDs that no article of the corpus has are missing."""
    articles = Article.objects.filter(corpus=corpus, external_id__any_of=list(external_ids), withdrawn_at=None)
    # Without the empty one, for which there is no index.
    return dict(articles.exclude(external_id="").order_by("version").values_list("external_id", "pk"))


def account_named(username: str) -> User:
    """The account of a person who can become a member."""
    found = User.objects.filter(username=username, is_active=True, is_system=False).first()
    if found is None:
        raise NotFound(f"there is no user {username[:60]!r}: check the name, or invite the person by a link")
    return found


def get_membership(corpus: Corpus, username: str) -> Membership:
    found = Membership.objects.select_related("corpus", "user").filter(corpus=corpus, user__username=username).first()
    if found is None:
        raise NotFound(f"{username[:60]!r} is not a member of {corpus.slug}")
    return found


def members_of(corpus: Corpus) -> list[tuple[Membership, datetime | None]]:
    """The members of a corpus by name, each with the time of the last decision there."""
    members = Membership.objects.filter(corpus=corpus).select_related("user").order_by("user__username")
    last = {user: at for each in subscribers() for user, at in each.last_decisions(corpus=corpus).items()}
    return [(member, last.get(member.user_id)) for member in members]


def invitations_to(corpus: Corpus) -> list[Invitation]:
    """The invitations to a corpus, newest first, without those that expired long ago."""
    recent = Invitation.objects.filter(corpus=corpus, expires_at__gt=timezone.now() - timedelta(days=_ENDED_DAYS))
    return list(recent.with_sender())


def get_invitation(corpus: Corpus, pk: int) -> Invitation:
    found = Invitation.objects.with_sender().filter(corpus=corpus, pk=pk).first()
    if found is None:
        raise NotFound(f"{corpus.slug} has no invitation {pk}")
    return found


def get_problem(batch: ImportBatch, pk: int) -> ImportProblem:
    """A problem of this import."""
    problem = ImportProblem.objects.defer("data").filter(batch=batch, pk=pk).select_related("batch__corpus").first()
    if problem is None:
        raise NotFound(f"import {batch.pk} has no problem {pk}")
    return problem


def failed_items(batch: ImportBatch) -> QuerySet[WithAnnotations[ImportProblem, _Kept]]:
    """Failed items that were not imported since, without their bytes; `kept`: the bytes are stored."""
    failed = ImportProblem.objects.filter(batch=batch, kind=ImportProblem.Kind.FAILED, retried_at=None)
    return failed.select_related("batch__corpus").defer("data").annotate(kept=Q(data__isnull=False)).order_by("id")


def imports_to_look_at(corpora: Iterable[Corpus], since: datetime) -> QuerySet[ImportBatch]:
    """Imports begun since then that failed, or of which items failed and were not imported later; newest first."""
    failed = ImportProblem.objects.filter(batch=OuterRef("pk"), kind=ImportProblem.Kind.FAILED, retried_at=None)
    broken = Q(state=JobState.FAILED) | Q(Exists(failed), failed__gt=0)
    recent = ImportBatch.objects.filter(broken, corpus__in=corpora, started_at__gte=since)
    return recent.select_related("corpus").order_by("-id")


def duplicates(batch: ImportBatch) -> QuerySet[ImportProblem]:
    """Items that were duplicates, with the existing articles."""
    found = ImportProblem.objects.filter(batch=batch, kind=ImportProblem.Kind.DUPLICATE).order_by("id")
    return found.defer("data").annotate(
        same_title=F("article__title"), same_opening=Left("article__text", _OPENING),
        same_shown=Q(article__isnull=False, article__withdrawn_at=None),
    )  # fmt: skip


def notes(batch: ImportBatch) -> QuerySet[ImportProblem]:
    """Notes on changes in imported items."""
    return ImportProblem.objects.filter(batch=batch, kind=ImportProblem.Kind.NOTE).defer("data").order_by("id")


@dataclass(frozen=True)
class OriginalFacts:
    """An original without its bytes; `size` is in bytes."""

    form: str
    encoding: str
    name: str
    size: int
    extractor: str


def original_facts(article: Article) -> OriginalFacts | None:
    fields = ("form", "encoding", "name", "size", "extractor")
    row = Original.objects.filter(article=article).values_list(*fields).first()
    return OriginalFacts(*row) if row else None


def copies(article: Article) -> QuerySet[Article]:
    """The visible near copies of an article, including itself, oldest first, without their texts."""
    if article.copy_group_id is None:
        return Article.objects.none()
    group = Article.objects.filter(copy_group=article.copy_group_id, withdrawn_at=None).order_by("pk")
    return group.select_related("source").annotate(opening=Left("text", _OPENING)).defer(
        "text", "search_vector", "metadata"
    )  # fmt: skip


def other_copies(article: str) -> Coalesce:
    """An expression: the number of other visible articles that are near copies of the one that this field refers to."""
    group = Article.objects.filter(copy_group=OuterRef(f"{article}__copy_group"), withdrawn_at=None).order_by()
    others = group.exclude(pk=OuterRef(article)).values("copy_group").annotate(n=Count("id"))
    return Coalesce(Subquery(others.values("n")), 0)


def sizes_of_groups(articles: list[int]) -> QuerySet[Article, tuple[int, int]]:
    """The group of copies of each of these articles, and the number of visible articles in it."""
    groups = Article.objects.filter(pk__any_of=articles, copy_group__isnull=False).values("copy_group")
    members = Article.objects.filter(copy_group__any_of=ArraySubquery(groups), withdrawn_at=None).order_by()
    return members.values_list("copy_group").annotate(n=Count("id"))


def older_copies() -> QuerySet[Article]:
    """A subquery: the visible near copies of an article that were imported before it."""
    return Article.objects.filter(copy_group=OuterRef("copy_group"), withdrawn_at=None, pk__lt=OuterRef("pk"))


def counted_with_another(corpora: Iterable[Corpus]) -> QuerySet[Article]:
    """Articles that statistics exclude: in groups that count once, all but the oldest visible article."""
    members = Article.objects.filter(corpus__in=corpora, withdrawn_at=None, copy_group__counted_once=True)
    return members.filter(Exists(older_copies()))


def batches_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[ImportBatch]:
    """The imports into a corpus, newest first."""
    batches = ImportBatch.objects.filter(corpus=corpus).select_related("user")
    return keyset.newest_first(batches, cursor=cursor, size=size)


def copy_groups_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[WithAnnotations[CopyGroup, _Shown]]:
    """The groups of near copies of a corpus, newest first, each with its number of `articles_shown`."""
    shown = Count("articles", filter=Q(articles__withdrawn_at=None))
    groups = CopyGroup.objects.filter(corpus=corpus).annotate(articles_shown=shown)
    return keyset.newest_first(groups, cursor=cursor, size=size)


def withdrawn_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[Article]:
    """The withdrawn articles of a corpus, without erased ones, newest first."""
    hidden = Article.objects.filter(corpus=corpus, withdrawn_at__isnull=False, erased_at=None)
    return keyset.newest_first(with_headlines(hidden), cursor=cursor, size=size)


def with_headlines(articles: QuerySet[Article]) -> QuerySet[Article]:
    """The articles with what their headlines need, without their texts."""
    return articles.annotate(opening=Left("text", _OPENING)).defer("text", "search_vector", "metadata")


def sources_page(corpus: Corpus, *, cursor: str, size: int) -> keyset.Page[WithAnnotations[Source, _Shown]]:
    """The sources of a corpus by name, each with its number of `articles_shown`."""
    sources = Source.objects.filter(corpus=corpus).order_by("name")
    if cursor:
        sources = sources.filter(name__gt=keyset.decode(cursor, str)[0])
    shown = Article.objects.filter(source=OuterRef("pk"), withdrawn_at=None).order_by().values("source")
    number = Coalesce(Subquery(shown.annotate(n=Count("pk")).values("n"), output_field=IntegerField()), 0)
    rows = list(sources.annotate(articles_shown=number)[: size + 1])
    return keyset.Page(rows[:size], keyset.encode(rows[size - 1].name) if len(rows) > size else None)
