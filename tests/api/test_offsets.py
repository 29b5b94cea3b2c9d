"""Offsets must be whole numbers of code points within the text."""

import pytest

from annotations.review.models import Span
from corpusapp.articles.models import Article, Zone
from tests.api.client import refusal

LENGTH = 53
BAD = [
    ({"start": 5, "end": 0}, "end"),
    ({"start": 5, "end": 5}, "end"),
    ({"start": -1, "end": 5}, "start"),
    ({"start": 0, "end": LENGTH + 1}, "end"),
    ({"start": 0, "end": 10**20}, "end"),
    ({"start": -(10**20), "end": 5}, "start"),
    ({"start": 0.0, "end": 5}, "start"),
    ({"start": 0, "end": 5.5}, "end"),
    ({"start": "0", "end": 5}, "start"),
    ({"start": 0, "end": None}, "end"),
    ({"start": False, "end": True}, "start"),
    ({"start": [0], "end": 5}, "start"),
    ({"start": {}, "end": 5}, "start"),
    ({"end": 5}, "start"),
    ({"start": 0}, "end"),
]


@pytest.mark.parametrize(("offsets", "field"), BAD)
def test_invalid_offsets_are_refused_by_every_operation(article, editor, manager, offsets, field):
    suggestion = Span.objects.for_reading().first()
    new = {**offsets, "label": "PERSON"}
    refusal(editor.post(f"articles/{article.pk}/spans/", new), 400, field)
    result = {"decisions": [{"verb": "add", **new}]}
    refusal(editor.post(f"articles/{article.pk}/decisions/", result), 400, f"decisions[0].{field}")
    refusal(editor.patch(f"spans/{suggestion.pk}/", {"revision": 1, **offsets}), 400, field)
    refusal(editor.post(f"articles/{article.pk}/zones/", {**offsets, "kind": "chrome"}), 400, field)
    record = {"text": "x" * LENGTH, "spans": [new]}
    refusal(manager.post("articles/?corpus=desk", record), 400, f"spans[0].{field}")
    assert Span.objects.count() == 3 and Article.objects.count() == 1 and not Zone.objects.exists()


@pytest.mark.parametrize(("start", "end", "text"), [(0, LENGTH, None), (0, 1, "Z"), (LENGTH - 1, LENGTH, ".")])
def test_spans_can_start_and_end_at_the_edges_of_the_text(article, editor, start, end, text):
    added = editor.post(f"articles/{article.pk}/spans/", {"start": start, "end": end, "label": "EVENT"}).json()
    assert added["text"] == (text or article.text)


def test_refusal_says_where_the_offset_lies(article, editor):
    document = refusal(editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 54, "label": "ORG"}), 400)
    assert document["detail"] == f"end 54 lies past the end of the text (53 code points), in article {article.pk}"
