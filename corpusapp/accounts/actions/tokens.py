"""Make, use and revoke the keys of REST clients."""

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from corpusapp.accounts.models import Token, User
from corpusapp.prepared import Prepared
from corpusapp.refusals import Invalid

if TYPE_CHECKING:
    from corpusapp.articles.models import Corpus

Scope = Token.Scope
LONGEST_DAYS = 3650
PREFIX = "cap_"
SECRET_BYTES = 32
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
    corpus: "Corpus | None" = None,
    days: int | None = None,
) -> tuple[Token, str]:
    """A new token and its key, which is shown once: only its SHA-256 is kept.

    It may do what its user may, but no more than its scope, in `corpus` alone where one is named, for so many days.
    The caller has looked the corpus up for the user.
    """
    if scope not in Scope.values:
        raise Invalid(f"the scope must be one of {', '.join(Scope.values)}", field="scope")
    if days is not None and not 1 <= days <= LONGEST_DAYS:
        raise Invalid(f"a token lasts from 1 to {LONGEST_DAYS} days, or for ever", field="days")
    if len(name) > 100:
        raise Invalid(f"the name has {len(name)} characters: at most 100 are taken", field="name")
    if user.is_system or not user.is_active:
        raise Invalid(f"{user.username} cannot sign in, so it cannot have a token", field="user")
    key = PREFIX + secrets.token_urlsafe(SECRET_BYTES)
    token = Token.objects.create(
        user=user,
        name=name,
        prefix=key[: len(PREFIX) + _SHOWN],
        digest=digest_of(key),
        scope=scope,
        corpus=corpus,
        expires_at=timezone.now() + timedelta(days=days) if days else None,
    )
    return token, key


def use_token(*, key: str) -> Token | None:
    """The live token of this key; its last use is written at most once a minute."""
    token = _LIVE.first(digest=digest_of(key))
    if token is None:
        return None
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at > _MINUTE:
        stale = Q(last_used_at=None) | Q(last_used_at__lt=now - _MINUTE)
        Token.objects.filter(stale, pk=token.pk).update(last_used_at=now)
    return token


@transaction.atomic
def revoke_token(*, token: Token) -> None:
    """The key opens nothing from now on."""
    Token.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=timezone.now())
