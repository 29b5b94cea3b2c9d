"""Keep the accounts of people. Nobody is deleted: what a person decided names that person for ever."""

from django.db import transaction

from corpusapp.accounts.models import User
from corpusapp.refusals import Conflict, NotAllowed


@transaction.atomic
def keep_user(*, user: User, account: User) -> User:
    """Store an account, new or edited, with the password that it was given. Only superusers keep accounts.

    Refuses to shut out the last superuser, and to touch the desk's own account.
    """
    if not (user.is_active and user.is_superuser):
        raise NotAllowed("only a superuser keeps the accounts of others: ask one")
    if account.is_system:
        raise NotAllowed(f"{account.username} is the desk's own account: nobody signs in with it")
    if account.pk and not (account.is_active and account.is_superuser) and not _others(account):
        raise Conflict(f"{account.username} is the last superuser: make another one first", field="is_superuser")
    account.save()
    return account


def _others(account: User) -> bool:
    """Whether a superuser is left beside this account, locked so that two cannot shut each other out."""
    remaining = User.objects.select_for_update().filter(is_active=True, is_superuser=True, is_system=False)
    return any(pk != account.pk for pk in remaining.order_by("pk").values_list("pk", flat=True))
