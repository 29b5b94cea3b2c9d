"""The one port of this app: which corpora a token may be narrowed to.

`accounts` knows nothing of corpora. `articles`, which keeps them and their roles, registers in `AppConfig.ready`.
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
    """`find` returns the corpus of this slug, or raises `NotFound`; `visible` all that the person may see."""
    _registered[:] = [_Corpora(find, visible)]


def find_corpus(user: User, slug: str) -> Any:
    """The corpus of this slug. Raises `NotFound` where the person sees none."""
    return _registered[0].find(user, slug)


def visible_corpora(user: User) -> QuerySet[Any]:
    """All corpora that the person may see."""
    return _registered[0].visible(user)
