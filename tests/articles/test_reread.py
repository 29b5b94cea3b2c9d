"""Reading an original again: a preview of changes, and no text changes under a span."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Span
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.actions.reread import apply_reading, compare_reading
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.models import Article, Original, Role
from corpusapp.articles.originals import left_out, original_bytes
from corpusapp.core.errors import NotAllowed, NotFound
from corpusapp.intake.files import read_file
from tests import factories

pytestmark = pytest.mark.django_db
PAGE = b"""<html><head><title>Talks in Damascus</title></head><body><nav><a href="/">Home</a></nav><article>
<h1>Talks in Damascus</h1><p>The foreign minister met his counterpart in Damascus on Monday to speak of trade,
of the border, and of the road that leads from the one to the other.</p><p>Both sides called the meeting useful, and
agreed to meet again in Tehran before the end of the year.</p></article>
<footer>All rights reserved</footer></body></html>"""


def import_file(data, name):
    import io

    batch = import_articles(
        user=factories.make_superuser(),
        corpus=factories.make_corpus(),
        items=read_file(io.BytesIO(data), name),
        origin="command",
        suggest=False,
    )
    return Article.objects.get(batch=batch)


def test_the_same_reading_changes_nothing():
    article = import_file(PAGE, "a.html")
    reading = compare_reading(user=factories.make_superuser(), article=article)
    assert (reading.same_text, reading.same_zones) == (True, True)
    assert original_bytes(article) == ("a.html", PAGE)


def test_dropped_blocks_of_a_page_are_listed():
    article = import_file(PAGE, "a.html")
    dropped = left_out(article)
    assert any("All rights reserved" in block.text for block in dropped)
    assert all(block.reason for block in dropped)
    assert "All rights reserved" not in article.text


def test_other_zones_replace_the_current_ones():
    article = import_file(
        b"Talks in Damascus\n\nDAMASCUS, March 1 (LW) -- The minister met his counterpart.\n", "a.txt"
    )
    user = factories.make_superuser()
    assert {zone.kind for zone in article.zones.all()} == {"title", "dateline"}
    remove_zone(user=user, zone=article.zones.get(kind="dateline"))
    assert compare_reading(user=user, article=article).same_zones is False
    assert apply_reading(user=user, article=article).pk == article.pk
    assert {zone.kind for zone in article.zones.all()} == {"title", "dateline"}


def test_zones_marked_by_an_editor_stay():
    article = import_file(
        b"Talks in Damascus\n\nDAMASCUS, March 1 (LW) -- The minister met his counterpart.\n", "a.txt"
    )
    user = factories.make_superuser()
    for zone in article.zones.all():
        remove_zone(user=user, zone=zone)
    caption = add_zone(user=user, article=article, start=0, end=17, kind="caption")
    assert {zone.kind for zone in compare_reading(user=user, article=article).zones} == {"caption", "dateline"}
    apply_reading(user=user, article=article)
    assert {zone.kind: zone.set_by_id for zone in article.zones.all()} == {"caption": user.pk, "dateline": None}
    assert article.zones.get(kind="caption").pk == caption.pk
    assert compare_reading(user=user, article=article).same_zones


def test_another_text_becomes_a_new_version():
    article = import_file(PAGE, "a.html")
    user = factories.make_superuser()
    span = decide(user=user, article=article, choices=[Choice("add", start=0, end=3, label="ORG")]).spans[0]
    # As after an older extractor: the original has more than the text.
    import zlib

    longer = PAGE.replace(b"Both sides", b"They spoke for two hours and a half. Both sides")
    Original.objects.filter(article=article).update(data=zlib.compress(longer), extractor="readers 0")
    assert compare_reading(user=user, article=article).same_text is False
    newer = apply_reading(user=user, article=article)
    assert (newer.previous_id, newer.version) == (article.pk, 2)
    assert "two hours and a half" in newer.text
    article.refresh_from_db()
    assert "two hours" not in article.text
    assert Span.objects.get(pk=span.pk).article_id == article.pk


def test_refusals():
    article = import_file(PAGE, "a.html")
    reader = factories.make_member(article.corpus, Role.READER)
    assert compare_reading(user=reader, article=article).same_text
    with pytest.raises(NotAllowed):
        apply_reading(user=reader, article=article)
    Original.objects.all().delete()
    with pytest.raises(NotFound, match="no original"):
        compare_reading(user=reader, article=article)
