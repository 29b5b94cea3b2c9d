"""Which drafts of a chunk are stored: duplicates and new versions are found under the corpus's import lock.

With an upsert, drafts of known articles are found too.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Q

from corpusapp.articles.models import Article, ImportBatch
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft, Failure

# How the reason of an item begins that names two articles.
AMBIGUOUS = "its external_id and its url name two articles"


@dataclass
class Outcome:
    """The result of a chunk. `added` includes new versions; `changed` counts only these.

    `updates` are the drafts of known articles, of an upsert; `updated` those of them that changed something, each with
    the fields.
    """

    added: int = 0
    changed: int = 0
    updates: list[tuple["New", "int | New"]] = field(default_factory=list)
    updated: list[tuple[Draft, int, list[str]]] = field(default_factory=list)
    duplicates: list[tuple[Draft, "int | New"]] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)


@dataclass(eq=False)
class New:
    """A draft to be stored, with its hashes and its version."""

    completed: Completed
    text_sha256: bytes
    url_sha256: bytes | None
    version: int = 1
    previous: "int | New | None" = None
    pk: int = 0
    copy_group: int | None = None

    @property
    def draft(self) -> Draft:
        return self.completed.draft


def sha256(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def deduplicated(
    batch: ImportBatch, completed: Sequence[Completed], outcome: Outcome
) -> tuple[list[New], Sequence[Completed]]:
    """The drafts to store, without duplicates and with versions, also within the chunk itself.

    And the rest of the drafts, for which this has to be written first: an update takes away a name that they have.
    """
    rows = [New(one, sha256(one.draft.text), sha256(one.draft.url) if one.draft.url else None) for one in completed]
    articles = Article.objects.filter(corpus_id=batch.corpus_id)
    known = _known_texts(articles, rows)
    latest = _latest_versions(articles, rows)
    upsert = Upsert(articles, rows, known, latest) if batch.options.get("upsert") else None
    kept: list[New] = []
    for number, row in enumerate(rows):
        if upsert and (refused := upsert.refuse(row)):
            outcome.failures.append(refused)
            continue
        hashes = [row.text_sha256, row.completed.content_sha256]
        duplicate_of = next((known[found] for found in hashes if found in known), None)
        if duplicate_of is not None and upsert and upsert.takes(row, duplicate_of):
            outcome.updates.append((row, duplicate_of))
            if upsert.is_needed_after(number):
                break
            continue
        if duplicate_of is not None:
            outcome.duplicates.append((row.draft, duplicate_of))
            continue
        known |= {found: row for found in hashes if found}
        _set_version(row, latest, outcome)
        kept.append(row)
    outcome.added += len(kept)
    return kept, completed[number + 1 :]


class Upsert:
    """Which drafts of a chunk are of known articles, by their external IDs and URLs.

    A draft whose text is known belongs to the article if it names the article, or names none and the article has no
    other name of that kind.
    """

    def __init__(
        self,
        articles: Any,
        rows: Sequence[New],
        known: dict[bytes | None, "int | New"],
        latest: dict[Any, tuple[int, "int | New"]],
    ) -> None:
        self._latest = latest
        self._removed: set[tuple[str, Any]] = set()
        ids = [pk for pk in known.values() if isinstance(pk, int)]
        # Withdrawn articles are not updated.
        found = articles.filter(pk__in=ids, withdrawn_at=None).values_list("pk", "external_id", "url", "version")
        self._names: dict[int | New, _Names] = {pk: _Names(*names) for pk, *names in found}
        self._last_named = {key: number for number, row in enumerate(rows) for key in keys_of(row)}

    def refuse(self, row: New) -> Failure | None:
        """The failure of a draft whose external ID and URL name two articles."""
        found = dict(self._named(row))
        return _ambiguity(row.draft, found.get("id"), found.get("url"))

    def takes(self, row: New, article: "int | New") -> bool:
        """Whether a draft with the text of this article updates it. The article has the draft's names then."""
        now = self._names_of(article)
        if now is None:
            return False
        named = [found for _, found in self._named(row)]
        if not (article in named if named else now.allows(row)):
            return False
        self._names[article] = now.changed(row.draft)
        self._removed = set(now.keys()) - set(self._names[article].keys())
        for key in keys_of(row):
            if key not in self._latest or self._latest[key][0] <= now.version:
                self._latest[key] = (now.version, article)
        return True

    def is_needed_after(self, number: int) -> bool:
        """Whether the last update took away a name that a draft after this one has."""
        return any(self._last_named.get(key, -1) > number for key in self._removed)

    def _named(self, row: New) -> Iterator[tuple[str, "int | New"]]:
        return ((key[0], self._latest[key][1]) for key in keys_of(row) if key in self._latest)

    def _names_of(self, article: "int | New") -> "_Names | None":
        if article not in self._names and isinstance(article, New):
            self._names[article] = _Names(article.draft.external_id, article.draft.url, article.version)
        return self._names.get(article)


