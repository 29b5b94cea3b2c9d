"""Upserts: a record of a known article replaces its metadata. The text never changes: another text is a new version."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.db import connection

from corpusapp.articles.models import Article
from corpusapp.articles.ports import subscribers
from corpusapp.articles.search import vectors
from corpusapp.intake.complete import Completed
from corpusapp.intake.draft import Draft

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_COLUMNS = {
    "title": "text", "url": "text", "url_sha256": "bytea", "external_id": "text", "author": "text",
    "published_on": "date", "published_precision": "text", "published_evidence": "jsonb", "language": "text",
    "metadata": "jsonb", "source_id": "bigint",
}  # fmt: skip
_SEARCHED = {"title", "language"}
# How many texts are read at a time.
_TEXTS = 20


@dataclass(frozen=True)
class Update:
    """A draft of a known text, and what of it may be new."""

    completed: Completed
    url_sha256: bytes | None
    article: int

    @property
    def draft(self) -> Draft:
        return self.completed.draft

    def columns(self, stored: Article, sources: Mapping[str, int]) -> Iterator[tuple[str, str, Any]]:
        """(field of a record, column, value) of each field that the draft names."""
        draft, completed = self.draft, self.completed
        named = draft.named_fields()
        for name in ("title", "external_id", "language"):
            if name in named:
                yield name, name, getattr(draft, name)
        if "url" in named:
            yield "url", "url", draft.url
            yield "url", "url_sha256", self.url_sha256
        if "source" in named:
            yield "source", "source_id", sources.get(draft.source)
        if "published_on" in named:
            yield "published_on", "published_on", draft.published_on
            yield "published_on", "published_precision", completed.published_precision
            yield "published_on", "published_evidence", completed.published_evidence
        if "metadata" in named:
            merged = _merged(stored.metadata, draft.metadata)
            yield "metadata", "metadata", merged
            if "author" in draft.metadata or not draft.metadata:
                yield "metadata", "author", completed.author


def _merged(stored: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of both, those of `given` first; null removes a key, and no keys at all remove all."""
    return {key: value for key, value in {**stored, **given}.items() if value is not None} if given else {}


def apply_updates(
    *, user: "User", corpus_id: int, updates: Sequence[Update], sources: Mapping[str, int]
) -> list[tuple[Update, list[str]]]:
    """Write what is new, in order, and notify the subscribers: each update with the fields that it changed.

    One of a withdrawn article changes nothing. The caller holds the corpus's import lock.
    """
    wanted = {update.article for update in updates}
    rows = Article.objects.select_for_update(no_key=True).filter(pk__in=wanted, withdrawn_at=None, corpus=corpus_id)
    stored = {article.pk: article for article in rows.order_by("pk").defer("text", "search_vector")}
    results: list[tuple[Update, list[str]]] = []
    changed: dict[int, set[str]] = {}
    for update in updates:
        article = stored.get(update.article)
        fields = _set_columns(article, update, sources) if article is not None else []
        results.append((update, fields))
        if fields:
            changed.setdefault(update.article, set()).update(fields)
    if changed:
        searched_anew = {pk for pk, fields in changed.items() if fields & _SEARCHED}
        _write([stored[pk] for pk in sorted(changed)], searched_anew)
        for subscriber in subscribers():
            subscriber.metadata_changed(user=user, corpus_id=corpus_id, article_ids=sorted(changed))
    return results


def _set_columns(article: Article, update: Update, sources: Mapping[str, int]) -> list[str]:
    """Set what differs; the fields of the record that do."""
    differing: dict[str, None] = {}
    for name, column, value in list(update.columns(article, sources)):
        before = getattr(article, column)
        if (bytes(before) if isinstance(before, memoryview) else before) != value:
            setattr(article, column, value)
            differing[name] = None
    return list(differing)


def _write(articles: Sequence[Article], searched_anew: Collection[int]) -> None:
    """Write the columns, and make some search vectors anew, a few texts at a time: they may be long."""
    _write_rows([article for article in articles if article.pk not in searched_anew], {})
    others = [article for article in articles if article.pk in searched_anew]
    for part in (others[at : at + _TEXTS] for at in range(0, len(others), _TEXTS)):
        ids = [article.pk for article in part]
        texts = dict(Article.objects.filter(pk__in=ids).order_by().values_list("pk", "text"))
        made = vectors([(article.title, texts[article.pk], article.language) for article in part])
        _write_rows(part, dict(zip(ids, made, strict=True)))


def _write_rows(articles: Sequence[Article], search_vectors: Mapping[int, str]) -> None:
    if not articles:
        return
    values: list[list[Any]] = [[article.pk for article in articles]]
    for column, kind in _COLUMNS.items():
        found = [getattr(article, column) for article in articles]
        values.append([json.dumps(value) for value in found] if kind == "jsonb" else found)
    values.append([search_vectors.get(article.pk) for article in articles])
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, values)


_GIVEN = ", ".join(f"%s::{'text' if kind == 'jsonb' else kind}[]" for kind in _COLUMNS.values())
_WRITE = f"""
    UPDATE articles_article a SET {", ".join(f"{column} = v.{column}::{kind}" for column, kind in _COLUMNS.items())},
        search_vector = coalesce(v.search_vector::tsvector, a.search_vector)
    FROM unnest(%s::bigint[], {_GIVEN}, %s::text[]) AS v (id, {", ".join(_COLUMNS)}, search_vector) WHERE a.id = v.id
"""
