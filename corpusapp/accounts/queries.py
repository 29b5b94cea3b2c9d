"""Reads of accounts, for those whom the caller has let in."""

from corpusapp.accounts.models import User
from corpusapp.core import keyset


def users_page(begins: str, *, cursor: str, size: int) -> keyset.Page[User]:
    """The accounts of people whose usernames begin so, newest first."""
    accounts = User.objects.filter(is_system=False, username__istartswith=begins)
    return keyset.newest_first(accounts, cursor=cursor, size=size)
