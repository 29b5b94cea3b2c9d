"""Link spans to entities, and say that they are not an entity: one span or many, as one decision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Any

from annotations.entities.actions.registry import (
    RegistryChanges,
    checked_description,
    checked_name,
    lock_registry,
    require_entities,
    surface_name,
)
from annotations.entities.actions.results import EntityResult, once
from annotations.entities.models import Link, LinkChange
from annotations.entities.queries.weeks import article_weeks
from annotations.review.actions.choices import MAX_ID, Choice
from annotations.review.actions.decisions import require_all
from annotations.review.actions.opening import OpenArticles, open_articles
from annotations.review.actions.recording import record_all, to_start
from annotations.review.models import MAIN_LAYER, Decision, Label, Span, Stage, State, Verb
from annotations.review.queries.surfaces import surfaces_at
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid, NotFound, Stale, TooMany
from corpusapp.core.idempotency import digest

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

MAX_CHOICES = 5000


@dataclass(frozen=True)
class NewEntity:
    """An entity to be created; `label` is the name of its label."""

    name: str
    label: str
    description: str = ""


@dataclass(frozen=True)
class LinkChoice:
    """One verb on one span: `link` it to an entity, or `unlink`: it is not that entity.

    `revision` is that of the link that the editor saw; None if there was none. A link that another person decided since
    is stale; one that a machine suggested since is not. The choices with the same `new` share one entity.
    """

    span: int
    entity: int | None = None
    new: NewEntity | None = None
    verb: str = Verb.LINK
    revision: int | None = None
    # The link that the editor saw, where it is known: its revision may be that of another one by now.
    link: int | None = None

    def check(self, name: str) -> None:
        """Refuse a choice that is invalid whatever the state of its span."""
        if self.verb not in (Verb.LINK, Verb.UNLINK):
            raise Invalid(f"{self.verb!r} is not a verb of links: use link or unlink", field=f"{name}.verb")
        if (self.entity is None) == (self.new is None):
            raise Invalid("give either the id of an entity, or a new one", field=f"{name}.entity")
        if self.new is not None and self.verb == Verb.UNLINK:
            raise Invalid("unlink needs the id of an entity", field=f"{name}.entity")

    def as_request(self) -> dict[str, Any]:
        """The values that a request with the same idempotency key must repeat."""
        return {**vars(self), "new": vars(self.new) if self.new else None}


def link_spans(
    *,
    user: "User",
    corpus: Corpus,
    choices: Sequence[LinkChoice],
    all_or_none: bool = False,
    client_key: str | None = None,
) -> EntityResult:
    """Apply `choices` as one decision with one undo. Linking a suggested span confirms it.

    A choice that no longer applies (an unknown or rejected span, a link that was decided since, a suggested span of a
    done article) is left out and reported; with `all_or_none`, nothing is done then (`LeftOut`). Refuses: `Invalid`,
    `NotFound` (an unknown entity), `NotAllowed`, and `Conflict` (a merged entity; nothing left to do). A repeated
    `client_key` returns the first decision.
    """
    check_choices(choices)
    require(user, corpus, Role.EDITOR)
    require_entities(corpus)
    wanted = [choice.as_request() for choice in choices]
    request = digest("link", corpus.pk, wanted, *(["all or none"] if all_or_none else []))
    return once(user, client_key, request, lambda: _link(user, corpus, choices, all_or_none, client_key, request))


def check_choices(choices: Sequence[LinkChoice]) -> None:
    if not choices:
        raise Invalid("links is empty: send at least one", field="links")
    if len(choices) > MAX_CHOICES:
        raise TooMany(f"{len(choices)} links in one decision: the limit is {MAX_CHOICES}", field="links")
    seen: set[int] = set()
    for position, choice in enumerate(choices):
        choice.check(f"links[{position}]")
        if choice.span in seen:
            raise Invalid("the span is listed twice: send one verb for each span", field=f"links[{position}].span")
        seen.add(choice.span)


def _link(
    user: "User",
    corpus: Corpus,
    choices: Sequence[LinkChoice],
    all_or_none: bool,
    client_key: str | None,
    request: bytes,
) -> Decision:
    linking = Linking.open(corpus, [choice.span for choice in choices])
    for position, choice in enumerate(choices):
        linking.apply(choice, position)
    if linking.changes.is_empty() and len(choices) == 1 and (stale := linking.stale.get(choices[0].span)):
        stale.field = "links[0].revision"
        raise stale
    verbs = {choice.verb for choice in choices}
    verb = Verb(verbs.pop()) if len(verbs) == 1 else Verb.SEVERAL
    return write_linking(user, corpus, linking, verb, len(choices), all_or_none, client_key, request)


def write_linking(
    user: "User",
    corpus: Corpus,
    linking: "Linking",
    verb: Verb,
    asked: int,
    all_or_none: bool,
    client_key: str | None,
    request: bytes,
) -> Decision:
    """Write the spans and links of a decision. Refuses one that changes nothing, or not all that was `asked` for."""
    if all_or_none:
        require_all(linking.left_out, asked, field="links")
    if linking.changes.is_empty():
        reason = linking.left_out[0]["reason"] if linking.left_out else "they are all as you want them"
        raise Conflict(f"nothing was linked: {reason}", field="links", current=linking.left_out)
    confirmed = [change_set for change_set in linking.opened.change_sets.values() if change_set.entries]
    decision = record_all(
        user,
        corpus.pk,
        verb,
        confirmed,
        client_key=client_key,
        request_sha256=request,
        left_out=linking.left_out,
        touched=linking.touched,
        starts=to_start(linking.opened.reviews[one.article.pk] for one in confirmed) if len(confirmed) == 1 else [],
    )
    linking.changes.write(decision)
    return decision


@dataclass
class Linking:
    """Spans of a corpus with their links, under the locks of their articles and of the registry."""

    opened: OpenArticles
    changes: RegistryChanges
    spans: Mapping[int, Span]
    links: Mapping[int, list[Link]]
    surfaces: Mapping[tuple[int, int, int], str]
    weeks: Mapping[int, date]
    labels: Mapping[str, Label]
    left_out: list[dict[str, Any]] = field(default_factory=list)
    touched: set[int] = field(default_factory=set)
    # Why choices are out of date, by span.
    stale: dict[int, Stale] = field(default_factory=dict)
    # Spans that were linked by this decision.
    linked: set[int] = field(default_factory=set)
    _new: dict[NewEntity, int] = field(default_factory=dict)

    @classmethod
    def open(cls, corpus: Corpus, span_ids: Sequence[int]) -> "Linking":
        """Lock the articles of these spans, then the registry, and read both. Unknown spans are missing."""
        known = [pk for pk in span_ids if 0 < pk <= MAX_ID]
        rows = Span.objects.filter(pk__in=known, corpus=corpus, layer=MAIN_LAYER)
        places = list(rows.order_by("article_id", "pk").values_list("article_id", "pk"))
        named = ((article, Choice(Verb.CONFIRM, span)) for article, span in places)
        opened = open_articles(corpus.pk, [article for article, _ in places], named)
        spans = {
            span: change_set.spans[span]
            for article, span in places
            if (change_set := opened.change_sets.get(article)) and span in change_set.spans
        }
        return cls._of(corpus.pk, opened, spans)

    @classmethod
    def decided(cls, decision: Decision, span_ids: Sequence[int]) -> "Linking":
        """Spans of a decision that is being made, which has locked their articles. Only confirmed ones are there."""
        rows = Span.objects.filter(pk__in=span_ids, corpus=decision.corpus_id, layer=MAIN_LAYER, state=State.CONFIRMED)
        spans = {span.pk: span for span in rows}
        return cls._of(decision.corpus_id, OpenArticles({}, {}, {}), spans)

    @classmethod
    def _of(cls, corpus_id: int, opened: OpenArticles, spans: Mapping[int, Span]) -> "Linking":
        lock_registry(corpus_id)
        links: dict[int, list[Link]] = {}
        for link in Link.objects.filter(span__in=list(spans)).select_related("entity__label"):
            links.setdefault(link.span_id or 0, []).append(link)
        return cls(
            opened,
            RegistryChanges(corpus_id),
            spans,
            links,
            surfaces_at((span.article_id, span.start, span.end) for span in spans.values()) if spans else {},
            article_weeks({span.article_id for span in spans.values()}),
            {label.name: label for label in Label.objects.filter(corpus=corpus_id)},
        )

    def current(self, span: int) -> Link | None:
        """The link of a span that is not rejected."""
        return next((link for link in self.links.get(span, ()) if link.state != State.REJECTED), None)

    def is_decided(self, span: int, entity: int) -> bool:
        """Whether a person linked the span, or said that it is not this entity."""
        links = self.links.get(span, ())
        return any(
            link.state == State.CONFIRMED or (link.state, link.entity_id) == (State.REJECTED, entity) for link in links
        )

    def apply(self, choice: LinkChoice, position: int) -> None:
        """Apply a choice, or leave it out with the reason."""
        entity_id = self._entity(choice, f"links[{position}].entity")
        reason = self._obstacle(choice)
        if reason is None:
            entity_id = self._new_entity(choice.new, f"links[{position}].new") if choice.new else entity_id
            assert entity_id is not None
            unlink = choice.verb == Verb.UNLINK
            reason = self.reject(choice.span, entity_id) if unlink else self.link(choice.span, entity_id)
        if reason:
            self.left_out.append({"item": position, "span": choice.span, "reason": reason})

    def _entity(self, choice: LinkChoice, field: str) -> int | None:
        return self.changes.entity(choice.entity, field=field).pk if choice.entity is not None else None

    def _new_entity(self, new: NewEntity, field: str) -> int:
        if new not in self._new:
            label = checked_label(self.labels.get(new.label), new.label, field=f"{field}.label")
            name = checked_name(new.name, field=f"{field}.name")
            description = checked_description(new.description, field=f"{field}.description")
            entity = self.changes.create(name=name, label_id=label.pk, description=description)
            self._new[new] = entity.pk
        return self._new[new]

    def _obstacle(self, choice: LinkChoice) -> str | None:
        """Why a choice cannot be applied, or None."""
        span = self.spans.get(choice.span)
        if span is None:
            return f"there is no span {choice.span} in this corpus: it may no longer be suggested"
        if span.state == State.REJECTED:
            return f"span {choice.span} is rejected: confirm it first"
        if self._family(span) == Label.Family.NUMBERS and choice.verb == Verb.LINK:
            return f"span {choice.span} is a number or a time, which is no entity: give it another label first"
        link = self.current(choice.span)
        seen = link is not None and link.revision == choice.revision and choice.link in (None, link.pk)
        if link is not None and link.state == State.CONFIRMED and not seen:
            stale = _stale(link)
            self.stale.setdefault(choice.span, stale)
            return stale.detail
        if choice.verb == Verb.LINK and self._is_done(span) and span.state == State.SUGGESTED:
            return f"article {span.article_id} is done, and span {span.pk} only suggested: reopen the article"
        return None

    def _family(self, span: Span) -> str:
        return next((label.family for label in self.labels.values() if label.pk == span.label_id), "")

    def _is_done(self, span: Span) -> bool:
        return self.opened.reviews[span.article_id].stage == Stage.DONE

    def link(self, span_id: int, entity_id: int, verb: Verb = Verb.LINK, *, implicit: bool = False) -> str | None:
        """Link a span to an entity; a reason if it already is."""
        span, current = self.spans[span_id], self.current(span_id)
        if current is not None and current.entity_id == entity_id and current.state == State.CONFIRMED:
            return f"it is already linked to entity {entity_id}"
        entity = self.changes.entity(entity_id)
        self.changes.confirm(entity, verb)
        name = surface_name(self.surfaces[span.article_id, span.start, span.end])
        alias = self.changes.alias(entity, name, verb) if name else None
        if current is not None and current.entity_id != entity_id:
            self.changes.change_link(current, verb, implicit=True, state=State.REJECTED, **_place(span))
        own = next((link for link in self.links.get(span_id, ()) if link.entity_id == entity_id), None)
        values: dict[str, Any] = {"state": State.CONFIRMED, "score": None, "pipeline_id": None, "alias": alias}
        if own is not None:
            self.changes.change_link(own, verb, implicit=implicit, **values, start=None, end=None)
        else:
            own = self._add(span, entity_id, verb, implicit, **values)
        self.touched.add(span.article_id)
        self.linked.add(span_id)
        if span.state == State.SUGGESTED:
            self.opened.change_sets[span.article_id].update(span, Verb.CONFIRM, state=State.CONFIRMED)
        return None

    def reject(self, span_id: int, entity_id: int) -> str | None:
        """Say that a span is not this entity; a reason if that is known."""
        span = self.spans[span_id]
        own = next((link for link in self.links.get(span_id, ()) if link.entity_id == entity_id), None)
        if own is not None and own.state == State.REJECTED:
            return f"it is already said not to be entity {entity_id}"
        if own is not None:
            self.changes.change_link(own, Verb.UNLINK, state=State.REJECTED, **_place(span))
        else:
            self._add(span, entity_id, Verb.UNLINK, False, state=State.REJECTED, **_place(span))
        self.touched.add(span.article_id)
        return None

    def _add(self, span: Span, entity_id: int, verb: Verb, implicit: bool, **values: Any) -> Link:
        link = Link(
            corpus_id=span.corpus_id, article_id=span.article_id, span_id=span.pk, entity_id=entity_id,
            week=self.weeks[span.article_id], **values,
        )  # fmt: skip
        return self.changes.add_link(link, verb, implicit=implicit)


def _place(span: Span) -> dict[str, Any]:
    return {"start": span.start, "end": span.end}


def _stale(link: Link) -> Stale:
    """The refusal of a choice whose link another person decided since."""
    newest = LinkChange.objects.filter(link_id=link.pk).order_by("-id").select_related("decision__user").first()
    by = f" by {newest.decision.user}" if newest else ""
    return Stale(
        f"its link was decided in the meantime{by}: it is {link.entity.name} (entity {link.entity_id})",
        current=link,
        by=str(newest.decision.user) if newest else "",
        at=newest.decision.created_at if newest else None,
    )


def require_label(corpus: Corpus, name: str, *, field: str = "label") -> Label:
    """The label of a new entity. Refuses an unknown or hidden one, and those of numbers and times."""
    return checked_label(Label.objects.filter(corpus=corpus, name=name).first(), name, field=field)


def checked_label(label: Label | None, name: str, *, field: str) -> Label:
    if label is None or label.hidden:
        raise NotFound(f"the corpus has no label {name[:80]!r}: choose one of its labels", field=field)
    if label.family == Label.Family.NUMBERS:
        raise Invalid(f"{name} is a label of numbers and times, which are no entities: choose another", field=field)
    return label
