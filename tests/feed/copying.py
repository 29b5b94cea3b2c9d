"""A client that follows the change feed, and the contents of the database in the same form."""

from typing import Any

from annotations.entities.models import Entity, Link
from annotations.review.models import Label, Review, Span
from corpusapp.articles.models import Article
from tests.api.client import Rest


class Follower:
    """Keeps a copy of what its token can see, from events only."""

    def __init__(self, client: Rest, **query: Any) -> None:
        self._client, self._query = client, query
        self.cursor = ""
        self.cursors: list[str] = []
        self.articles: dict[int, dict[str, Any]] = {}
        self.labels: dict[tuple[str, str], dict[str, Any]] = {}
        self.entities: dict[tuple[str, int], dict[str, Any]] = {}
        self._corpora: dict[int, str] = {}

    def follow(self) -> None:
        """Read until there is nothing new."""
        while self.step():
            pass

    def step(self) -> bool:
        """Read a page. Returns whether it had events, or there may be more."""
        answer = self._client.get("changes/", after=self.cursor, **self._query)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        for event in page["results"]:
            self.cursors.append(event["cursor"])
            self._apply(event)
        self.cursor = page["cursor"]
        return bool(page["results"]) or page["more"]

    def _apply(self, event: dict[str, Any]) -> None:
        kind, pk = event["type"], event["article"]
        if kind == "label" and "withheld" not in event:
            self.labels[event["corpus"], event["label"]["name"]] = event["label"]
        elif kind == "entity" and "withheld" not in event:
            entity = event["entity"]
            self.entities[event["corpus"], entity["id"]] = entity
            if entity["state"] == "suggested":
                del self.entities[event["corpus"], entity["id"]]
        elif kind in ("article.withdrawn", "article.erased"):
            self.articles.pop(pk, None)
        elif kind in ("corpus.withdrawn", "corpus.erased"):
            self._forget(event["corpus"])
        elif "withheld" in event or kind == "corpus.restored":
            return
        elif kind in ("article.added", "article.version", "article.restored"):
            stage = event.get("stage", "new")
            self._corpora[pk] = event["corpus"]
            self.articles[pk] = {**event["about"], "zones": _zones(event["zones"]), "stage": stage, "spans": {}}
            self.articles[pk]["links"] = {}
        elif pk in self.articles:
            self._change(self.articles[pk], event)

    def _forget(self, corpus: str) -> None:
        self.labels = {key: label for key, label in self.labels.items() if key[0] != corpus}
        self.entities = {key: entity for key, entity in self.entities.items() if key[0] != corpus}
        self.articles = {pk: article for pk, article in self.articles.items() if self._corpora[pk] != corpus}

    def _change(self, article: dict[str, Any], event: dict[str, Any]) -> None:
        if event["type"] == "article.stage":
            article["stage"] = event["stage"]
        elif event["type"] == "article.zones":
            article["zones"] = _zones(event["zones"])
        elif event["type"] == "article.metadata":
            article |= event["about"]
        elif event["type"] == "link":
            link = event["link"]
            article["links"].pop(link["id"], None)
            if link["state"] in ("confirmed", "rejected"):
                article["links"][link["id"]] = link
        elif event["span"]["state"] in ("confirmed", "rejected"):
            article["spans"][event["span"]["id"]] = event["span"]
        else:
            article["spans"].pop(event["span"]["id"], None)
            if event["span"]["state"] == "gone":
                # A span takes its links along, but not what was said that it is not.
                gone = {pk for pk, link in article["links"].items() if _is_of(link, event["span"]["id"])}
                article["links"] = {pk: link for pk, link in article["links"].items() if pk not in gone}


def _is_of(link: dict[str, Any], span: int) -> bool:
    return link["span"] == span and link["state"] == "confirmed"


def held(*slugs: str) -> dict[int, dict[str, Any]]:
    """The articles of these corpora in the database."""
    articles = Article.objects.filter(corpus__slug__in=slugs, withdrawn_at=None)
    return {article.pk: _held(article) for article in articles}


def held_labels(*slugs: str) -> dict[tuple[str, str], dict[str, Any]]:
    columns = ("id", "name", "definition", "family", "position", "key", "examples", "hidden", "merged_into")
    labels = Label.objects.filter(corpus__slug__in=slugs).select_related("corpus")
    held = {(label.corpus.slug, label.name): {name: getattr(label, name) for name in columns} for label in labels}
    for label in held.values():
        label["merged_into"] = label["merged_into"] and label["merged_into"].pk
    return held


def held_entities(*slugs: str) -> dict[tuple[str, int], dict[str, Any]]:
    """The decided entities of these corpora in the database."""
    entities = Entity.objects.filter(corpus__slug__in=slugs).exclude(state="suggested")
    return {(one.corpus.slug, one.pk): _entity(one) for one in entities.select_related("corpus", "label")}


def _entity(entity: Entity) -> dict[str, Any]:
    identifiers: dict[str, list[str]] = {}
    for one in entity.identifiers.order_by("scheme", "value"):
        identifiers.setdefault(one.scheme, []).append(one.value)
    aliases = entity.aliases.exclude(origin="mention").exclude(state="rejected").order_by("name")
    columns = ("id", "name", "label_id", "description", "state", "revision")
    return {name: getattr(entity, name) for name in columns} | {
        "label": entity.label.name,
        "merged_into": entity.merged_into_id,
        "identifiers": identifiers,
        "aliases": sorted(aliases.values("name", "language", "script", "origin"), key=_name),
    }


def comparable(entities: dict[tuple[str, int], dict[str, Any]]) -> dict[tuple[str, int], dict[str, Any]]:
    """Entities with their aliases in one order: that of the database depends on its locale."""
    return {key: {**one, "aliases": sorted(one["aliases"], key=_name)} for key, one in entities.items()}


def _name(alias: dict[str, Any]) -> str:
    return alias["name"]


def _link(link: Link) -> dict[str, Any]:
    columns = ("id", "entity_id", "state", "revision", "span_id")
    return {name.removesuffix("_id"): getattr(link, name) for name in columns}


def _held(article: Article) -> dict[str, Any]:
    return {
        "external_id": article.external_id,
        "title": article.title,
        "url": article.url,
        "language": article.language,
        "length": article.length,
        "version": article.version,
        "previous": article.previous_id,
        "zones": _zones(article.zones.values("id", "start", "end", "kind")),
        "stage": Review.objects.get(article=article).stage,
        "spans": {span.pk: _span(span, article.text) for span in Span.objects.decided().filter(article=article)},
        "links": {link.pk: _link(link) for link in Link.objects.filter(article=article).exclude(state="suggested")},
    }


def _zones(zones: Any) -> list[tuple[Any, ...]]:
    return sorted((zone["start"], zone["end"], zone["kind"], zone["id"]) for zone in zones)


def _span(span: Span, text: str) -> dict[str, Any]:
    return {
        "id": span.pk,
        "start": span.start,
        "end": span.end,
        "label": span.label.name,
        "text": text[span.start : span.end],
        "state": span.state,
        "revision": span.revision,
        "label_id": span.label_id,
    }
