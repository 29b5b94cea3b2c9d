"""Put off a possible duplicate: it is offered again when no other is left."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.entities.actions.registry import lock_registry, require_entities
from annotations.entities.models import PossibleDuplicate
from annotations.entities.queries.queues import get_pair
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@transaction.atomic
def postpone(*, user: "User", corpus: Corpus, first: int, second: int) -> PossibleDuplicate:
    """Put off the pair. It is no decision: nothing is said of the two. Refuses: `NotAllowed`, `NotFound`."""
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    lock_registry(corpus.pk)
    pair = get_pair(corpus, first, second)
    pair.postponed_at = timezone.now()
    pair.save(update_fields=["postponed_at"])
    return pair
