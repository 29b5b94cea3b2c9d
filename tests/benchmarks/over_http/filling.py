"""A corpus of any size, as `make_corpus` fills it."""

from django.db import connection

WORDS = 500


def fill(slug: str, articles: int, *, spans: int, seed: int) -> None:
    """Store so many more articles with suggestions, and have the database count its tables anew."""
    from annotations.suggestions.actions.fill_corpus import fill_corpus, synthetic_articles
    from corpusapp.articles.models import Corpus

    made = synthetic_articles(articles, spans=spans, words=WORDS, seed=seed)
    fill_corpus(corpus=Corpus.objects.get(slug=slug), articles=made)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
