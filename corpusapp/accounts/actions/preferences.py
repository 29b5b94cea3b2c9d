"""What a person likes otherwise than others."""

from collections.abc import Mapping

from django.db import transaction

from corpusapp.accounts import keys
from corpusapp.accounts.models import User
from corpusapp.accounts.reach import require_whole


@transaction.atomic
def choose_keys(*, user: User, chosen: Mapping[str, str]) -> User:
    """Store the keys that the user wants; those left empty are the ordinary ones. Refuses one key for two things."""
    require_whole(user)
    user.preferences = {**user.preferences, "keys": keys.checked(chosen, user.preferences.get("keys", {}))}
    user.save(update_fields=["preferences"])
    return user
