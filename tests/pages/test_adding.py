"""Add a span and mark a zone, by quote or by offsets."""

import pytest
from django.urls import reverse

from tests import factories
from tests.pages.reading import text_of, values


def address(article, name="span-add"):
    return reverse(name, args=[article.corpus.slug, article.pk])


def added(article):
    return sorted(article.spans.filter(state="confirmed").values_list("start", "end", "label__name"))


def test_quote_with_one_occurrence_adds_a_span(article, editor):
    assert editor.post(address(article), {"quote": "Tehran", "label": "GPE"}).status_code == 303
    assert added(article) == [(46, 52, "GPE")]


def test_offsets_add_a_span(article, editor):
    assert editor.post(address(article), {"start": "46", "end": "52", "label": "GPE"}).status_code == 303
    assert added(article) == [(46, 52, "GPE")]


def test_quote_with_several_occurrences_asks_which(article, editor):
    answer = editor.post(address(article), {"form": "add", "quote": "Zarif", "label": "PERSON"})
    page = answer.content.decode()
    assert answer.status_code == 200
    assert values(page, "at") == ["0:5", "31:36"]
    assert added(article) == []
    assert editor.post(address(article), {"at": "31:36", "label": "PERSON"}).status_code == 303
    assert added(article) == [(31, 36, "PERSON")]


def test_quote_with_line_breaks_is_found(corpus, editor):
    article = factories.make_article(corpus, "The Islamic\nRepublic\n of Iran spoke.")
    data = {"quote": "Islamic\r\nRepublic\r\n of Iran", "label": "GPE"}
    assert editor.post(address(article), data).status_code == 303
    ((start, end, _),) = added(article)
    assert article.text[start:end] == "Islamic\nRepublic\n of Iran"


def test_quote_is_not_trimmed(article, editor):
    assert editor.post(address(article), {"quote": " Tehran", "label": "GPE"}).status_code == 303
    assert added(article) == [(45, 52, "GPE")]


REFUSED = [
    ({"quote": "tehran", "label": "GPE"}, 400, "is not in this article"),
    ({"quote": "", "label": "GPE"}, 400, "enter the words to mark"),
    ({"quote": "Tehran"}, 400, "choose a label"),
    ({"quote": "Tehran", "label": "PLANET"}, 400, "has no label"),
    ({"start": "4", "label": "GPE"}, 400, "end is missing"),
    ({"start": "5", "end": "4", "label": "GPE"}, 400, "does not lie after start"),
    ({"start": "46", "end": "54", "label": "GPE"}, 400, "past the end of the text (53 code points)"),
    ({"start": "3.0", "end": "5", "label": "GPE"}, 400, "not a whole number"),
    ({"start": "0", "end": "5", "quote": "Tehran", "label": "GPE"}, 400, "is “Zarif”, not these words"),
    ({"at": "nowhere", "label": "GPE"}, 400, "not a whole number"),
]


@pytest.mark.parametrize(("data", "status", "sentence"), REFUSED)
def test_refusals_give_the_reason_and_keep_the_input(article, editor, data, status, sentence):
    answer = editor.post(address(article), {"form": "add", **data})
    page = answer.content.decode()
    assert answer.status_code == status
    assert sentence.lower() in page.lower()
    assert added(article) == []
    if "quote" in data:
        assert data["quote"] in text_of(page, "add")


def test_identical_span_is_409_and_shown(article, editor):
    editor.post(address(article), {"quote": "Tehran", "label": "GPE"})
    answer = editor.post(address(article), {"quote": "Tehran", "label": "GPE"})
    assert answer.status_code == 409
    assert "an identical span exists" in answer.content.decode().lower()


def test_add_and_remove_a_zone(article, editor):
    assert editor.post(address(article, "zone-add"), {"quote": "Damascus", "kind": "dateline"}).status_code == 303
    zone = article.zones.get()
    assert (zone.start, zone.end, zone.kind) == (21, 29, "dateline")
    assert 'class="zone dateline"' in editor.get(address(article, "article")).content.decode()
    again = editor.post(address(article, "zone-add"), {"start": "21", "end": "29", "kind": "dateline"})
    assert again.status_code == 409
    remove = reverse("zone-remove", args=[article.corpus.slug, article.pk, zone.pk])
    assert editor.post(remove).status_code == 303
    assert not article.zones.exists()
    assert editor.post(remove).status_code == 404


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        ({"quote": "Damascus", "kind": "weather"}, "choose one of"),
        ({"quote": "Nowhere", "kind": "chrome"}, "is not in this article"),
        ({"start": "-1", "end": "4", "kind": "chrome"}, "before the beginning"),
    ],
)
def test_invalid_zone_is_refused_with_the_reason(article, editor, data, sentence):
    answer = editor.post(address(article, "zone-add"), {"form": "zone", **data})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not article.zones.exists()


def test_zones_of_other_articles_are_not_removed(article, corpus, visitors):
    other = factories.make_article(corpus, "Another text.", zones=[[0, 7, "title"]])
    remove = reverse("zone-remove", args=[corpus.slug, article.pk, other.zones.get().pk])
    assert visitors["editor"].post(remove).status_code == 404
    assert visitors["reader"].post(remove).status_code in (403, 404)
    assert other.zones.exists()
