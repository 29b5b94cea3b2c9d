"""Fill a corpus with synthetic news articles and suggestions by COPY, for benchmarks of any size."""

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction

from annotations.review.models import Label, Stage
from annotations.review.ports import notify_stage_moved
from annotations.suggestions.actions.fill_entities import choose_mention, collect_links, link_mentions, store_links
from annotations.suggestions.models import Pipeline
from corpusapp.articles import ports
from corpusapp.articles.actions.deduplicate import sha256
from corpusapp.articles.models import Corpus
from corpusapp.articles.search import SEARCHED_COLUMNS, VECTOR_SQL, searched
from corpusapp.core.copying import copying

CHUNK = 1000
_FIRST_DAY = date(2011, 1, 1)

_PEOPLE = ("Karim Daher", "Leila Moradi", "Omid Rastegar", "Samir Qasim", "Nadia Haddad", "Yusuf Erdem", "Ana Petrov")
_PLACES = ("Damascus", "Tehran", "Aleppo", "Isfahan", "Beirut", "Ankara", "Astana", "Homs", "Mashhad", "Latakia")
_BODIES = ("the Joint Committee", "the Foreign Ministry", "Levant Wire", "the Trade Council", "the Relief Agency")
_WORDS = (
    "talks", "officials", "meeting", "said", "agreed", "border", "trade", "visit", "statement", "region", "support",
    "crisis", "delegation", "week", "added", "new", "plan", "security", "aid", "joint", "between", "after", "during",
    "both", "sides", "further", "report", "called", "noted", "held", "continued", "on", "with", "for",
)  # fmt: skip
_NAMES = tuple(
    (name, label) for names, label in ((_PEOPLE, "PERSON"), (_PLACES, "GPE"), (_BODIES, "ORG")) for name in names
)


@dataclass(frozen=True)
class SyntheticArticle:
    """A text of about `words` words and its (start, end, label) in code points, each with the number of its entity."""

    title: str
    text: str
    spans: tuple[tuple[int, int, str], ...]
    entities: tuple[int, ...] = ()


def synthetic_articles(
    count: int, *, spans: int, words: int, seed: int, entities: int = 0
) -> Iterator[SyntheticArticle]:
    """Generate `count` different articles with exactly `spans` names each, those of so many entities if any."""
    for number in range(count):
        yield _article(number, spans, words, entities, random.Random(f"{seed} {number}"))


def _article(number: int, spans: int, words: int, entities: int, chance: random.Random) -> SyntheticArticle:
    fillers = max(1, (words - 2 * spans) // (spans + 1))
    pieces = [f"Report {number}:"]
    length = len(pieces[0])
    found: list[tuple[int, int, str]] = []
    numbers: list[int] = []
    for position in range(spans):
        filler = " " + " ".join(chance.choices(_WORDS, k=fillers)) + (". " if position % 4 else ".\n\n")
        if entities:
            entity, name, label = choose_mention(entities, chance)
            numbers.append(entity)
        else:
            name, label = chance.choice(_NAMES)
        found.append((length + len(filler), length + len(filler) + len(name), label))
        pieces += (filler, name)
        length += len(filler) + len(name)
    pieces.append(" " + " ".join(chance.choices(_WORDS, k=fillers)) + ".")
    text = "".join(pieces)
    title = f"{found[0][2].title()} report {number}" if found else f"Report {number}"
    return SyntheticArticle(title, text, tuple(found), tuple(numbers))


def fill_corpus(
    *,
    corpus: Corpus,
    articles: Iterable[SyntheticArticle],
    entities: Sequence[int] = (),
    progress: Callable[[int], None] = lambda stored: None,
) -> int:
    """Store the articles with their names as suggestions, one transaction per chunk; returns how many.

    `entities` are the ids of those that the names are linked to, by number.
    """
    pipeline, _ = Pipeline.objects.get_or_create(digest="synthetic", defaults={"name": "synthetic", "version": "1"})
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    iterator, stored = iter(articles), 0
    if entities:
        collect_links()
    while chunk := list(islice(iterator, CHUNK)):
        _store(corpus, pipeline.pk, labels, entities, chunk, stored)
        stored += len(chunk)
        progress(stored)
    if entities:
        store_links(corpus=corpus)
    return stored


@transaction.atomic
def _store(
    corpus: Corpus,
    pipeline_id: int,
    labels: dict[str, int],
    entities: Sequence[int],
    chunk: Sequence[SyntheticArticle],
    stored: int,
) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(pg_get_serial_sequence('articles_article', 'id')) FROM generate_series(1, %s)", [len(chunk)]
        )
        ids = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            "CREATE TEMPORARY TABLE IF NOT EXISTS synthetic (id bigint, title text, text text, text_sha256 bytea, "
            f"published_on date, configuration text, {SEARCHED_COLUMNS}) ON COMMIT DROP"
        )
        with copying("COPY synthetic FROM STDIN") as copy:
            for position, (pk, article) in enumerate(zip(ids, chunk, strict=True)):
                row = (pk, article.title, article.text, sha256(article.text), _day(stored + position), "english")
                copy.write_row((*row, *searched(article.title, article.text, "english")))
        cursor.execute(
            f"""
            INSERT INTO articles_article (id, corpus_id, title, text, text_sha256, url, external_id, published_on,
                published_precision, published_evidence, author, dateline, language, metadata, version, search_vector)
            SELECT id, %s, title, text, text_sha256, '', '', published_on, 'day', '{{}}', '', '{{}}', 'en', '{{}}', 1,
                {VECTOR_SQL} FROM synthetic
            """,
            [corpus.pk],
        )
        with copying("COPY review_review (corpus_id, article_id, layer, stage) FROM STDIN") as copy:
            for pk in ids:
                copy.write_row((corpus.pk, pk, "main", "suggested"))
        columns = 'corpus_id, article_id, article_length, layer, start, "end", label_id, state, pipeline_id, revision'
        with copying(f"COPY review_span ({columns}) FROM STDIN") as copy:
            for pk, article in zip(ids, chunk, strict=True):
                for start, end, label in article.spans:
                    span = (corpus.pk, pk, len(article.text), "main", start, end, labels[label], "suggested")
                    copy.write_row((*span, pipeline_id, 1))
    if entities:
        mentions = [
            (pk, start, number, article.text[start:end], _day(stored + position))
            for position, (pk, article) in enumerate(zip(ids, chunk, strict=True))
            for (start, end, _), number in zip(article.spans, article.entities, strict=True)
        ]
        link_mentions(corpus=corpus, ids=entities, mentions=mentions)
    for subscriber in ports.subscribers():
        subscriber.stored(corpus_id=corpus.pk, article_ids=ids, user=None)
    notify_stage_moved(corpus.pk, ids, Stage.SUGGESTED, None)


def _day(number: int) -> date:
    return _FIRST_DAY + timedelta(days=number % 5000)
