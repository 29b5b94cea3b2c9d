"""The entities of a corpus: who and what the names in its articles are."""

import uuid
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, cast

from .adding import pages
from .deciding import Outcome, apply_in_chunks
from .records import Entity, EntityDecision, LinkChoice, Mention
from .transport import KEY, Transport

_PAGE = 200
Identifiers = Mapping[str, Sequence[str]]


class Entities:
    """The entities of one corpus; iterating over it yields them, the most mentioned first.

    What changes an entity takes its record as it was read, whose revision it names: `Stale` is raised if it changed
    since.
    """

    def __init__(self, http: Transport, slug: str) -> None:
        self._http, self._slug = http, slug
        self._home = f"corpora/{slug}/"

    def __repr__(self) -> str:
        return f"<Entities of {self._slug}>"

    # Reading

    def __iter__(self) -> Iterator[Entity]:
        return self.find()

    def find(self, search: str | None = None, **filters: Any) -> Iterator[Entity]:
        """The entities with a name like `search`, in any spelling, or all; page by page.

        Filters: `label`, `state`, `scheme`, `identifier`, `ids`, `order` (`"-mentions"`, `"name"` or `"-id"`) and
        `fields`, of which `aliases` is answered only if it is named.
        """
        return pages(self._http, f"{self._home}entities/", {"limit": _PAGE, "search": search, **filters})

    def get(self, id: int, *, follow: bool = False) -> Entity:
        """An entity with its names. With `follow`, of a merged one the entity that it was merged into."""
        entity = cast("Entity", self._http.get(f"entities/{id}/"))
        merged = entity["merged_into"] if follow else None
        return self.get(merged["id"]) if merged else entity

    def mentions(self, entity: Entity, **filters: Any) -> Iterator[Mention]:
        """The spans that are linked to an entity, in context. Filters: `state`, `alias`, and days of publication."""
        return pages(self._http, f"{_path(entity)}mentions/", {"limit": _PAGE, **filters})

    def history(self, entity: Entity) -> Iterator[dict[str, Any]]:
        """The changes of an entity, newest first."""
        return pages(self._http, f"{_path(entity)}history/", {"limit": _PAGE})

    def possible_duplicates(self) -> Iterator[dict[str, Any]]:
        """The pairs of entities that may be one, those that bring most mentions together first."""
        return pages(self._http, f"{self._home}possible-duplicates/", {"limit": _PAGE})

    def unlinked(self, queue: str = "unlinked") -> Iterator[dict[str, Any]]:
        """The names whose mentions have no entity, the most frequent first; `"ambiguous"` ones are apart."""
        return pages(self._http, f"{self._home}unlinked/", {"limit": _PAGE, "queue": queue})

    # Writing

    def create(
        self,
        name: str,
        label: str,
        *,
        description: str = "",
        aliases: Iterable[str] = (),
        identifiers: Identifiers | None = None,
    ) -> Entity:
        """Create an entity. `identifiers` are those in other databases: `{"wikidata": ["Q3766"]}`."""
        body = {
            "name": name,
            "label": label,
            "description": description,
            "aliases": list(aliases),
            "identifiers": _lists(identifiers),
        }
        return cast("Entity", self._http.post(f"{self._home}entities/", body))

    def edit(
        self, entity: Entity, *, name: str | None = None, description: str | None = None, label: str | None = None
    ) -> Entity:
        """Rename an entity, describe it, or give it another label. Its former name stays an alias."""
        wanted = {"name": name, "description": description, "label": label}
        return self._change("PATCH", entity, "", {key: value for key, value in wanted.items() if value is not None})

    def add_alias(self, entity: Entity, name: str, *, language: str = "") -> Entity:
        return self._change("POST", entity, "aliases/", {"name": name, "language": language})

    def drop_alias(self, entity: Entity, name: str) -> Entity:
        return self._change("DELETE", entity, "aliases/", {"name": name})

    def identify(self, entity: Entity, add: Identifiers | None = None, *, drop: Identifiers | None = None) -> Entity:
        """Add and drop identifiers in other databases."""
        return self._change("POST", entity, "identifiers/", {"add": _lists(add), "drop": _lists(drop)})

    def merge(self, entity: Entity, into: Entity) -> EntityDecision:
        """Merge an entity into another one: its links and names move there, and its id leads there."""
        body = {"revision": entity["revision"], "into": into["id"], "into_revision": into["revision"]}
        return cast("EntityDecision", self._http.post(f"{_path(entity)}merge/", body))

    def split(
        self, entity: Entity, mentions: Iterable[Mention], *, name: str | None = None, into: Entity | None = None
    ) -> EntityDecision:
        """Move mentions of an entity to a new one, with this name, or to another one. The two are then different."""
        links = [{"link": mention["link"], "revision": mention["entity"]["revision"]} for mention in mentions]
        target: dict[str, Any] = {"into": into["id"]} if into else {"name": name}
        body = {"revision": entity["revision"], "links": links, **target}
        return cast("EntityDecision", self._http.post(f"{_path(entity)}split/", body))

    def distinguish(self, first: Entity, second: Entity) -> EntityDecision:
        """Say that two entities are different: they are never proposed as one."""
        body = {"first": first["id"], "second": second["id"]}
        return cast("EntityDecision", self._http.post(f"{self._home}distinct/", body))

    def link(self, links: Iterable[LinkChoice], *, all_or_none: bool = False) -> Outcome:
        """Link spans to entities, 1,000 in each request: `{"span", "entity"}`, or `"new"` in place of an entity.

        With `"verb": "unlink"`, the span is not that entity. The `revision` of the link that you saw is needed to
        change what a person decided; what changed since is left out, as by `Corpus.decide`.
        """
        return apply_in_chunks(
            self._http, f"{self._home}links/", links, lambda chunk: {"links": chunk}, all_or_none=all_or_none
        )

    def _change(self, method: str, entity: Entity, path: str, body: Mapping[str, Any]) -> Entity:
        """The entity after a change, which takes effect once."""
        sent = {"revision": entity["revision"], **body}
        headers = {KEY: str(uuid.uuid4())}
        return cast("Entity", self._http.send(method, f"{_path(entity)}{path}", headers=headers, json=sent).json())


def _path(entity: Entity) -> str:
    return f"entities/{entity['id']}/"


def _lists(identifiers: Identifiers | None) -> dict[str, list[str]]:
    return {scheme: list(values) for scheme, values in (identifiers or {}).items()}
