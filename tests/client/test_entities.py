"""The entities of a corpus, by the client."""

import pytest

from corpusapp.client import Invalid, LeftOut, NotFound, Stale
from tests.client.articles import articles


def test_entities_are_created_edited_and_found(corpus):
    entities = corpus.entities
    damascus = entities.create("Damascus", "GPE", identifiers={"wikidata": ["Q3766"]}, aliases=["Dimashq"])
    entities.create("Zarif", "PERSON")
    assert {entity["name"] for entity in entities} == {"Damascus", "Zarif"}
    assert [entity["id"] for entity in entities.find("dimashq")] == [damascus["id"]]
    described = entities.edit(damascus, description="Capital of Syria")
    assert described["description"] == "Capital of Syria" and described["revision"] == 2
    with pytest.raises(Stale) as stale:
        entities.edit(damascus, name="Damas")
    assert stale.value.current["description"] == "Capital of Syria"
    named = entities.drop_alias(entities.add_alias(described, "Damas", language="fr"), "Dimashq")
    assert {alias["name"] for alias in named["aliases"]} == {"Damascus", "Damas"}
    identified = entities.identify(named, {"viaf": ["1"]}, drop={"wikidata": ["Q3766"]})
    assert identified["identifiers"] == {"viaf": ["1"]}
    assert [change["verb"] for change in entities.history(identified)][-2:] == ["describe", "create"]
    with pytest.raises(Invalid, match="quotes"):
        entities.identify(identified, {"viaf": ["<b>"]})
    with pytest.raises(NotFound):
        entities.get(10**9)


def test_spans_are_linked_merged_and_split(corpus):
    corpus.add(articles(3), suggest=False)
    entities, spans = corpus.entities, [span["id"] for span in corpus.spans()]
    one, other = entities.create("Zarif", "PERSON"), entities.create("Javad Zarif", "PERSON")
    outcome = entities.link({"span": span, "entity": one["id"]} for span in spans[:2])
    assert outcome.require_complete().applied >= 2
    again = entities.link([{"span": spans[0], "entity": one["id"], "revision": 1}])
    assert again.applied == 0 and again.left_out[0]["item"] == 0
    with pytest.raises(LeftOut):
        entities.link([{"span": 10**9, "entity": one["id"]}], all_or_none=True)
    assert {span["entity"]["name"] for span in corpus.spans(entity=one["id"])} == {"Zarif"}
    assert all(span["entity"] is None for span in corpus.spans(linked="no"))
    mentions = list(entities.mentions(one, state="confirmed"))
    assert {mention["id"] for mention in mentions} == set(spans[:2])
    assert entities.merge(entities.get(one["id"]), other)["verb"] == "merge"
    merged = entities.get(one["id"])
    assert merged["state"] == "merged"
    assert entities.get(one["id"], follow=True)["id"] == other["id"]
    target = entities.get(other["id"])
    moved = list(entities.mentions(target, state="confirmed"))[:1]
    split = entities.split(target, moved, name="Another Zarif")
    assert split["complete"] and {entity["name"] for entity in split["entities"]} >= {"Another Zarif"}
    third = entities.create("Zarifi", "PERSON")
    assert entities.distinguish(third, entities.get(other["id"]))["verb"] == "distinct"
    # Which there are depends on how far the worker is.
    assert all(pair["first"] for pair in entities.possible_duplicates())
    assert all(name["mentions"] for queue in ("unlinked", "ambiguous") for name in entities.unlinked(queue))
