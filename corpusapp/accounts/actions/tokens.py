"""Create, use and revoke the tokens of REST clients."""

import hashlib
import json
import secrets
from datetime import datetime, timedelta
from typing import Any

from django.db import DEFAULT_DB_ALIAS, transaction
from django.db.models import Q
from django.utils import timezone

from corpusapp.accounts.actions.rates import Rate, counting, rate_of
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.permissions import require_superuser, require_whole
from corpusapp.accounts.queries import VALID_TOKEN
from corpusapp.core.errors import Invalid, NotAllowed
from corpusapp.core.prepared import planning_cursor

Scope = Token.Scope
LONGEST_DAYS = 3650
PREFIX = "cap_"
SECRET_BYTES = 32
# Characters of the secret that lists show.
_SHOWN = 6
_MINUTE = timedelta(minutes=1)


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


def use_token(*, digest: bytes, limit: int, seconds: int) -> tuple[Token, Rate | None] | None:
    """The valid token whose key has this digest, with its user, and its rate with this request counted; or None.

    `limit` is that of requests in so many seconds, 0 for none: then nothing is counted. The last use is stored at most
    once a minute.
    """
    with planning_cursor() as cursor:
        cursor.execute(_USE_COUNTED if limit else _USE, {"digest": digest, "seconds": seconds})
        row = cursor.fetchone()
    if row is None:
        return None
    *columns, counted, left = row
    token = Token.from_db(DEFAULT_DB_ALIAS, _TOKEN_FIELDS, columns[: len(_TOKEN_FIELDS)])
    token.user = User.from_db(DEFAULT_DB_ALIAS, _USER_FIELDS, columns[len(_TOKEN_FIELDS) :])
    token.user.preferences = json.loads(columns[_PREFERENCES])
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _MINUTE:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _MINUTE)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token, rate_of(counted, left, limit) if limit else None


@transaction.atomic
def revoke_token(*, user: User, token: Token) -> None:
    """Revoke a token, at once. Users revoke their own, superusers all.

    A token can always revoke itself, so that anybody who finds one can end it.
    """
    if user.token is None or user.token.pk != token.pk:
        (require_whole if token.user_id == user.pk else require_superuser)(user)
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())


_TOKEN_FIELDS = [field.attname for field in Token._meta.concrete_fields]
_USER_FIELDS = [field.attname for field in User._meta.concrete_fields]
_PREFERENCES = len(_TOKEN_FIELDS) + _USER_FIELDS.index("preferences")
_COLUMNS = ", ".join(
    [f"t.{name} AS t_{name}" for name in _TOKEN_FIELDS] + [f"u.{name} AS u_{name}" for name in _USER_FIELDS]
)
_LIVE = f"""
    SELECT {_COLUMNS} FROM accounts_token t JOIN accounts_user u ON u.id = t.user_id
    WHERE t.digest = %(digest)s AND {VALID_TOKEN}
"""
_USE = f"SELECT live.*, NULL, NULL FROM ({_LIVE}) live WHERE %(seconds)s > 0"
_USE_COUNTED = f"""
    WITH live AS MATERIALIZED ({_LIVE}), counted AS ({counting("SELECT 'token ' || t_id AS key FROM live")})
    SELECT * FROM live CROSS JOIN counted
"""
