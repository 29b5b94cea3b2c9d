"""Which corpora the user of an admin request can access. Asked many times a request, looked up once."""

from collections.abc import Callable, Iterable
from typing import Any
from weakref import WeakKeyDictionary

from django.http import HttpRequest

# A user -> IDs of corpora. `articles`, which stores the roles, registers both.
Corpora = Callable[[Any], Iterable[int]]
_registered: dict[str, Corpora] = {}
# Of each request, the user's ID and the corpora that the user manages.
_managed: "WeakKeyDictionary[HttpRequest, tuple[int, frozenset[int]]]" = WeakKeyDictionary()


def register_corpora(*, managed: Corpora, withdrawn: Corpora) -> None:
    """Register how to find the corpora that a user manages, and the withdrawn ones that the user may restore."""
    _registered["managed"], _registered["withdrawn"] = managed, withdrawn


def sees_all(request: HttpRequest) -> bool:
    """Whether the user is an active superuser, who can access every row."""
    return request.user.is_active and request.user.is_superuser


def managed_corpora(request: HttpRequest) -> frozenset[int]:
    """The IDs of the corpora that the user manages. For superusers, check `sees_all` first."""
    user = request.user
    if not user.is_active:
        return frozenset()
    known = _managed.get(request)
    if known is None or known[0] != user.pk:
        known = _managed[request] = (user.pk, frozenset(_registered["managed"](user)))
    return known[1]


def withdrawn_corpora(request: HttpRequest) -> frozenset[int]:
    """The IDs of the withdrawn corpora that the user may restore. Nothing else of them can be accessed."""
    user = request.user
    return frozenset(_registered["withdrawn"](user)) if user.is_active else frozenset()
