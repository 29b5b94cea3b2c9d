"""Confirm and reject the mentions of entities that were shown, many at once."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from annotations.entities.actions.links import MAX_CHOICES, LinkChoice, Linking, write_linking
from annotations.entities.actions.registry import require_entities
from annotations.entities.actions.results import EntityResult, once
from annotations.entities.models import Link
from annotations.review.models import Decision, State, Verb
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Invalid, TooMany
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


def confirm_links(
    *,
    user: "User",
    corpus: Corpus,
    shown: Mapping[int, int],
    all_or_none: bool = False,
    client_key: str | None = None,
) -> EntityResult:
    """Confirm the suggested links of `shown` (revision by link id), and their spans, as one decision.

    Links that changed since, or were decided, are left out and reported; with `all_or_none`, nothing is done then
    (`LeftOut`). Refuses: `Invalid` (none or too many), `NotAllowed`, `Conflict` (nothing left to do). A repeated
    `client_key` returns the first decision.
    """
    return _decide(user, corpus, Verb.LINK, shown, all_or_none, client_key)


def reject_links(
    *,
    user: "User",
    corpus: Corpus,
    shown: Mapping[int, int],
    all_or_none: bool = False,
    client_key: str | None = None,
) -> EntityResult:
    """Say of the links of `shown` (revision by link id) that their spans are not these entities. As `confirm_links`."""
    return _decide(user, corpus, Verb.UNLINK, shown, all_or_none, client_key)


def _decide(
    user: "User", corpus: Corpus, verb: Verb, shown: Mapping[int, int], all_or_none: bool, client_key: str | None
) -> EntityResult:
    if not shown:
        raise Invalid("no mentions given: choose at least one", field="links")
    if len(shown) > MAX_CHOICES:
        raise TooMany(f"{len(shown)} mentions in one decision: the limit is {MAX_CHOICES}", field="links")
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    request = digest("mentions", corpus.pk, verb, sorted(shown.items()), *(["all or none"] if all_or_none else []))

    def run() -> Decision:
        known = [pk for pk in shown if 0 < pk < 2**63]
        rows = Link.objects.filter(pk__in=known, corpus=corpus).values_list("pk", "span_id", "entity_id")
        places = {pk: (span, entity) for pk, span, entity in rows if span}
        linking = Linking.open(corpus, [span for span, _ in places.values()])
        for position, (pk, revision) in enumerate(shown.items()):
            span, entity = places.get(pk, (0, 0))
            if reason := _obstacle(linking, span, pk, revision):
                linking.left_out.append({"item": position, "link": pk, "reason": reason})
            else:
                linking.apply(LinkChoice(span, entity, verb=verb, revision=revision), position)
        return write_linking(user, corpus, linking, verb, len(shown), all_or_none, client_key, request)

    return once(user, client_key, request, run)


def _obstacle(linking: Linking, span: int, pk: int, revision: int) -> str | None:
    """Why a mention cannot be decided, or None."""
    link = next((link for link in linking.links.get(span, ()) if link.pk == pk), None)
    if link is None:
        return f"link {pk} is no longer suggested"
    if link.revision != revision or link.state == State.REJECTED:
        return f"link {pk} was decided in the meantime: it is {link.state}, at revision {link.revision}"
    return None