class _Names(NamedTuple):
    """The names of an article, and its version."""

    external_id: str
    url: str
    version: int

    def allows(self, row: New) -> bool:
        """Whether an unknown name can become one of these."""
        given = (row.draft.external_id, self.external_id), (row.draft.url, self.url)
        return bool(keys_of(row)) and all(not name or not own or name == own for name, own in given)

    def changed(self, draft: Draft) -> "_Names":
        """The names after an update by this draft."""
        named = draft.named_fields() & {"external_id", "url"}
        return self._replace(**{name: getattr(draft, name) for name in named})

    def keys(self) -> list[tuple[str, Any]]:
        return _keys(self.external_id, sha256(self.url) if self.url else None)


def keys_of(row: New) -> list[tuple[str, Any]]:
    """The names by which `_latest_versions` knows articles."""
    return _keys(row.draft.external_id, row.url_sha256)


def _keys(external_id: str, url_sha256: bytes | None) -> list[tuple[str, Any]]:
    return [key for key in (("id", external_id), ("url", url_sha256)) if key[1]]


def _known_texts(articles: Any, rows: Iterable[New]) -> dict[bytes | None, "int | New"]:
    """Existing articles by the hash of their text and by the hash of their words."""
    texts = [row.text_sha256 for row in rows]
    contents = [row.completed.content_sha256 for row in rows if row.completed.content_sha256]
    same = articles.filter(Q(text_sha256__any_of=texts) | Q(content_sha256__any_of=contents))
    known: dict[bytes | None, int | New] = {}
    for pk, text, content in same.values_list("pk", "text_sha256", "content_sha256"):
        known[bytes(text)] = pk
        if content is not None:
            known[bytes(content)] = pk
    return known


def _set_version(row: New, latest: dict[Any, tuple[int, "int | New"]], outcome: Outcome) -> None:
    """A text with the external id or URL of an existing article becomes its next version."""
    keys = keys_of(row)
    earlier = [latest[key] for key in keys if key in latest]
    if earlier:
        row.version = max(version for version, _ in earlier) + 1
        row.previous = earlier[0][1]
        outcome.changed += 1
    latest |= dict.fromkeys(keys, (row.version, row))


def _latest_versions(articles: Any, rows: Sequence[New]) -> dict[Any, tuple[int, "int | New"]]:
    """(highest version, its article) by external id and by URL."""
    latest: dict[Any, tuple[int, int | New]] = {}
    if ids := list({row.draft.external_id for row in rows} - {""}):
        by_id = articles.filter(external_id__any_of=ids).exclude(external_id="").order_by("version")
        for external_id, version, pk in by_id.values_list("external_id", "version", "pk"):
            latest["id", external_id] = (version, pk)
    if urls := [row.url_sha256 for row in rows if row.url_sha256]:
        by_url = articles.filter(url_sha256__any_of=urls).order_by("version")
        for url, version, pk in by_url.values_list("url_sha256", "version", "pk"):
            latest["url", bytes(url)] = (version, pk)
    return latest


def _ambiguity(draft: Draft, by_external_id: "int | New | None", by_url: "int | New | None") -> Failure | None:
    """The failure of a draft whose names are of two articles, or None."""
    if by_external_id is None or by_url is None or by_external_id == by_url:
        return None
    first, second = _oldest(by_external_id), _oldest(by_url)
    if first == second:
        return None
    reason = f"{AMBIGUOUS}, {_name(by_external_id)} and {_name(by_url)}: nothing was done; send one of the two"
    return Failure(draft.item, draft.line, reason, "external_id", draft.form, draft.raw)


def _oldest(article: "int | New") -> "int | New":
    """The first version of an article: the id of one that is stored, else the row."""
    while not isinstance(article, int):
        if article.previous is None:
            return article
        article = article.previous
    with connection.cursor() as cursor:
        cursor.execute(_FIRST_VERSION, [article])
        return cursor.fetchone()[0]


def _name(article: "int | New") -> str:
    return f"article {article}" if isinstance(article, int) else "one that comes in with it"


_FIRST_VERSION = """
    WITH RECURSIVE version AS (
        SELECT id, previous_id FROM articles_article WHERE id = %s
        UNION ALL
        SELECT a.id, a.previous_id FROM version v JOIN articles_article a ON a.id = v.previous_id
    )
    SELECT id FROM version WHERE previous_id IS NULL
"""
