"""Links and entities of a corpus, from the tables and replayed from the log; and what is wrong with them."""

from collections import Counter

from django.db.models import F, Q

from annotations.entities.actions.snapshots import snapshots
from annotations.entities.models import (
    STANDING,
    Alias,
    Distinct,
    Entity,
    EntityChange,
    EntityWeek,
    Link,
    LinkChange,
)
from annotations.review.models import State


def decided_links(corpus):
    rows = Link.objects.filter(corpus=corpus).exclude(state=State.SUGGESTED)
    return {pk: row for pk, *row in rows.values_list("pk", "entity", "state", "revision")}


def replayed_links(corpus):
    """Links after each change in the log, without those that end as suggested or deleted."""
    last = {}
    for change in LinkChange.objects.filter(corpus=corpus).order_by("id"):
        last[change.link_id] = [change.after_entity, change.after_state, change.after_revision]
    return {pk: row for pk, row in last.items() if row[1] not in (None, State.SUGGESTED)}


def decided_entities(corpus):
    rows = Entity.objects.filter(corpus=corpus)
    logged = EntityChange.objects.filter(corpus=corpus).values("entity_id")
    return _comparable(snapshots(list(rows.filter(Q(pk__in=logged) | Q(pipeline=None)))))


def replayed_entities(corpus):
    changes = EntityChange.objects.filter(corpus=corpus).order_by("id")
    return _comparable({change.entity_id: change.after for change in changes})


def _comparable(rows):
    """Without the aliases that the linker suggested: it may add and take back these."""
    return {
        pk: {**row, "aliases": [alias for alias in row["aliases"] if alias[-1] != State.SUGGESTED]}
        for pk, row in rows.items()
    }


def faults(corpus):
    """What the rules of the registry forbid, in words; empty if nothing is."""
    found = []
    links = Link.objects.filter(corpus=corpus)
    standing = links.exclude(state=State.REJECTED)
    if standing.filter(~Q(entity__state__in=STANDING)).exists():
        found.append("a link to an entity that does not stand")
    if standing.filter(span=None).exists():
        found.append("a link without a span")
    if links.filter(state=State.CONFIRMED, span__state=State.SUGGESTED).exists():
        found.append("a person's link on a suggested span")
    if links.filter(state=State.SUGGESTED, pipeline=None).exists():
        found.append("a suggestion without a pipeline")
    if links.filter(state=State.CONFIRMED).exclude(score=None, pipeline=None).exists():
        found.append("a confirmed link of a machine")
    if links.filter(span__isnull=False).exclude(article=F("span__article")).exists():
        found.append("a link of another article")
    if links.filter(Q(live=True, span__state=State.REJECTED) | Q(live=False) & ~Q(span__state=State.REJECTED)).exists():
        found.append("a rejected span that counts as a mention, or the other way about")
    if links.exclude(alias=None).exclude(alias__entity=F("entity")).filter(entity__state__in=STANDING).exists():
        found.append("a link with the alias of another entity")
    if Entity.objects.filter(corpus=corpus, merged_into__merged_into__isnull=False).exists():
        found.append("a chain of merged entities")
    for entity in Entity.objects.filter(corpus=corpus, state__in=STANDING):
        if not Alias.objects.filter(entity=entity, name=entity.name).exclude(state=State.REJECTED).exists():
            found.append(f"{entity} has not its name")
    return found + _wrong_counts(corpus)


def _wrong_counts(corpus):
    mentions = list(Link.objects.filter(corpus=corpus).standing().values_list("entity", "alias", "week", "state"))
    of_entities, confirmed = (
        Counter(row[0] for row in mentions),
        Counter(row[0] for row in mentions if row[3] == "confirmed"),
    )
    of_aliases, weeks = Counter(row[1] for row in mentions), Counter((row[0], row[2]) for row in mentions)
    found = []
    for pk, number, certain in Entity.objects.filter(corpus=corpus).values_list("pk", "mentions", "confirmed"):
        if (number, certain) != (of_entities[pk], confirmed[pk]):
            found.append(f"entity {pk} counts {number} ({certain}), and has {of_entities[pk]} ({confirmed[pk]})")
    for pk, number in Alias.objects.filter(corpus=corpus).values_list("pk", "mentions"):
        if number != of_aliases[pk]:
            found.append(f"alias {pk} counts {number}, and has {of_aliases[pk]}")
    for pk, week, number in EntityWeek.objects.filter(entity__corpus=corpus).values_list("entity", "week", "mentions"):
        if number != weeks.pop((pk, week), 0):
            found.append(f"entity {pk} counts {number} in the week of {week}")
    if weeks:
        found.append(f"weeks without a count: {dict(weeks)}")
    return found


def pairs(corpus):
    return set(Distinct.objects.filter(corpus=corpus).values_list("first", "second"))
