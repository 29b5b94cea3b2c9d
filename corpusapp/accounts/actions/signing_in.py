"""Wrong passwords: few from one address for one name, not many for one name or from one address at all."""

import hashlib

from django.conf import settings

from corpusapp.accounts.actions.rates import count, forget, look

WINDOW_SECONDS = 15 * 60
# A name may be tried from many addresses, and many names from one: a whole office sits behind one.
_OF_ALL = 5


def seconds_to_wait(*, username: str, address: str) -> int:
    """How long nobody at this address may try this name; 0 where one may."""
    rates = [look(key=key, limit=limit) for key, limit in _limits(username, address)]
    return max((rate.seconds for rate in rates if rate.count >= rate.limit), default=0)


def note_wrong_password(*, username: str, address: str) -> None:
    for key, limit in _limits(username, address):
        count(key=key, limit=limit, seconds=WINDOW_SECONDS)


def note_right_password(*, username: str, address: str) -> None:
    """What was mistyped before counts no more for this name at this address."""
    forget(key=_limits(username, address)[0][0])


def _limits(username: str, address: str) -> list[tuple[str, int]]:
    """Names are hashed: people now and then type their password in their place."""
    name = hashlib.sha256(username.casefold().encode(errors="replace")).hexdigest()[:32]
    few = settings.SIGN_IN_ATTEMPTS
    return [
        (f"sign-in {name} {address}", few),
        (f"sign-in {name}", few * _OF_ALL),
        (f"sign-in {address}", few * _OF_ALL),
    ]
