"""The page contains the text exactly, and text is never markup."""

import pytest
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.review.models import Label
from annotations.review.queries.page import ShownSpan
from annotations.review.text_renderer import render_text
from corpusapp.articles.models import Zone
from tests import factories
from tests.pages.reading import tags, text_of

SCRIPT = "<script>alert(1)</script><b onclick=x>Zarif</b> & &amp; </div></details><!-- \"'"
TEXTS = {
    "joiners": "👩‍👩‍👧 Zarif 🏳️‍🌈🇮🇷 met 👨🏽‍⚕️.",
    "combining": "Ze\u0301rif e\u0301le\u0300ve \u0301alone",
    "arabic": "قال وزير الخارجية وليد المعلم في دمشق.",
    "persian with ZWNJ": "می‌خواهم محمدجواد ظریف را ببینم؛ کتاب‌ها",
    "white space at the edges": "\n\n \t Zarif \u00a0\u2003in\u200b Damascus \n\t\n\n",
    "odd controls": "\x0cZarif\x0b\x1c\x85\u2028\u2029\ufeff\u00ad\ue000 end\x7f",
    "html": SCRIPT,
    "line breaks": "A first line that is long enough to be a paragraph by itself, as lines of news go.\nB\n\n\nC\n",
    "one character": "𐎡",
}


def _spans(text, ranges, label):
    return [
        ShownSpan(number, start, end, label.pk, state, None, None, 1, label, None)
        for number, ((start, end), state) in enumerate(ranges, start=1)
    ]


@pytest.mark.parametrize("name", TEXTS)
def test_text_of_the_page_equals_the_stored_text(corpus, editor, name):
    text = TEXTS[name]
    article = factories.make_article(corpus, text)
    length = len(article.text)
    edges = {(0, 1), (length - 1, length), (0, length), (length // 2, length // 2 + 1)}
    factories.suggest(article, *((start, end, "PERSON") for start, end in sorted(edges) if start < end))
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert text_of(page, "text") == article.text == text


@pytest.mark.parametrize("name", TEXTS)
def test_zones_do_not_change_the_text(corpus, editor, name):
    text = TEXTS[name]
    half = len(text) // 2 or 1
    article = factories.make_article(corpus, text, zones=[[0, half, "chrome"], [0, len(text), "title"]])
    page = editor.get(reverse("article", args=[corpus.slug, article.pk])).content.decode()
    assert text_of(page, "text") == text


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_any_spans_and_zones_keep_the_text(data):
    text = data.draw(st.text(st.characters(codec="utf-8", exclude_characters="\0\r"), min_size=1, max_size=40))
    offsets = st.integers(0, len(text))
    ranges = st.tuples(offsets, offsets).filter(lambda pair: pair[0] < pair[1])
    states = st.sampled_from(["suggested", "confirmed", "rejected"])
    spans = _spans(text, data.draw(st.lists(st.tuples(ranges, states), max_size=12)), Label(pk=1, name="A<B"))
    kinds = st.sampled_from(["title", "chrome", "caption"])
    zones = [
        Zone(start=start, end=end, kind=kind)
        for (start, end), kind in data.draw(st.lists(st.tuples(ranges, kinds), max_size=4))
    ]
    html = (
        f'<div id="text">{render_text(text, spans, zones, short={"A<B": "A<B"}, headline=text[:3], selected=1)}</div>'
    )
    assert text_of(html, "text") == text
    names = [name for name, _ in tags(html)]
    assert set(names) <= {"div", "a", "span", "i", "details", "summary"}
    # Each span starts and ends once, unless too many overlap.
    ids = [found["id"] for _, found in tags(html) if found.get("id", "").startswith("s")]
    assert len(ids) == len(set(ids))


def test_html_and_scripts_are_escaped_on_every_page(corpus, visitors):
    manager = visitors["manager"]
    article = factories.make_article(
        corpus, SCRIPT + " Damascus", title=SCRIPT, source=SCRIPT, url=f"javascript:{SCRIPT}", external_id="x"
    )
    span = factories.suggest(article, (0, 8, "PERSON"))[0]
    page = reverse("article", args=[corpus.slug, article.pk])
    decided = manager.post(
        reverse("article-decide", args=[corpus.slug, article.pk]), {"confirm": f"{span.pk}:1"}, follow=True
    )
    listed = reverse("article-list", args=[corpus.slug])
    pages = {
        "after a decision": decided.content.decode(),
        "page": manager.get(f"{page}?span={span.pk}").content.decode(),
        "history": manager.get(reverse("span-history", args=[corpus.slug, article.pk, span.pk])).content.decode(),
        "list": manager.get(listed).content.decode(),
        "search": manager.get(listed, {"q": "alert"}).content.decode(),
        "search for it": manager.get(listed, {"q": SCRIPT, "source": SCRIPT}).content.decode(),
        "filter refused": manager.get(listed, {"stage": SCRIPT}).content.decode(),
        "batch": manager.get(reverse("import-batch", args=[corpus.slug, article.batch_id])).content.decode(),
        "refused": manager.post(
            reverse("span-add", args=[corpus.slug, article.pk]), {"form": "add", "quote": SCRIPT * 2, "label": "GPE"}
        ).content.decode(),
        "not found": manager.get("/corpora/x/articles/1/?<script>").content.decode(),
    }
    for name, html in pages.items():
        found = tags(html)
        assert not [1 for tag, attributes in found if tag == "script" and "src" not in attributes], name
        assert not [1 for _, attributes in found if any(key.startswith("on") for key in attributes)], name
        assert not [1 for _, attributes in found if attributes.get("href", "").startswith("javascript")], name


def test_search_hits_are_marked_in_escaped_text(corpus, editor):
    factories.make_article(corpus, f"Damascus came before {SCRIPT}.", title="A title")
    page = editor.get(reverse("article-list", args=[corpus.slug]), {"q": "damascus"}).content.decode()
    assert "<mark>Damascus</mark>" in page
    assert "script&gt;alert(1)&lt;/script&gt;" in page
