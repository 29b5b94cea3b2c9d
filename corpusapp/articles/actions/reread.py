"""Read an article's original again: preview the changes, or apply them without changing text under spans."""

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from django.db import transaction

from corpusapp.articles.actions.completing import Completer
from corpusapp.articles.actions.store import store
from corpusapp.articles.limits import limits
from corpusapp.articles.models import Article, ImportBatch, Original, Role, Zone
from corpusapp.articles.permissions import require
from corpusapp.articles.ports import subscribers
from corpusapp.core.errors import Conflict, Invalid, NotFound
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Failure
from corpusapp.intake.readers import Reading
from corpusapp.intake.versions import READERS as VERSION
from corpusapp.text.zones import ZoneRange

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class NewReading:
    """The result of the current readers, compared with the article.

    If the text is the same, `zones` are the zones after applying it: those marked by a person stay.
    """

    text: str
    title: str
    zones: tuple[ZoneRange, ...]
    same_text: bool
    same_zones: bool
    extractor: str


def compare_reading(*, user: "User", article: Article) -> NewReading:
    """Read the original again and compare. Changes nothing. Raises `NotFound` if there is no original."""
    require(user, article.corpus, Role.READER)
    completed = _read(article)
    draft = completed.draft
    same_text = draft.text == article.text
    zones = _with_marked(article, draft.zones) if same_text else draft.zones
    current = {ZoneRange(zone.start, zone.end, zone.kind) for zone in article.zones.all()}
    return NewReading(draft.text, draft.title, zones, same_text, same_text and current == set(zones), VERSION)


@transaction.atomic
def apply_reading(*, user: "User", article: Article) -> Article:
    """Apply a new reading: another text becomes a new version, other zones replace the current ones."""
    require(user, article.corpus, Role.EDITOR)
    completed = _read(article)
    if completed.draft.text != article.text:
        return _next_version(user, article, completed)
    _set_zones(user, article, _with_marked(article, completed.draft.zones))
    Original.objects.filter(article=article).update(extractor=VERSION)
    return article


def _read(article: Article) -> Completed:
    original = Original.objects.filter(article=article).first()
    if original is None:
        raise NotFound(f"article {article.pk} has no original: it cannot be read again")
    options = article.batch.options if article.batch else {}
    item = Reading(limits(), options.get("columns") or {}, encoding=options.get("encoding", "")).reread(
        zlib.decompress(original.data), original.form, item=original.name, url=article.url
    )
    if isinstance(item, Failure):
        raise Invalid(f"the original can no longer be read: {item.reason}")
    kept = replace(item, source=item.source or (article.source.name if article.source else ""))
    (completed,) = Completer(ImportBatch(corpus=article.corpus)).complete([kept])
    if isinstance(completed, Failure):
        raise Invalid(f"the original can no longer be read: {completed.reason}")
    return completed


def _next_version(user: "User", article: Article, completed: Completed) -> Article:
    if Article.objects.filter(previous=article).exists():
        raise Conflict(f"article {article.pk} already has a newer version: open that one")
    batch = ImportBatch.objects.create(user=user, corpus=article.corpus, origin=ImportBatch.Origin.FORM)
    draft = replace(completed.draft, external_id=article.external_id, url=article.url, spans=())
    outcome = store(batch=batch, completed=[replace(completed, draft=draft)], successor_of=article)
    if not outcome.added:
        raise Conflict("another article of the corpus already has the new text")
    return Article.objects.get(batch=batch)


def _with_marked(article: Article, found: tuple[ZoneRange, ...]) -> tuple[ZoneRange, ...]:
    """The zones marked by persons, and the new zones that do not overlap them."""
    marked = {ZoneRange(zone.start, zone.end, zone.kind) for zone in article.zones.exclude(set_by=None)}
    free = {zone for zone in found if not any(zone.start < own.end and own.start < zone.end for own in marked)}
    return tuple(sorted(marked | free))


def _set_zones(user: "User", article: Article, zones: tuple[ZoneRange, ...]) -> None:
    wanted = {(zone.start, zone.end, zone.kind) for zone in zones}
    current = {(zone.start, zone.end, zone.kind): zone.pk for zone in article.zones.all()}
    Zone.objects.filter(pk__in=[pk for key, pk in current.items() if key not in wanted]).delete()
    Zone.objects.bulk_create(
        Zone(
            corpus_id=article.corpus_id,
            article=article,
            article_length=article.length,
            start=start,
            end=end,
            kind=kind,
        )
        for start, end, kind in sorted(wanted - set(current))
    )
    for subscriber in subscribers():
        subscriber.zones_changed(user=user, article_id=article.pk)
