"""Answer the queues of entities: whether two are one."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.registry import lock_registry, require_entities
from annotations.entities.actions.results import EntityResult
from annotations.entities.models import Entity, PossibleDuplicate
from annotations.entities.queries.duplicates import get_pair
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

SAME, DIFFERENT, LATER = ANSWERS = ("same", "different", "later")


def answer_duplicate(
    *,
    user: "User",
    corpus: Corpus,
    first: Entity,
    second: Entity,
    answer: str,
    first_revision: int | None = None,
    second_revision: int | None = None,
    client_key: str | None = None,
) -> EntityResult | PossibleDuplicate:
    """Say whether two entities are one: the `same` are merged, those that are `different` are not proposed again.

    The one with fewer mentions is merged into the other one. `later` puts the pair off, which is no decision. Refuses
    as `merge_entities`, `mark_distinct` and `postpone` do, and `Invalid` for any other answer.
    """
    if answer not in ANSWERS:
        raise Invalid(f"{answer[:40]!r} is no answer: use {', '.join(ANSWERS)}", field="answer")
    if answer == LATER:
        return postpone(user=user, corpus=corpus, first=first.pk, second=second.pk)
    if answer == DIFFERENT:
        return mark_distinct(user=user, first=first, second=second, client_key=client_key)
    source, target = sorted([(first, first_revision), (second, second_revision)], key=lambda one: weight(one[0]))
    return merge_entities(
        user=user,
        source=source[0],
        target=target[0],
        source_revision=source[1],
        target_revision=target[1],
        client_key=client_key,
    )


def weight(entity: Entity) -> tuple[int, int, int]:
    """By which one of two is kept in a merge, whatever their order: the greater one."""
    return entity.confirmed, entity.mentions, -entity.pk


@transaction.atomic
def postpone(*, user: "User", corpus: Corpus, first: int, second: int) -> PossibleDuplicate:
    """Put a pair off: it is offered again after all others. Refuses: `NotAllowed`, `NotFound`."""
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    lock_registry(corpus.pk)
    pair = get_pair(corpus, first, second)
    pair.postponed_at = timezone.now()
    pair.save(update_fields=["postponed_at"])
    return pair
