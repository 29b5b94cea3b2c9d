"""Recent activity in a corpus: decisions by person and article, imports, comments and releases."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Count, OuterRef, Q
from django.template.defaultfilters import pluralize
from django.urls import reverse

from annotations.entities.models import LinkChange
from annotations.releases.models import Release
from annotations.review.models import Change, Comment, Decision, Verb
from corpusapp.accounts.models import User
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.articles.queries import with_headlines
from corpusapp.core.job_states import JobState

# Decisions of each person that are looked at, and rows of each other kind.
_DECISIONS, _OTHERS = 40, 6
_PAST = {
    Verb.CONFIRM: "confirmed", Verb.REJECT: "rejected", Verb.RELABEL: "relabelled", Verb.MOVE: "moved",
    Verb.ADD: "added", Verb.LINK: "linked", Verb.UNLINK: "unlinked",
}  # fmt: skip
# Decisions on entities.
_ON_ENTITIES = {
    Verb.CREATE: "created", Verb.RENAME: "renamed", Verb.DESCRIBE: "described", Verb.IDENTIFY: "identified",
    Verb.ALIAS: "changed names of", Verb.MERGE: "merged", Verb.SPLIT: "split", Verb.DISTINCT: "told apart",
}  # fmt: skip
_SINGLE = {Verb.FINISH: "finished", Verb.REOPEN: "reopened", Verb.UNDO: "undid", Verb.REDO: "redid"}


@dataclass
class Event:
    """What somebody did: "noor" "confirmed 12, rejected 2" "Iran, Iraq and Syria …". `counts` is by past verb."""

    at: datetime
    who: str
    words: str = ""
    subject: str = ""
    address: str = ""
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def what(self) -> str:
        """`words`, or the verbs with their counts: "confirmed 12, finished"."""
        many = set(_PAST.values())
        counted = [f"{verb} {number}" if verb in many else verb for verb, number in self.counts.items()]
        return self.words or ", ".join(counted)


def recent_activity(corpus: Corpus, number: int = 10) -> list[Event]:
    """The newest events of a corpus, newest first, in eight queries over indexes."""
    events = [*_decisions(corpus), *_imports(corpus), *_comments(corpus), *_releases(corpus)]
    return sorted(events, key=lambda event: event.at, reverse=True)[:number]


def _decisions(corpus: Corpus) -> list[Event]:
    """The newest decisions of the members, joined where one person went on in the same article."""
    own = Decision.objects.filter(user=OuterRef("pk"), corpus=corpus).exclude(verb=Verb.IMPORT).order_by("-id")
    people = User.objects.filter(Q(memberships__corpus=corpus) | Q(is_superuser=True)).distinct()
    newest = people.annotate(newest=ArraySubquery(own.values("id")[:_DECISIONS])).values_list("newest", flat=True)
    decisions = Decision.objects.filter(pk__in=[pk for ids in newest for pk in ids]).select_related("user")
    rows = list(decisions.order_by("-id")[:_DECISIONS])
    changes = Change.objects.filter(decision__in=[row.pk for row in rows], implicit=False).order_by()
    links = LinkChange.objects.filter(decision__in=[row.pk for row in rows], implicit=False).order_by()
    counts: dict[int, list[tuple[str, int]]] = {}
    for log in (changes, links.filter(verb__in=[Verb.LINK, Verb.UNLINK])):
        for pk, verb, number in log.values_list("decision", "verb").annotate(n=Count("id")).order_by("-n", "verb"):
            counts.setdefault(pk, []).append((verb, number))
    headlines = _headlines(row.article_id for row in rows)
    events: dict[tuple[int, int | str | None], Event] = {}
    for row in rows:
        if row.article_id and row.article_id not in headlines:
            continue
        on_entities = Verb(row.verb) in _ON_ENTITIES and not row.article_id
        address = reverse("article", args=[corpus.slug, row.article_id]) if row.article_id else ""
        if on_entities and corpus.entities_enabled:
            address = reverse("entities", args=[corpus.slug])
        subject = headlines[row.article_id] if row.article_id else "entities" if on_entities else "several articles"
        event = events.setdefault(
            (row.user_id, row.article_id or subject), Event(row.created_at, str(row.user), "", subject, address)
        )
        _count(event, row, counts.get(row.pk, []))
    return [event for event in events.values() if event.counts]


def _count(event: Event, decision: Decision, changes: Iterable[tuple[str, int]]) -> None:
    verb = Verb(decision.verb)
    if verb not in (Verb.UNDO, Verb.REDO):
        for changed, number in changes:
            if past := _PAST.get(Verb(changed)):
                event.counts[past] = event.counts.get(past, 0) + number
    if single := _SINGLE.get(verb) or _ON_ENTITIES.get(verb):
        event.counts[single] = event.counts.get(single, 0) + 1


def _imports(corpus: Corpus) -> list[Event]:
    something = Q(added__gt=0) | Q(failed__gt=0) | ~Q(state=JobState.DONE)
    batches = ImportBatch.objects.filter(something, corpus=corpus).select_related("user").order_by("-id")[:_OTHERS]
    return [
        Event(
            batch.started_at,
            f"The {batch.get_origin_display()}" if batch.user.is_system else str(batch.user),
            "imported" if batch.ended else "is importing",
            _imported(batch),
            reverse("import-batch", args=[corpus.slug, batch.pk]),
        )
        for batch in batches
    ]


def _imported(batch: ImportBatch) -> str:
    """What came in, what failed, and how an import that is not done stands: "12 articles, 3 failed, 40 %"."""
    parts = [f"{batch.added} article{pluralize(batch.added)}"]
    if batch.failed:
        parts.append(f"{batch.failed} failed")
    if not batch.ended:
        parts.append(f"{batch.percent} %")
    elif batch.state != JobState.DONE:
        parts.append(f"then ended: {batch.state}")
    return ", ".join(parts)


def _comments(corpus: Corpus) -> list[Event]:
    comments = Comment.objects.filter(corpus=corpus, article__withdrawn_at=None).select_related("user")
    rows = list(comments.order_by("-id")[:_OTHERS])
    headlines = _headlines(row.article_id for row in rows)
    return [
        Event(
            row.created_at,
            str(row.user),
            "commented on",
            headlines[row.article_id],
            reverse("article", args=[corpus.slug, row.article_id]) + "#comments",
        )
        for row in rows
        if row.article_id in headlines
    ]


def _releases(corpus: Corpus) -> list[Event]:
    releases = Release.objects.filter(corpus=corpus, state=Release.State.MADE).select_related("user")
    return [
        Event(
            release.created_at,
            str(release.user),
            "created",
            f"release {release.number}",
            reverse("release", args=[corpus.slug, release.number]),
        )
        for release in releases.order_by("-number")[:_OTHERS]
    ]


def _headlines(articles: Iterable[int | None]) -> dict[int, str]:
    """The headlines of those of these articles that are not withdrawn."""
    found = with_headlines(Article.objects.filter(pk__in=set(filter(None, articles)), withdrawn_at=None))
    return {article.pk: article.headline for article in found}
