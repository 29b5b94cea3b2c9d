"""Fill a corpus with synthetic articles and suggestions by COPY, for measurements of any size."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import islice

from django.db import connection, transaction

from annotations.review.models import Label, Stage
from annotations.review.ports import tell_stage
from annotations.suggestions.models import Pipeline
from annotations.suggestions.synthetic import SyntheticArticle
from corpusapp.articles import ports
from corpusapp.articles.actions.store import sha256
from corpusapp.articles.models import Corpus
from corpusapp.articles.search import SEARCHED_COLUMNS, VECTOR_SQL, searched
from corpusapp.core.copying import copying

CHUNK = 1000
_FIRST_DAY = date(2011, 1, 1)


def fill_corpus(
    *, corpus: Corpus, articles: Iterable[SyntheticArticle], progress: Callable[[int], None] = lambda stored: None
) -> int:
    """Store the articles as suggested ones, in chunks that are each committed whole; returns how many."""
    pipeline, _ = Pipeline.objects.get_or_create(digest="synthetic", defaults={"name": "synthetic", "version": "1"})
    labels = dict(Label.objects.filter(corpus=corpus).values_list("name", "pk"))
    iterator, stored = iter(articles), 0
    while chunk := list(islice(iterator, CHUNK)):
        _store(corpus, pipeline.pk, labels, chunk, stored)
        stored += len(chunk)
        progress(stored)
    return stored


@transaction.atomic
def _store(
    corpus: Corpus, pipeline_id: int, labels: dict[str, int], chunk: Sequence[SyntheticArticle], stored: int
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
                day = _FIRST_DAY + timedelta(days=(stored + position) % 5000)
                row = (pk, article.title, article.text, sha256(article.text), day, "english")
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
                    row = (corpus.pk, pk, len(article.text), "main", start, end, labels[label], "suggested")
                    copy.write_row((*row, pipeline_id, 1))
    for follower in ports.subscribers():
        follower.stored(corpus_id=corpus.pk, article_ids=ids, user=None)
    tell_stage(corpus.pk, ids, Stage.SUGGESTED, None)
