"""Create, use and revoke the tokens of REST clients."""

import hashlib
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from corpusapp.accounts.models import Token, User
from corpusapp.accounts.permissions import require_superuser, require_whole
from corpusapp.core.errors import Invalid, NotAllowed
from corpusapp.core.prepared import Prepared

Scope = Token.Scope
LONGEST_DAYS = 3650
PREFIX = "cap_"
SECRET_BYTES = 32
# Characters of the secret that lists show.
_SHOWN = 6
_MINUTE = timedelta(minutes=1)

_LIVE = Prepared(
    lambda digest: Token.objects.live().select_related("user").filter(digest=digest).order_by(), digest=bytes
)


def digest_of(key: str) -> bytes:
    return hashlib.sha256(key.encode(errors="surrogatepass")).digest()


@transaction.atomic
def create_token(
    *,
    user: User,
    name: str = "",
    scope: str = Scope.MANAGE,
    corpus: Any = None,
    days: int | None = None,
) -> tuple[Token, str]:
    """Create a token; returns it and its key, of which only the SHA-256 is stored.

    A token has its user's permissions, limited to its scope, to `corpus` if given, and to `days`. The caller has
    checked that the user can see the corpus. A token can create another only if it is not limited itself, and the new
    one expires no later.
    """
    require_whole(user)
    if scope not in Scope.values:
        raise Invalid(f"the scope must be one of {', '.join(Scope.values)}", field="scope")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"a token expires after 1 to {LONGEST_DAYS} days, or never", field="days")
    if len(name) > 100:
        raise Invalid(f"the name has {len(name)} characters: the limit is 100", field="name")
    if user.is_system or not user.is_active:
        raise Invalid(f"{user.username} cannot sign in, so it cannot have a token", field="user")
    expires_at = timezone.now() + timedelta(days=days) if days else None
    _require_no_later(user.token, expires_at)
    key = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token.objects.create(
        user=user,
        name=name,
        prefix=key[: len(PREFIX) + _SHOWN],
        digest=digest_of(key),
        scope=scope,
        corpus=corpus,
        expires_at=expires_at,
    )
    return token, key


def _require_no_later(creator: Token | None, expires_at: datetime | None) -> None:
    """Refuse a token that would outlive the token that creates it."""
    end = creator.expires_at if creator else None
    if end is not None and (expires_at is None or expires_at > end):
        raise NotAllowed(
            f"this token expires at {end:%Y-%m-%d %H:%M} UTC: the new one must not outlive it, set fewer days",
            field="days",
        )


def use_token(*, key: str) -> Token | None:
    """The valid token with this key, or None. Its last use is stored at most once a minute."""
    token = _LIVE.first(digest=digest_of(key))
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _MINUTE:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _MINUTE)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def revoke_token(*, user: User, token: Token) -> None:
    """Revoke a token, at once. Users revoke their own, superusers all.

    A token can always revoke itself, so that anybody who finds one can end it.
    """
    if user.token is None or user.token.pk != token.pk:
        (require_whole if token.user_id == user.pk else require_superuser)(user)
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
