"""How far the token of a request reaches. In the browser there is none, and nothing is narrowed."""

from corpusapp.accounts.models import Token, User
from corpusapp.core.errors import NotAllowed


def require_whole(user: User) -> None:
    """Refuse a token that may not do all that its user may: one's account is more than any part of it.

    Else a token for one corpus could make itself one for all, or lock its user out.
    """
    token = user.token
    if token is not None and (token.scope != Token.Scope.MANAGE or token.corpus_id is not None):
        raise NotAllowed("this token does not cover your account: use one of scope manage for all corpora")


def require_superuser(user: User) -> None:
    """Refuse whoever keeps no accounts of others."""
    if not (user.is_active and user.is_superuser):
        raise NotAllowed("only superusers can manage user accounts: ask one")
    require_whole(user)
