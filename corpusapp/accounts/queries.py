"""Queries for notices, and the condition of valid tokens.

A user reads only their own notices, on corpora and articles that they can still see.
"""

from django.db.models import Q, QuerySet

from corpusapp.accounts.models import Notice, User
from corpusapp.accounts.ports import visible_corpora
from corpusapp.core import keyset
from corpusapp.core.errors import NotFound

PAGE_SIZE = 50
# A condition on a token `t` of a user `u`, in SQL.
VALID_TOKEN = "(t.expires_at IS NULL OR t.expires_at > statement_timestamp()) AND t.revoked_at IS NULL AND u.is_active"


def notices_of(user: User) -> QuerySet[Notice]:
    """The notices of a user, without those on withdrawn articles, and on corpora that are withdrawn or left."""
    of_corpus = Q(corpus=None) | Q(corpus__in=visible_corpora(user).order_by().values("pk"))
    return Notice.objects.filter(of_corpus, Q(article=None) | Q(article__withdrawn_at=None), user=user)


def count_unread(user: User) -> int:
    return notices_of(user).filter(read_at=None).order_by().count()


def list_notices(user: User, *, unread: bool = False, cursor: str = "", size: int = PAGE_SIZE) -> keyset.Page[Notice]:
    """A page of the user's notices, newest first; with `unread`, only those that were not read."""
    rows = for_reading(notices_of(user))
    return keyset.newest_first(rows.filter(read_at=None) if unread else rows, cursor=cursor, size=size)


def get_notice(user: User, pk: int) -> Notice:
    found = for_reading(notices_of(user)).filter(pk=pk).first()
    if found is None:
        raise NotFound(f"there is no notice {pk} that you can see")
    return found


def for_reading(notices: QuerySet[Notice]) -> QuerySet[Notice]:
    """Notices with what their sentences name. The text of an article without a title is read when it is needed."""
    rows = notices.select_related("actor", "corpus", "article")
    return rows.defer("corpus__guidelines", "article__text", "article__search_vector", "article__metadata")
