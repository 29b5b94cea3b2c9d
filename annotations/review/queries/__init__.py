"""Reads of articles with their spans, reviews and decisions."""

from annotations.review.queries.counts import CorpusCounts, Facets, corpus_counts, facets, stage_counts
from annotations.review.queries.listing import (
    ORDERS,
    PAGE_SIZE,
    ArticleFilter,
    filter_articles,
    list_articles,
    reviews_to_decide,
    search_articles,
)
from annotations.review.queries.log import (
    article_log,
    articles_touched,
    decisions_on,
    finish_to_announce,
    first_touched,
    history,
    last_decision,
    last_undo,
    own_decisions,
)
from annotations.review.queries.lookups import get_decision, get_label, get_span
from annotations.review.queries.page_rows import ArticleRow
from annotations.review.queries.snippets import HIT_END, HIT_START
from annotations.review.queries.work import next_article, next_to_decide

__all__ = [
    "HIT_END",
    "HIT_START",
    "ORDERS",
    "PAGE_SIZE",
    "ArticleFilter",
    "ArticleRow",
    "CorpusCounts",
    "Facets",
    "article_log",
    "articles_touched",
    "corpus_counts",
    "decisions_on",
    "facets",
    "filter_articles",
    "finish_to_announce",
    "first_touched",
    "get_decision",
    "get_label",
    "get_span",
    "history",
    "last_decision",
    "last_undo",
    "list_articles",
    "next_article",
    "next_to_decide",
    "own_decisions",
    "reviews_to_decide",
    "search_articles",
    "stage_counts",
]
