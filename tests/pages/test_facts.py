"""What the article page says of a date, of what it rests on, of the dateline and the language."""

from datetime import date

import pytest
from django.urls import reverse

from corpusapp.articles.models import Article
from tests import factories
from tests.pages.reading import tags

SAID = [
    ({"published_on": date(2018, 8, 1), "published_precision": "month",
      "published_evidence": {"kind": "url", "quote": "2018/08"}}, "August 2018, from its URL “2018/08”", "2018-08"),
    ({"published_on": date(2018, 1, 1), "published_precision": "year",
      "published_evidence": {"kind": "url", "quote": "2018"}}, "2018, from its URL “2018”", "2018"),
    ({"published_on": date(2018, 8, 8), "published_precision": "day",
      "published_evidence": {"kind": "text", "quote": "Published: 8 Aug <2018>"}},
     "8 August 2018, from its text “Published: 8 Aug &lt;2018&gt;”", "2018-08-08"),
    ({"published_on": date(2018, 8, 8), "published_precision": "day",
      "published_evidence": {"kind": "metadata", "quote": "2018-08-08"}}, "8 August 2018, from its metadata",
     "2018-08-08"),
    ({"published_on": date(2018, 8, 8), "published_precision": "day", "published_evidence": {}}, "8 August 2018",
     "2018-08-08"),
    ({"published_evidence": {"kind": "dateline", "quote": "Aug. 8"}},
     "date unknown; its dateline says “Aug. 8”", None),
    ({}, "date unknown", None),
]  # fmt: skip


@pytest.mark.parametrize(("known", "words", "machine"), SAID)
def test_a_date_and_what_it_rests_on(corpus, visitors, known, words, machine):
    article = factories.make_article(corpus, "It rained.")
    Article.objects.filter(pk=article.pk).update(**known)
    page = visitors["reader"].get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    about = page.split('<p class="slug">')[1].split("</p>")[0]
    for piece in ('<span dir="auto">', '<span class="evidence">', "</span>", "</time>"):
        about = about.replace(piece, "")
    assert about.split(">")[-1].strip() == words or about.strip() == words
    assert [found["datetime"] for tag, found in tags(page) if tag == "time"] == ([machine] if machine else [])


def test_author_dateline_and_language(corpus, visitors):
    text = "DAMASCUS, Aug. 8 (SANA) -- It rained in Homs on Wednesday, and the streets stood under water."
    article = factories.make_article(corpus, text, metadata={"author": "A. <Writer>"}, language="fa")
    page = visitors["reader"].get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    for words in ("A. &lt;Writer&gt;", "DAMASCUS · Aug. 8 · SANA", "Persian"):
        assert words in page
    Article.objects.filter(pk=article.pk).update(language="xx")
    assert "<span>xx</span>" in visitors["reader"].get(
        reverse("article", args=[corpus.slug, article.pk])
    ).content.decode()  # fmt: skip
