"""Save and delete filters of the article list."""

from typing import TYPE_CHECKING

from django.db import transaction

from annotations.review.models import SavedFilter
from annotations.review.models.saved_filter import NAME_LENGTH, QUERY_LENGTH
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import may, require, require_writing
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Of one user in one corpus.
MOST_SAVED = 100


@transaction.atomic
def save_filter(*, user: "User", corpus: Corpus, name: str, query: str, shared: bool = False) -> SavedFilter:
    """Save filters under a name; `query` is a query string of the list, which the caller has checked.

    Members save their own filters, managers also share them. Refuses: `Invalid` (no name, or no filters), `Conflict`
    (a name that the user has used), `NotAllowed`.
    """
    require(user, corpus, Role.MANAGER if shared else Role.READER)
    require_writing(user)
    name = name.strip()
    if reason := fault(name):
        raise Invalid(f"the name {reason}", field="name")
    if not 0 < len(name) <= NAME_LENGTH:
        raise Invalid(f"a filter needs a name of 1 to {NAME_LENGTH} characters", field="name")
    if not query:
        raise Invalid("there is nothing to save: choose filters first", field="query")
    if len(query) > QUERY_LENGTH:
        raise Invalid(f"the filters are longer than {QUERY_LENGTH} characters: shorten the search", field="query")
    # Filters of one corpus are saved one after another, so that the name is free and the number holds.
    Corpus.objects.select_for_update().get(pk=corpus.pk)
    own = SavedFilter.objects.filter(user=user, corpus=corpus)
    if own.filter(name=name).exists():
        raise Conflict(f"you already have a filter {name!r}: use another name, or delete that one", field="name")
    if own.count() >= MOST_SAVED:
        raise Conflict(f"you have {MOST_SAVED} saved filters: delete one first")
    saved = SavedFilter.objects.create(user=user, corpus=corpus, name=name, query=query, shared=shared)
    saved.refresh_from_db()
    return saved


@transaction.atomic
def delete_filter(*, user: "User", saved: SavedFilter) -> None:
    """Delete a saved filter: one's own; managers also those that others share."""
    require(user, saved.corpus, Role.READER)
    require_writing(user)
    if saved.user_id != user.pk and not may(user, saved.corpus, Role.MANAGER):
        raise NotAllowed(f"{saved.name!r} is {saved.user}'s: only they and managers delete it")
    saved.delete()
