"""What the person behind a request reaches in the admin site. Asked many times a request, looked up once."""

from collections.abc import Callable, Iterable
from typing import Any

from django.http import HttpRequest

# A user -> ids of corpora. `articles`, which keeps the roles, registers them.
Corpora = Callable[[Any], Iterable[int]]
_registered: dict[str, Corpora] = {}


def register_corpora(*, managed: Corpora, withdrawn: Corpora) -> None:
    """Say how the corpora of a person are found: those that it manages, and withdrawn ones that it may restore."""
    _registered["managed"], _registered["withdrawn"] = managed, withdrawn


def sees_all(request: HttpRequest) -> bool:
    """Model-wide admin is for superusers."""
    return request.user.is_active and request.user.is_superuser


def managed_corpora(request: HttpRequest) -> frozenset[int]:
    """The ids of the corpora that this person manages. For superusers ask `sees_all` first."""
    user = request.user
    if not user.is_active:
        return frozenset()
    known = getattr(request, "_managed_corpora", None)
    if known is None or known[0] != user.pk:
        known = request._managed_corpora = (user.pk, frozenset(_registered["managed"](user)))
    return known[1]


def withdrawn_corpora(request: HttpRequest) -> frozenset[int]:
    """The ids of the withdrawn corpora that this person may restore, and of which nothing else is reached."""
    user = request.user
    return frozenset(_registered["withdrawn"](user)) if user.is_active else frozenset()
