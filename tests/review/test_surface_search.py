"""Articles that contain a surface are found: the index rules none of them out."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from annotations.review.actions.stages import finish
from annotations.review.queries.surface_search import filter_candidates, newest_candidates, open_articles_with
from annotations.spans.occurrences import occurrences
from annotations.suggesters.words import is_edge
from corpusapp.articles.actions.withdraw import withdraw_articles
from corpusapp.articles.models import Article
from tests import factories

FOUND = [
    ("The report (Reuters/AFP) came late.", "Reuters"),
    ("The report (Reuters/AFP) came late.", "AFP"),
    ("The report (Reuters/AFP) came late.", "Reuters/AFP"),
    ("From Rafah/Gaza, by telephone", "Gaza"),
    ("Nobody came, they said.Larkin was empty.", "Larkin"),
    ("See https://example.org/Larkin?at=Rafah for more", "Rafah"),
    ("Write to desk@Larkin.example today", "Larkin"),
    ("the Brega-16 well", "16"),
    ("a&Larkin; b", "Larkin"),
    ("at ~Larkin", "Larkin"),
    ("if a<Larkin> b", "Larkin"),
    ("«Larkin\u200e» spoke", "Larkin"),
    ("Rafah\u200bLarkin", "Larkin"),
    ("Rafah\u200eLarkin went", "Larkin"),
    ("世卫WHO组织", "WHO"),
    ("在北京举行", "北京"),
    ("ไปกรุงเทพมหานคร", "กรุงเทพ"),
    ("On 👍 all agreed", "👍"),
    ("می\u200cخواهم بروم", "می\u200cخواهم"),
    ("The Café Larkin", "Café"),
    ("Cafe\u0301 Larkin", "Cafe\u0301"),
    ("وقال أحمد أمس", "أحمد"),
    ("İstanbul ve Iğdır", "İstanbul"),
    ("İstanbul ve Iğdır", "Iğdır"),
    ("Straße Larkin", "Straße"),
    ("Reu\u00adters said", "Reu\u00adters"),
    ("tram " * 300 + "Odessa Larkin", "Odessa Larkin"),
    ("tram " * 25_000 + "Odessa Larkin", "Odessa Larkin"),
    ("He went to New\n  York by tram", "New York"),
    ("They left New\u00a0York by tram", "New York"),
    ("She saw New\u202fYork by tram", "New York"),
]
NOT_FOUND = [
    ("Odessa and Larkin", "Odessa Larkin"),
    ("odessa larkin", "Odessa Larkin"),
    ("北方和京城", "北京"),
]


@pytest.mark.django_db
def test_articles_with_a_surface_are_found():
    corpus = factories.make_corpus()
    articles = {text: factories.make_article(corpus, text).pk for text in dict([*FOUND, *NOT_FOUND])}
    every = Article.objects.filter(corpus=corpus)
    for text, surface in FOUND:
        assert articles[text] in open_articles_with(corpus.pk, [surface]), surface
        if surface in text:
            assert filter_candidates(every, corpus.pk, surface).filter(pk=articles[text]).exists()
            assert articles[text] in newest_candidates(every, surface, 100)
    for text, surface in NOT_FOUND:
        assert articles[text] not in open_articles_with(corpus.pk, [surface]), surface
    some = open_articles_with(corpus.pk, ["AFP", "北京", "New York", "Odessa Larkin"])
    assert len(some) == len(set(some)) == 7
    assert open_articles_with(corpus.pk, []) == []


@pytest.mark.django_db
def test_done_withdrawn_and_foreign_articles_are_left_out():
    corpus = factories.make_corpus()
    factories.make_article(factories.make_corpus("other"), "The tram to Larkin")
    done, withdrawn = factories.make_article(corpus, "The tram to Larkin"), factories.make_article(corpus, "In Larkin")
    assert open_articles_with(corpus.pk, ["Larkin"]) == [done.pk, withdrawn.pk]
    finish(user=factories.make_member(corpus), article=done)
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[withdrawn.pk])
    assert open_articles_with(corpus.pk, ["Larkin"]) == []


_PIECES = st.sampled_from(
    [
        "Gaza",
        "a",
        "AFP",
        "16",
        "e",
        "تهران",
        "می",
        "北京",
        "ไทย",
        "é",
        "e\u0301",
        "हिन्दी",
        "İ",
        "ß",
        "com",
        "http",
        "Ⓐ",
        "👍",
    ]
)
_BETWEEN = st.sampled_from([*" /.@_&-+:;=?#%~'!\"<>()[]|\\,–«\n\t\xa0\u200c\u200d\xad\u200b\u200e\ufeff", "://", ". "])


class Superset(TestCase):
    @settings(max_examples=40, deadline=None)
    @given(st.lists(st.one_of(_PIECES, _BETWEEN), min_size=1, max_size=14), st.integers(0, 40), st.integers(0, 40))
    def test_a_surface_is_found_between_any_characters(self, pieces, first, more):
        text = "".join(pieces).strip("\ufeff")
        if not text.strip():
            return
        article = factories.make_article(factories.make_corpus(), text)
        text = article.text
        start = first % len(text)
        end = start + 1 + more % (len(text) - start)
        surface = text[start:end]
        whole = (start, end) in occurrences(text, surface) or (is_edge(text, start) and is_edge(text, end))
        if whole and surface.strip():
            assert open_articles_with(article.corpus_id, [surface]) == [article.pk]
