"""Fill a synthetic corpus with entities, and link the names of its articles to them, by COPY."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from functools import lru_cache

from django.db import connection, transaction

from annotations.entities.actions.registry import keys_of
from annotations.entities.actions.write_links import linker_pipeline
from annotations.linkers.names import alias_key
from annotations.review.models import Label
from corpusapp.articles.models import Corpus
from corpusapp.core.copying import copying

_CHUNK = 10_000
_SYLLABLES = (
    "ba", "del", "dor", "fen", "gar", "hal", "ir", "ka", "kov", "len", "lu", "mar", "mi", "nor", "or", "pel", "ra",
    "ro", "sal", "sto", "ta", "tem", "ul", "va", "ver", "vi", "wen", "yar", "za", "zor",
)  # fmt: skip
_BODIES = ("Council", "Institute", "Company", "Committee", "Union", "Bank", "University", "Agency")
_LABELS = ("PERSON", "GPE", "ORG", "PERSON")
# One in so many mentions uses a short form, and one in so many is left unlinked.
_SHORT, _UNLINKED = 5, 50
# One in so many entities has a possible duplicate.
_DUPLICATE = 100


@lru_cache(maxsize=200_000)
def entity_names(number: int) -> tuple[str, str, str]:
    """The label, the name and a short form of an entity. Surnames and short forms are those of several."""
    label, word = _LABELS[number % 4], _word(number // 4 % 5000)
    if label == "PERSON":
        return label, f"{_word(number // 20_000 * 37 + number % 200 + 31)} {word}", word
    other = _word(number // 20_000 * 53 + 11)
    if label == "ORG":
        return label, f"{word} {other} {_BODIES[number % len(_BODIES)]}", f"{word} {_BODIES[number % len(_BODIES)]}"
    return label, word if number < 20_000 else f"{word} {other}", word


def _word(number: int) -> str:
    number += len(_SYLLABLES)
    found = ""
    while number:
        number, rest = divmod(number, len(_SYLLABLES))
        found += _SYLLABLES[rest]
    return found.capitalize()


def choose_mention(entities: int, chance: random.Random) -> tuple[int, str, str]:
    """An entity, the first being the most frequent by far, with the surface of a mention and its label."""
    number = int(entities * chance.random() ** 3)
    label, name, short = entity_names(number)
    return number, name if chance.randrange(_SHORT) else short, label


@transaction.atomic
def fill_entities(*, corpus: Corpus, count: int) -> list[int]:
    """Store so many entities with their aliases; returns their ids."""
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    pipeline, ids = linker_pipeline(), _new_ids("entities_entity", count)
    columns = "id, corpus_id, name, label_id, description, state, pipeline_id"
    with copying(f"COPY entities_entity ({columns}) FROM STDIN") as copy:
        for number, pk in enumerate(ids):
            label, name, _ = entity_names(number)
            copy.write_row((pk, corpus.pk, name, labels[label], "", "suggested", pipeline))
    for first in range(0, count, _CHUNK):
        _store_aliases(corpus, ids, range(first, min(first + _CHUNK, count)))
    _store_duplicates(corpus, ids)
    return ids


def _store_aliases(corpus: Corpus, ids: Sequence[int], numbers: Sequence[int]) -> None:
    names = [
        (number, label, name)
        for number in numbers
        for label, *names in [entity_names(number)]
        for name in dict.fromkeys(names)
    ]
    alias_ids = _new_ids("entities_alias", len(names))
    columns = "id, corpus_id, entity_id, name, script, origin, state"
    with copying(f"COPY entities_alias ({columns}) FROM STDIN") as copy:
        for pk, (number, _, name) in zip(alias_ids, names, strict=True):
            copy.write_row((pk, corpus.pk, ids[number], name, "Latn", "mention", "suggested"))
    with copying("COPY entities_aliaskey (corpus_id, alias_id, key) FROM STDIN") as copy:
        for pk, (_, label, name) in zip(alias_ids, names, strict=True):
            for key in keys_of(name, label):
                copy.write_row((corpus.pk, pk, key))


def _store_duplicates(corpus: Corpus, ids: Sequence[int]) -> None:
    columns = "corpus_id, first_id, second_id, score, evidence, saves"
    with copying(f"COPY entities_possibleduplicate ({columns}) FROM STDIN") as copy:
        for number in range(0, len(ids) - 1, _DUPLICATE):
            copy.write_row((corpus.pk, ids[number], ids[number + 1], 0.5, "[]", len(ids) - number))


def collect_links() -> None:
    """Make the table in which `link_mentions` collects links: they are counted by entity when they are stored."""
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS synthetic_links")
        cursor.execute(_COLLECTED)


@transaction.atomic
def store_links(*, corpus: Corpus) -> None:
    """Store the links that `link_mentions` collected."""
    with connection.cursor() as cursor:
        cursor.execute(_STORE_LINKS, {"corpus": corpus.pk, "pipeline": linker_pipeline()})
        cursor.execute("DROP TABLE synthetic_links")


def link_mentions(*, corpus: Corpus, ids: Sequence[int], mentions: Sequence[tuple[int, int, int, str, date]]) -> None:
    """Link spans, given as (article, start, number of the entity, surface, day of the article). Some are left out."""
    with connection.cursor() as cursor:
        cursor.execute(_SPANS, [sorted({row[0] for row in mentions})])
        spans = {(article, start): span for span, article, start in cursor.fetchall()}
        cursor.execute(_ALIASES, [sorted({ids[row[2]] for row in mentions})])
        aliases = {(entity, name): pk for pk, entity, name in cursor.fetchall()}
    left = mentions[::_UNLINKED]
    linked = [row for position, row in enumerate(mentions) if position % _UNLINKED]
    with copying("COPY synthetic_links FROM STDIN") as copy:
        for article, start, number, surface, day in linked:
            alias = aliases[ids[number], surface]
            week = day - timedelta(days=day.weekday())
            copy.write_row((article, spans[article, start], ids[number], alias, week))
    with copying("COPY entities_unlinked (span_id, corpus_id, article_id, key, reason, candidates) FROM STDIN") as copy:
        for article, start, number, surface, _ in left:
            reason = "ambiguous" if number % 2 else "unknown"
            copy.write_row((spans[article, start], corpus.pk, article, alias_key(surface), reason, [ids[number]]))


def _new_ids(table: str, count: int) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)", [table, count])
        return [row[0] for row in cursor.fetchall()]


_SPANS = "SELECT id, article_id, start FROM review_span WHERE article_id = ANY (%s::bigint[])"
_ALIASES = "SELECT id, entity_id, name FROM entities_alias WHERE entity_id = ANY (%s::bigint[])"
_COLLECTED = """
    CREATE TEMPORARY TABLE synthetic_links (article bigint, span bigint, entity bigint, alias bigint, week date)
"""
_STORE_LINKS = """
    INSERT INTO entities_link (corpus_id, article_id, span_id, entity_id, alias_id, state, score, pipeline_id, week)
    SELECT %(corpus)s, article, span, entity, alias, 'suggested', 0.9, %(pipeline)s, week FROM synthetic_links
"""
