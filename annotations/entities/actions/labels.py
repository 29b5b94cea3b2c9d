"""Let entities follow a merge of labels."""

from annotations.entities.actions.registry import RegistryChanges, lock_registry
from annotations.entities.models import Entity
from annotations.review.models import Decision, Verb


def follow_label_merge(*, decision: Decision) -> None:
    """Give the entities of the merged label the label into which it was merged, as part of the decision."""
    into = decision.merged_into
    assert into is not None
    lock_registry(decision.corpus_id)
    entities = list(Entity.objects.filter(corpus=decision.corpus_id, label=decision.merged_label_id))
    changes = RegistryChanges(decision.corpus_id)
    changes.touch_all(entities, Verb.RELABEL)
    for entity in entities:
        entity.label = into
    changes.write(decision)
