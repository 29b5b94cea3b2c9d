"""The corpora that a token can be limited to.

`accounts` does not import `articles`, which has the corpora and roles, and registers these functions in
`AppConfig.ready`.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.db.models import QuerySet

from corpusapp.accounts.models import User


class _Corpora(NamedTuple):
    find: Callable[[User, str], Any]
    visible: Callable[[User], QuerySet[Any]]


_registered: list[_Corpora] = []


def register_corpora(*, find: Callable[[User, str], Any], visible: Callable[[User], QuerySet[Any]]) -> None:
    """Register how corpora are found: `find` as `find_corpus`, `visible` as `visible_corpora`."""
    _registered[:] = [_Corpora(find, visible)]


def find_corpus(user: User, slug: str) -> Any:
    """The corpus with this slug. Raises `NotFound` if the user cannot see it."""
    return _registered[0].find(user, slug)


def visible_corpora(user: User) -> QuerySet[Any]:
    """The corpora that the user can see."""
    return _registered[0].visible(user)
