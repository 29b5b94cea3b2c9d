"""Change a user's preferences."""

from collections.abc import Mapping

from django.db import transaction

from corpusapp.accounts import keys, reading_view
from corpusapp.accounts.models import User
from corpusapp.accounts.permissions import require_whole


@transaction.atomic
def choose_keys(*, user: User, chosen: Mapping[str, str]) -> User:
    """Change the user's keyboard shortcuts; empty ones get their defaults. Refuses one key for two commands."""
    require_whole(user)
    user.preferences = {**user.preferences, "keys": keys.checked(chosen, user.preferences.get("keys", {}))}
    user.save(update_fields=["preferences"])
    return user


@transaction.atomic
def choose_view(*, user: User, values: Mapping[str, str]) -> User:
    """Change how the user sees articles; what `values` does not name stays. Refuses what is no choice."""
    require_whole(user)
    row = User.objects.select_for_update(of=("self",)).get(pk=user.pk)
    now = reading_view.view_of(row.preferences.get("view", {}))
    row.preferences = {**row.preferences, "view": reading_view.changed(now, values)}
    row.save(update_fields=["preferences"])
    user.preferences = row.preferences
    return user
