"""Change a user's preferences."""

from collections.abc import Mapping

from django.db import transaction

from corpusapp.accounts import keys
from corpusapp.accounts.models import User
from corpusapp.accounts.permissions import require_whole


@transaction.atomic
def choose_keys(*, user: User, chosen: Mapping[str, str]) -> User:
    """Change the user's keyboard shortcuts; empty ones get their defaults. Refuses one key for two commands."""
    require_whole(user)
    user.preferences = {**user.preferences, "keys": keys.checked(chosen, user.preferences.get("keys", {}))}
    user.save(update_fields=["preferences"])
    return user
