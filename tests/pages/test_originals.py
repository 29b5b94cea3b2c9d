"""An article's original: taken home as bytes, read again, and what the reading says before anything is changed."""

import pytest
from django.urls import reverse

from corpusapp.articles.models import Article, Original, Zone
from tests import factories
from tests.pages.reading import tags

PAGE = b"""<!doctype html><html><head><meta charset="utf-8"><title>Rain in Homs</title></head><body>
<script>alert(1)</script><h1>Rain in Homs</h1><article>
<p>DAMASCUS, Aug. 8 (SANA) -- It rained in Homs on Wednesday, and the streets of the old town stood under water.</p>
<p>The mayor said that the drains had been cleaned in spring, and that nobody was hurt in any part of the town.</p>
</article></body></html>"""


@pytest.fixture
def rain(corpus):
    batch = factories.upload(corpus, ("rain.html", PAGE), source="SANA")
    return Article.objects.get(batch=batch)


def at(name, article):
    return reverse(name, args=[article.corpus.slug, article.pk])


def test_an_original_is_taken_home_and_never_shown(rain, visitors):
    answer = visitors["reader"].get(at("original", rain))
    assert answer.getvalue() == PAGE
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["Content-Disposition"] == 'attachment; filename="rain.html"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    page = visitors["reader"].get(at("article", rain)).content.decode()
    links = [found.get("href") for tag, found in tags(page) if tag == "a"]
    assert at("original", rain) in links and at("reading", rain) in links


def test_an_article_without_an_original_offers_none(article, visitors):
    page = visitors["editor"].get(at("article", article)).content.decode()
    assert at("original", article) not in page and at("reading", article) not in page
    assert visitors["editor"].get(at("original", article)).status_code == 404
    assert visitors["editor"].get(at("reading", article)).status_code == 404
    assert visitors["editor"].post(at("reading", article)).status_code == 404


def test_a_reading_that_changes_nothing_says_so(rain, visitors):
    page = visitors["editor"].get(at("reading", rain)).content.decode()
    assert "No changes" in page
    assert at("reading", rain) not in {found.get("action") for tag, found in tags(page) if tag == "form"}


def test_zones_are_taken_over_in_place(rain, visitors):
    Zone.objects.filter(article=rain).delete()
    Zone.objects.create(corpus=rain.corpus, article=rain, article_length=rain.length, start=0, end=4, kind="caption")
    page = visitors["editor"].get(at("reading", rain)).content.decode()
    assert '<del><span class="kind">caption</span>' in page
    assert '<ins><span class="kind">dateline</span> <span dir="auto">DAMASCUS, Aug. 8 (SANA) --' in page
    assert "The text is the same" in page
    assert "Replace the zones" not in visitors["reader"].get(at("reading", rain)).content.decode()
    answer = visitors["editor"].post(at("reading", rain))
    assert answer["Location"] == at("article", rain)
    kinds = set(rain.zones.values_list("kind", flat=True))
    assert "dateline" in kinds and "caption" not in kinds
    assert "No changes" in visitors["editor"].get(at("reading", rain)).content.decode()


def test_another_text_becomes_a_version_beside_the_old_one(corpus, visitors):
    old = factories.make_article(
        corpus, "It rained in Homs & <b>Hama</b>.\nNobody was hurt.", url="https://a.example/1"
    )
    factories.suggest(old, (13, 17, "GPE"))
    new = "It rained hard in Homs & <b>Hama</b>.\nNobody was hurt.\nSo they say."
    keep(old, new)
    page = visitors["editor"].get(at("reading", old)).content.decode()
    assert "<ins>hard</ins> " in page and "<ins>So they say.</ins>" in page
    assert "&lt;b&gt;" in page and "<b>Hama" not in page
    answer = visitors["editor"].post(at("reading", old))
    made = Article.objects.get(previous=old)
    assert answer["Location"] == at("article", made)
    old.refresh_from_db()
    assert (made.text, made.version) == (new, 2)
    assert old.text.startswith("It rained in Homs")
    assert old.spans.count() == 1
    assert visitors["editor"].post(at("reading", old)).status_code == 409


def test_texts_that_are_too_long_are_not_compared(corpus, visitors):
    old = factories.make_article(corpus, "It rained. " * 3000)
    keep(old, "It snowed. " * 3000)
    page = visitors["editor"].get(at("reading", old)).content.decode()
    assert "too long to compare" in page
    assert "Create new version" in page


def keep(article, text):
    import zlib

    data = zlib.compress(text.encode())
    Original.objects.create(article=article, form="txt", name="a.txt", size=9, data=data, extractor="earlier 1")
