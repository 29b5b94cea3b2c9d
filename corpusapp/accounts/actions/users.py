"""Create and change user accounts. They are never deleted: decisions keep their author."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from corpusapp.accounts.actions.passwords import checked
from corpusapp.accounts.models import User
from corpusapp.accounts.permissions import require_superuser
from corpusapp.core.errors import Conflict, Invalid, NotAllowed


@transaction.atomic
def save_user(*, user: User, account: User) -> User:
    """Save a new or changed account. Only superusers may.

    Refuses to deactivate or demote the last superuser, and to change a system account.
    """
    require_superuser(user)
    if account.is_system:
        raise NotAllowed(f"{account.username} is a system account: nobody can sign in with it")
    if account.pk and not (account.is_active and account.is_superuser) and not _others(account):
        raise Conflict(f"{account.username} is the last superuser: create another one first", field="is_superuser")
    account.save()
    return account


@transaction.atomic
def create_user(*, user: User, username: str, password: str = "", **values: Any) -> User:
    """Create an account; `values` are its other fields. Without a password, nobody can sign in with it."""
    require_superuser(user)
    account = User(username=username, **values)
    account.set_unusable_password()
    return _validated_and_saved(user, account, password)


@transaction.atomic
def edit_user(*, user: User, account: User, password: str = "", **values: Any) -> User:
    """Change fields of an account. Refuses the user's own password: `change_password` asks for the current one."""
    require_superuser(user)
    if password and account.pk == user.pk:
        raise Conflict("change your own password at account/password/, with your current one", field="password")
    for name, value in values.items():
        setattr(account, name, value)
    return _validated_and_saved(user, account, password)


@transaction.atomic
def create_invited_user(*, username: str, password: str, email: str = "") -> User:
    """Create an account for somebody who was invited. The caller has checked the invitation."""
    account = User(username=username, email=email)
    _validate(account)
    account.set_password(checked(password, account, field="password"))
    account.save()
    return account


def _validated_and_saved(user: User, account: User, password: str) -> User:
    _validate(account)
    if password:
        account.set_password(checked(password, account, field="password"))
    return save_user(user=user, account=account)


def _validate(account: User) -> None:
    try:
        account.full_clean(exclude=["password"])
    except ValidationError as error:
        field, reasons = next(iter(error.message_dict.items()))
        taken = field == "username" and User.objects.exclude(pk=account.pk).filter(username=account.username).exists()
        raise (Conflict if taken else Invalid)(" ".join(reasons), field=field) from error


def _others(account: User) -> bool:
    """Whether there is another superuser. They are locked, so that two cannot demote each other at the same time."""
    remaining = User.objects.select_for_update().filter(is_active=True, is_superuser=True, is_system=False)
    return any(pk != account.pk for pk in remaining.order_by("pk").values_list("pk", flat=True))
