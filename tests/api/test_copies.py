"""Near copies: found while importing, counted once when an editor says so, parted again."""

import pytest

from corpusapp.articles.models import CopyGroup
from tests import factories
from tests.api.client import refusal

STORY = (
    "Foreign Minister Kamal Kharrazi met President Bashar al-Assad in Damascus on Monday to discuss the road home, "
    "the state of the border crossings and the rebuilding of the northern towns. Both sides said that they would meet "
    "again in the autumn, when engineers of the two countries have looked at the railway and the harbour of Latakia. "
    "A joint committee will report on trade, visas and the return of families who had left during the fighting."
)


@pytest.fixture
def pair(corpus):
    first = factories.make_article(corpus, STORY, source="SANA", title="Kharrazi in Damascus")
    second = factories.make_article(corpus, STORY + " The visit ends on Tuesday.", source="MNA")
    second.refresh_from_db()
    assert second.copy_group_id is not None
    return first, second


def test_copies_are_listed_and_counted(pair, reader):
    first, second = pair
    answer = reader.get(f"articles/{second.pk}/copies/").json()
    assert answer["group"] == {"id": second.copy_group_id, "counted_once": False}
    assert [(copy["id"], copy["source"]) for copy in answer["articles"]] == [(first.pk, "SANA"), (second.pk, "MNA")]
    assert answer["articles"][0]["headline"] == "Kharrazi in Damascus"
    detail = reader.get(f"articles/{first.pk}/").json()
    assert detail["copies"] == {"group": second.copy_group_id, "counted_once": False, "others": 1}


def test_an_editor_has_them_counted_once(pair, editor, reader):
    path = f"copies/{pair[1].copy_group_id}/"
    assert editor.patch(path, {"counted_once": True}).json() == {"id": pair[1].copy_group_id, "counted_once": True}
    assert reader.get(f"articles/{pair[0].pk}/copies/").json()["group"]["counted_once"] is True
    for bad in ({}, {"counted_once": 1}, {"counted_once": "true"}, {"counted_once": None}):
        refusal(editor.patch(path, bad), 400, "counted_once")
    refusal(editor.patch(path, {"once": True}), 400)
    refusal(reader.patch(path, {"counted_once": False}), 403)
    assert CopyGroup.objects.get().counted_once


def test_an_editor_parts_them(pair, editor, reader):
    path = f"articles/{pair[0].pk}/copies/"
    refusal(reader.delete(path), 403)
    assert editor.delete(path).status_code == 204
    assert editor.get(path).json() == {"group": None, "articles": []}
    refusal(editor.delete(path), 409)
    refusal(editor.patch(f"copies/{pair[1].copy_group_id}/", {"counted_once": True}), 404)
