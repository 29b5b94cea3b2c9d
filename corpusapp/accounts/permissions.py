"""What the token of a request allows for accounts. A request of the browser has no token, and is not limited."""

from corpusapp.accounts.models import Token, User
from corpusapp.core.errors import NotAllowed


def require_whole(user: User) -> None:
    """Refuse a token that is limited to a scope or a corpus: it must not change the account.

    Otherwise a token for one corpus could create one for all, or lock its user out.
    """
    token = user.token
    if token is not None and (token.scope != Token.Scope.MANAGE or token.corpus_id is not None):
        raise NotAllowed("this token does not cover your account: use one of scope manage for all corpora")


def require_superuser(user: User) -> None:
    """Refuse users who may not manage the accounts of others."""
    if not (user.is_active and user.is_superuser):
        raise NotAllowed("only superusers can manage user accounts: ask one")
    require_whole(user)
