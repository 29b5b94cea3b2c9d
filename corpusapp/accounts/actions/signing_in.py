"""Limits of wrong passwords: for one username from one address, for one username, and from one address."""

import hashlib

from django.conf import settings

from corpusapp.accounts.actions.rates import count, peek, reset

WINDOW_SECONDS = 15 * 60
# A username or an address alone gets so many times the limit of both: a whole office may share one address.
_SHARED_FACTOR = 5


def seconds_to_wait(*, username: str, address: str) -> int:
    """Seconds until this address may try this username again; 0 if it may now."""
    rates = [peek(key=key, limit=limit) for key, limit in _limits(username, address)]
    return max((rate.seconds for rate in rates if rate.count >= rate.limit), default=0)


def note_wrong_password(*, username: str, address: str) -> None:
    for key, limit in _limits(username, address):
        count(key=key, limit=limit, seconds=WINDOW_SECONDS)


def note_right_password(*, username: str, address: str) -> None:
    """Reset the count of wrong passwords for this username from this address."""
    reset(key=_limits(username, address)[0][0])


def _limits(username: str, address: str) -> list[tuple[str, int]]:
    """(key, limit) of each counter. Usernames are hashed, since people sometimes type their password there."""
    name = hashlib.sha256(username.casefold().encode(errors="replace")).hexdigest()[:32]
    limit = settings.SIGN_IN_ATTEMPTS
    return [
        (f"sign-in {name} {address}", limit),
        (f"sign-in {name}", limit * _SHARED_FACTOR),
        (f"sign-in {address}", limit * _SHARED_FACTOR),
    ]
