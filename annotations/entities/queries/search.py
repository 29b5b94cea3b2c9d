"""Find entities by a name in any spelling."""

from collections.abc import Collection
from typing import Any

from annotations.entities.models import STANDING
from annotations.linkers.names import alias_key, keys_to_find
from corpusapp.articles.models import Corpus
from corpusapp.core.prepared import planning_cursor

# A name is looked up as one of each kind: which keys it has depends on the label.
_KINDS = ("PERSON", "ORG", "GPE")
_FEWEST_LETTERS = 3
# After all characters. A range, since a kept plan for LIKE could not use the index.
_LAST = "\U0010ffff"
# Names that the third search may compare: the letters of a common one are in very many.
_MOST_COMPARED = 500


def search_entities(corpus: Corpus, words: str, limit: int = 20, *, labels: Collection[int] = ()) -> list[int]:
    """The ids of standing entities with a name like `words`, best first: the same name, in any spelling; then names
    that begin so; then names with these letters in them. The more often mentioned come first within each.

    `labels` are ids of the labels to search in, all if it is empty.
    """
    words = " ".join(words.replace("\0", " ").split())[:300]
    if not words or limit < 1:
        return []
    keys = list(dict.fromkeys(key for kind in _KINDS for key in keys_to_find(words, kind)))
    found = _rows(_BY_KEY, corpus, limit, labels, keys=keys)
    prefix = alias_key(words)
    # Keys of other kinds begin with a sign.
    if len(found) < limit and prefix[:1].isalnum():
        found += _rows(_BY_PREFIX, corpus, limit, labels, first=prefix, last=f"{prefix}{_LAST}")
    if len(set(found)) < limit and len(words) >= _FEWEST_LETTERS:
        found += _rows(_BY_LETTERS, corpus, limit, labels, pattern=f"%{_escaped(words)}%", most=_MOST_COMPARED)
    return list(dict.fromkeys(found))[:limit]


def _escaped(words: str) -> str:
    return words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def _rows(statement: str, corpus: Corpus, limit: int, labels: Collection[int], **values: Any) -> list[int]:
    with planning_cursor() as cursor:
        values |= {"corpus": corpus.pk, "limit": limit, "labels": list(labels), "states": list(STANDING)}
        cursor.execute(statement, values)
        return [row[0] for row in cursor.fetchall()]


_STANDING = """
    JOIN entities_entity e ON e.id = a.entity_id
    WHERE e.state = ANY (%(states)s::text[])
      AND (cardinality(%(labels)s::bigint[]) = 0 OR e.label_id = ANY (%(labels)s::bigint[]))
    GROUP BY e.id ORDER BY e.mentions DESC, e.id DESC LIMIT %(limit)s
"""
_BY_KEY = f"""
    SELECT e.id FROM (
        SELECT DISTINCT alias_id FROM entities_aliaskey
        WHERE corpus_id = %(corpus)s::bigint AND key = ANY (%(keys)s::text[])
    ) k JOIN entities_alias a ON a.id = k.alias_id AND a.state <> 'rejected' {_STANDING}
"""
_BY_PREFIX = f"""
    SELECT e.id FROM (
        SELECT alias_id FROM entities_aliaskey
        WHERE corpus_id = %(corpus)s::bigint AND key >= %(first)s::text AND key < %(last)s::text
        LIMIT 500
    ) k JOIN entities_alias a ON a.id = k.alias_id AND a.state <> 'rejected' {_STANDING}
"""
_BY_LETTERS = f"""
    SELECT e.id FROM (
        SELECT * FROM entities_alias WHERE corpus_id = %(corpus)s::bigint AND name ILIKE %(pattern)s::text
          AND state <> 'rejected'
        LIMIT %(most)s
    ) a {_STANDING}
"""
