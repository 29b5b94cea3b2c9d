"""Entities over REST: lists, all verbs with their refusals, and the entity of each span."""

import pytest

from annotations.entities.models import Entity, EntityState, Link, PossibleDuplicate, Unlinked
from annotations.review.models import Label, Span
from corpusapp.articles.models import Corpus
from tests import factories
from tests.api.client import kind_of, refusal


@pytest.fixture
def spans(article) -> list[int]:
    """Zarif, Muallem and Damascus."""
    return list(Span.objects.filter(article=article).order_by("start").values_list("pk", flat=True))


@pytest.fixture
def create(editor):
    def make(name: str, label: str = "PERSON", **more):
        response = editor.post("corpora/desk/entities/", {"name": name, "label": label, **more})
        assert response.status_code == 201, response.content
        return response.json()

    return make


def link(client, *links, status: int = 201, **more):
    response = client.post("corpora/desk/links/", {"links": list(links), **more})
    assert response.status_code == status, response.content
    return response.json()


def suggest_link(span: int, name: str = "Walid Muallem") -> Link:
    """A link as a machine suggests it."""
    row, pipeline = Span.objects.select_related("article").get(pk=span), factories.make_pipeline("linker")
    label = Label.objects.get(corpus=row.corpus_id, name="PERSON")
    entity = Entity.objects.create(
        corpus_id=row.corpus_id, name=name, label=label, state=EntityState.SUGGESTED, pipeline=pipeline
    )
    return Link.objects.create(
        corpus_id=row.corpus_id, article_id=row.article_id, span=row, entity=entity, state="suggested", score=0.9,
        pipeline=pipeline, week="2018-09-03",
    )  # fmt: skip


class TestCreating:
    def test_an_entity_comes_with_its_names_and_identifiers(self, create, reader):
        made = create(
            "Damascus", "GPE", aliases=["Dimashq"], identifiers={"wikidata": ["Q3766"]}, description="Capital"
        )
        assert made["state"] == "confirmed" and made["revision"] == 1 and made["merged_into"] is None
        assert made["identifiers"] == {"wikidata": ["Q3766"]} and made["description"] == "Capital"
        assert {alias["name"] for alias in made["aliases"]} == {"Damascus", "Dimashq"}
        response = reader.get(f"entities/{made['id']}/")
        assert response.json() == made and response["ETag"] == '"1"'

    def test_a_repeated_key_creates_one(self, editor):
        body = {"name": "Zarif", "label": "PERSON"}
        first = editor.post("corpora/desk/entities/", body, idempotency_key="k")
        second = editor.post("corpora/desk/entities/", body, idempotency_key="k")
        assert (first.status_code, second.status_code) == (201, 200)
        assert first.json() == second.json() and second["Idempotency-Replayed"] == "true"
        other = editor.post("corpora/desk/entities/", {**body, "name": "Assad"}, idempotency_key="k")
        assert refusal(other, 409, "idempotency_key")

    @pytest.mark.parametrize(
        ("body", "status", "field"),
        [
            ({"label": "PERSON"}, 400, "name"),
            ({"name": " ", "label": "PERSON"}, 400, "name"),
            ({"name": "x" * 10_000, "label": "PERSON"}, 400, "name"),
            ({"name": "Za\x07rif", "label": "PERSON"}, 400, "name"),
            ({"name": ["Zarif"], "label": "PERSON"}, 400, "name"),
            ({"name": "Zarif", "label": "NONE"}, 404, "label"),
            ({"name": "Zarif", "label": "PERSON", "description": "x" * 10_000}, 400, "description"),
            ({"name": "Zarif", "label": "PERSON", "aliases": ["x" * 10_000]}, 400, "aliases[0]"),
            ({"name": "Zarif", "label": "PERSON", "more": 1}, 400, None),
        ],
    )
    def test_bad_names_are_refused(self, editor, body, status, field):
        refusal(editor.post("corpora/desk/entities/", body), status, field)
        assert not Entity.objects.exists()

    @pytest.mark.parametrize(
        ("identifiers", "field"),
        [
            ({"wikidata": ["<script>alert(1)</script>"]}, "identifiers.wikidata"),
            ({"wikidata": ["x" * 10_000]}, "identifiers.wikidata"),
            ({"wikidata": ["Q1 OR 1=1"]}, "identifiers.wikidata"),
            ({"wikidata": [""]}, None),
            ({"x" * 1000: ["Q1"]}, f"identifiers.{'x' * 60}"),
            ({"": ["Q1"]}, "identifiers."),
            ({"wikidata": "Q1"}, None),
            ({"wikidata": [1]}, None),
            (["wikidata:Q1"], None),
        ],
    )
    def test_hostile_identifiers_are_refused(self, editor, identifiers, field):
        body = {"name": "Zarif", "label": "PERSON", "identifiers": identifiers}
        refusal(editor.post("corpora/desk/entities/", body), 400, field)
        assert not Entity.objects.exists()

    def test_an_identifier_is_of_one_entity(self, create, editor):
        create("Damascus", "GPE", identifiers={"wikidata": ["Q3766"]})
        body = {"name": "Dimashq", "label": "GPE", "identifiers": {"viaf": ["1"], "wikidata": ["Q3766"]}}
        document = refusal(editor.post("corpora/desk/entities/", body), 409)
        assert document["current"]["name"] == "Damascus" and Entity.objects.count() == 1


class TestListing:
    def test_filters_orders_and_pages(self, create, reader):
        made = [create("Damascus", "GPE", identifiers={"wikidata": ["Q3766"]}), create("Zarif"), create("Assad")]
        names = lambda **query: [row["name"] for row in reader.get("corpora/desk/entities/", **query).json()["results"]]  # noqa: E731
        assert names() == ["Assad", "Zarif", "Damascus"] and names(order="name") == ["Assad", "Damascus", "Zarif"]
        assert names(label="GPE") == names(scheme="wikidata", identifier="Q3766") == names(search="damascus")
        assert names(ids=f"{made[1]['id']},{10**9}") == ["Zarif"]
        assert names(state="merged") == [] and names(search="nobody") == []
        first = reader.get("corpora/desk/entities/", limit=2, count=1, fields="id,aliases").json()
        assert [*first["results"][0]] == ["id", "aliases"] and first["total"] == 3
        second = reader.get(first["next"]).json()
        assert second["next"] is None and [row["id"] for row in second["results"]] == [made[0]["id"]]

    @pytest.mark.parametrize(
        ("query", "field"),
        [
            ("state=new", "state"), ("order=age", "order"), ("identifier=Q1", "scheme"), ("cursor=x", "cursor"),
            ("ids=x", "ids"), ("search=+", "search"), ("fields=text", "fields"), ("q=x", "q"), ("limit=1000", "limit"),
        ],
    )  # fmt: skip
    def test_bad_filters_are_refused(self, reader, query, field):
        refusal(reader.get(f"corpora/desk/entities/?{query}"), 400, field)

    def test_a_corpus_without_entities_has_no_such_addresses(self, create, editor, article, spans):
        entity = create("Zarif")
        link(editor, {"span": spans[0], "entity": entity["id"]})
        Corpus.objects.update(entities_enabled=False)
        paths = ["corpora/desk/entities/", "corpora/desk/links/", f"entities/{entity['id']}/", "corpora/desk/unlinked/"]
        for path in (*paths, "corpora/desk/possible-duplicates/", "corpora/desk/distinct/"):
            refusal(editor.get(path), 404)
        refusal(editor.post("corpora/desk/links/", {"links": [{"span": spans[1], "entity": entity["id"]}]}), 404)
        assert editor.get(f"spans/{spans[0]}/candidates/").json()["results"] == []
        for path in (f"articles/{article.pk}/spans/", f"spans/?article={article.pk}"):
            assert {row["entity"] for row in editor.get(path).json()["results"]} == {None}, path
        assert editor.get("spans/?linked=yes").json()["results"] == []


class TestEditing:
    def test_rename_describe_and_relabel(self, create, editor):
        entity = create("Zarif")
        path = f"entities/{entity['id']}/"
        renamed = editor.patch(path, {"revision": 1, "name": "Javad Zarif", "description": "Minister"})
        assert renamed.json()["name"] == "Javad Zarif" and renamed["ETag"] == '"2"'
        relabelled = editor.patch(path, {"label": "ORG"}, if_match='"2"').json()
        assert relabelled["label"] == "ORG"
        assert {alias["name"] for alias in relabelled["aliases"]} == {"Zarif", "Javad Zarif"}
        history = editor.get(f"{path}history/").json()["results"]
        assert [change["verb"] for change in history] == ["relabel", "rename", "create"]
        assert (history[1]["before"]["name"], history[1]["after"]["name"]) == ("Zarif", "Javad Zarif")
        assert editor.post(f"decisions/{history[0]['decision']}/undo/", {}).status_code == 201
        assert editor.get(path).json()["label"] == "PERSON"

    def test_a_stale_revision_is_refused_and_shows_what_is_there(self, create, editor):
        path = f"entities/{create('Zarif')['id']}/"
        editor.patch(path, {"revision": 1, "name": "Javad Zarif"})
        stale = editor.patch(path, {"revision": 1, "name": "Other"})
        assert refusal(stale, 409, "revision")["current"]["name"] == "Javad Zarif" and kind_of(stale) == "stale"
        refusal(editor.patch(path, {"name": "Other"}, if_match='"1"'), 412, "If-Match")
        refusal(editor.patch(path, {"name": "Other"}), 428, "revision")
        refusal(editor.patch(path, {"name": "Other", "revision": 1}, if_match='"2"'), 400, "revision")
        refusal(editor.patch(path, {"revision": 2}), 400)
        refusal(editor.patch(path, {"revision": 2, "name": "Javad Zarif"}), 409)
        refusal(editor.patch(path, {"revision": 2, "label": "NONE"}), 404, "label")
        assert editor.get(path).json()["revision"] == 2

    def test_aliases(self, create, editor):
        entity = create("Zarif")
        path = f"entities/{entity['id']}/aliases/"
        added = editor.post(path, {"revision": 1, "name": "ظريف", "language": "ar"})
        assert added.status_code == 201 and added.json()["revision"] == 2
        rows = {row["name"]: row for row in editor.get(path).json()["results"]}
        assert rows["ظريف"]["script"] == "Arab" and rows["ظريف"]["language"] == "ar" and len(rows) == 2
        refusal(editor.post(path, {"revision": 2, "name": "ظريف"}), 409, "name")
        refusal(editor.post(path, {"revision": 1, "name": "M Zarif"}), 409, "revision")
        refusal(editor.post(path, {"revision": 2, "name": "M Zarif", "language": "x" * 17}), 400, "language")
        refusal(editor.delete(f"{path}?revision=2"), 400, "name")
        refusal(editor.delete(f"{path}?name=Zarif&revision=2"), 409, "name")
        refusal(editor.delete(f"{path}?name=Nobody&revision=2"), 404, "name")
        assert editor.delete(path, {"name": "ظريف"}, if_match='"2"').json()["revision"] == 3
        assert [row["name"] for row in editor.get(path).json()["results"]] == ["Zarif"]
        assert [row["name"] for row in editor.get(f"{path}?state=rejected").json()["results"]] == ["ظريف"]

    def test_identifiers(self, create, editor):
        entity, other = create("Damascus", "GPE"), create("Homs", "GPE", identifiers={"wikidata": ["Q131301"]})
        path = f"entities/{entity['id']}/identifiers/"
        first = editor.post(path, {"revision": 1, "add": {"wikidata": ["Q37"], "viaf": ["1", "2"]}})
        assert first.status_code == 200
        replaced = editor.post(path, {"revision": 2, "add": {"wikidata": ["Q3766"]}, "drop": {"wikidata": ["Q37"]}})
        assert replaced.json()["identifiers"] == {"viaf": ["1", "2"], "wikidata": ["Q3766"]}
        taken = editor.post(path, {"revision": 3, "add": {"wikidata": ["Q131301"]}})
        assert refusal(taken, 409)["current"]["id"] == other["id"]
        refusal(editor.post(path, {"revision": 3}), 400, "identifiers")
        refusal(editor.post(path, {"revision": 3, "drop": {"wikidata": ["Q37"]}}), 404)
        refusal(editor.post(path, {"revision": 3, "add": {"wikidata": ["'; DROP TABLE"]}}), 400, "add.wikidata")
        assert editor.get(f"entities/{entity['id']}/").json()["revision"] == 3


class TestMerging:
    def test_preview_merge_and_undo(self, create, editor, spans):
        one, other = create("Zarif", identifiers={"viaf": ["1"]}), create("Javad Zarif")
        link(editor, {"span": spans[0], "entity": one["id"]})
        path = f"entities/{one['id']}/merge/"
        preview = editor.get(path, into=other["id"]).json()
        assert preview["mentions"] == 1 and preview["identifiers"] == {"viaf": ["1"]} and preview["obstacle"] is None
        merged = editor.post(path, {"revision": 1, "into": other["id"], "into_revision": 1}).json()
        assert merged["verb"] == "merge" and merged["applied"] and merged["complete"]
        gone = editor.get(f"entities/{one['id']}/").json()
        assert gone["state"] == "merged"
        assert gone["merged_into"] == {"id": other["id"], "url": f"/api/v1/entities/{other['id']}/"}
        assert editor.get(f"spans/{spans[0]}/").json()["entity"]["id"] == other["id"]
        assert editor.post(f"decisions/{merged['decision']}/undo/", {}).status_code == 201
        assert editor.get(f"entities/{one['id']}/").json()["state"] == "confirmed"
        assert editor.get(f"spans/{spans[0]}/").json()["entity"]["id"] == one["id"]

    def test_what_cannot_be_merged_is_refused(self, create, editor, stranger):
        one, other = create("Zarif")["id"], create("Javad Zarif")["id"]
        path = f"entities/{one}/merge/"
        refusal(editor.post(path, {"revision": 1, "into": one, "into_revision": 1}), 400, "into")
        refusal(editor.post(path, {"revision": 1, "into": 10**9, "into_revision": 1}), 404, "into")
        refusal(editor.post(path, {"revision": 1, "into": other}), 428, "revision")
        refusal(editor.post(path, {"into": other, "into_revision": 1}), 428, "revision")
        refusal(editor.post(path, {"revision": 1, "into": other, "into_revision": 9}), 409, "revision")
        refusal(editor.post(path, {"into": other, "into_revision": 1}, if_match='"9"'), 412)
        refusal(editor.get(path), 400, "into")
        foreign = stranger.post("corpora/other/entities/", {"name": "Zarif", "label": "PERSON"}).json()["id"]
        refusal(editor.post(path, {"revision": 1, "into": foreign, "into_revision": 1}), 404, "into")
        assert Entity.objects.exclude(state="confirmed").count() == 0

    def test_two_editors_who_merge_crosswise_make_no_cycle(self, create, editor, manager):
        one, other, third = (create(name)["id"] for name in ("Zarif", "Javad Zarif", "M J Zarif"))
        assert editor.post(
            f"entities/{one}/merge/", {"revision": 1, "into": other, "into_revision": 1}
        ).status_code == 201  # fmt: skip
        crosswise = manager.post(f"entities/{other}/merge/", {"revision": 1, "into": one, "into_revision": 1})
        assert crosswise.status_code == 409
        crosswise = manager.post(f"entities/{other}/merge/", {"revision": 2, "into": one, "into_revision": 2})
        assert refusal(crosswise, 409)["current"]["merged_into"]["id"] == other
        again = manager.post(f"entities/{one}/merge/", {"revision": 2, "into": third, "into_revision": 1})
        assert f"merged into entity {other}" in refusal(again, 409)["detail"]
        onwards = manager.post(f"entities/{other}/merge/", {"revision": 2, "into": third, "into_revision": 1})
        assert onwards.status_code == 201
        assert manager.get(f"entities/{one}/").json()["merged_into"]["id"] == third

    def test_two_that_were_said_to_differ_are_not_merged(self, create, editor):
        one, other = create("Joschka Fischer")["id"], create("Heinz Fischer")["id"]
        pair = {"first": one, "second": other}
        said = editor.post("corpora/desk/distinct/", pair)
        assert said.status_code == 201 and said.json()["verb"] == "distinct"
        listed = editor.get("corpora/desk/distinct/").json()["results"]
        assert [(row["first"]["id"], row["second"]["id"]) for row in listed] == [(one, other)]
        refusal(editor.post("corpora/desk/distinct/", {"first": other, "second": one}), 409)
        refusal(editor.post("corpora/desk/distinct/", {"first": one, "second": one}), 400)
        assert "different" in editor.get(f"entities/{one}/merge/", into=other).json()["obstacle"]
        merge = {"revision": 2, "into": other, "into_revision": 2}
        refusal(editor.post(f"entities/{one}/merge/", merge), 409, "into")
        editor.post(f"decisions/{said.json()['decision']}/undo/", {})
        assert editor.get("corpora/desk/distinct/").json()["results"] == []
        merge = {"revision": 3, "into": other, "into_revision": 3}
        assert editor.post(f"entities/{one}/merge/", merge).status_code == 201

    def test_a_split_moves_mentions_and_leaves_out_what_changed(self, create, editor, spans):
        entity = create("Zarif")["id"]
        done = link(editor, *({"span": span, "entity": entity} for span in spans))
        moved, changed, _ = (row["id"] for row in done["links"])
        link(editor, {"span": spans[1], "verb": "unlink", "entity": entity, "revision": 1})
        path = f"entities/{entity}/split/"
        links = [{"link": moved, "revision": 1}, {"link": changed, "revision": 1}]
        result = editor.post(path, {"revision": 1, "links": links, "name": "Another Zarif"}).json()
        assert result["verb"] == "split" and not result["complete"] and result["left_out_count"] == 1
        assert result["left_out"][0]["item"] == 1
        other = editor.get(f"spans/{spans[0]}/").json()["entity"]
        assert other["name"] == "Another Zarif"
        assert [row["id"] for row in editor.get(f"entities/{entity}/").json()["distinct"]] == [other["id"]]

    def test_what_cannot_be_split_is_refused(self, create, editor, spans):
        entity, other = create("Zarif")["id"], create("Assad")["id"]
        row = link(editor, {"span": spans[0], "entity": entity})["links"][0]
        path, links = f"entities/{entity}/split/", [{"link": row["id"], "revision": 1}]
        refusal(editor.post(path, {"revision": 1, "links": [], "name": "B"}), 400, "links")
        refusal(editor.post(path, {"revision": 1, "links": links}), 400, "name")
        refusal(editor.post(path, {"revision": 1, "links": links, "name": "B", "into": other}), 400, "name")
        refusal(editor.post(path, {"revision": 1, "links": links, "into": entity}), 400, "into")
        refusal(editor.post(path, {"revision": 1, "links": links * 2, "name": "B"}), 400, "links[1].link")
        refusal(editor.post(path, {"revision": 9, "links": links, "name": "B"}), 409, "revision")
        refusal(editor.post(path, {"links": links, "name": "B"}), 428, "revision")
        stale = [{"link": row["id"], "revision": 5}]
        refusal(editor.post(path, {"revision": 1, "links": stale, "name": "B"}), 409, "links")
        # Somebody else links the mention meanwhile.
        link(editor, {"span": spans[0], "entity": other, "revision": 1})
        refusal(editor.post(path, {"revision": 1, "links": links, "name": "B"}), 409, "links")
        assert Entity.objects.count() == 2


class TestLinking:
    def test_links_stand_with_spans_everywhere(self, create, editor, article, spans):
        zarif = create("Zarif", identifiers={"wikidata": ["Q123"]})
        done = link(editor, {"span": spans[0], "entity": zarif["id"]})
        assert done["verb"] == "link" and done["complete"] and len(done["links"]) == 1
        expected = {
            "id": zarif["id"], "name": "Zarif", "identifiers": {"wikidata": ["Q123"]}, "state": "confirmed",
            "score": None, "revision": 1,
        }  # fmt: skip
        answers = [
            editor.get(f"articles/{article.pk}/").json()["spans"],
            editor.get(f"articles/{article.pk}/spans/").json()["results"],
            editor.get("articles/?fields=id,spans").json()["results"][0]["spans"],
            editor.get(f"spans/?article={article.pk}").json()["results"],
            editor.get("corpora/desk/concordance/?label=PERSON").json()["results"],
            [editor.get(f"spans/{spans[0]}/").json(), editor.get(f"spans/{spans[1]}/").json()],
        ]
        for rows in answers:
            by_id = {row.get("id", row.get("span")): row["entity"] for row in rows}
            assert by_id[spans[0]] == expected
            assert all(entity is None for pk, entity in by_id.items() if pk != spans[0])
        rejected = editor.patch(f"spans/{spans[0]}/", {"revision": 2, "state": "rejected"}).json()
        assert rejected["entity"] is None

    def test_spans_and_articles_are_filtered_by_entity(self, create, editor, article, spans):
        zarif = create("Zarif")["id"]
        link(editor, {"span": spans[0], "entity": zarif})
        suggested = suggest_link(spans[1])
        listed = lambda query: sorted(row["id"] for row in editor.get(f"spans/?{query}").json()["results"])  # noqa: E731
        assert listed(f"entity={zarif}") == listed("linked=confirmed") == [spans[0]]
        assert listed("linked=suggested") == listed(f"entity={suggested.entity_id}") == [spans[1]]
        assert listed("linked=yes") == spans[:2] and listed("linked=no") == spans[2:]
        assert listed(f"entity={zarif}&linked=suggested") == listed(f"entity={10**9}") == []
        articles = lambda query: [row["id"] for row in editor.get(f"articles/?{query}").json()["results"]]  # noqa: E731
        assert articles(f"entity={zarif}") == articles("linked=no") == [article.pk]
        assert articles(f"entity={10**9}") == []
        for path in ("spans/", "articles/"):
            refusal(editor.get(f"{path}?linked=maybe"), 400, "linked")
            refusal(editor.get(f"{path}?entity=x"), 400, "entity")
            refusal(editor.get(f"{path}?entity={zarif}&linked=no"), 400, "linked")

    def test_confirming_a_span_confirms_the_link_that_was_shown(self, editor, article, spans):
        shown = suggest_link(spans[1])
        body = {"decisions": [{"verb": "confirm", "span": spans[1], "revision": 1, "entity": shown.entity_id}]}
        decided = editor.post(f"articles/{article.pk}/decisions/", body).json()
        assert decided["spans"][0]["entity"]["state"] == "confirmed"
        assert editor.post(f"decisions/{decided['decision']}/undo/", {}).status_code == 201
        assert editor.get(f"spans/{spans[1]}/").json()["entity"]["state"] == "suggested"

    def test_a_link_that_was_not_shown_stays_suggested(self, editor, article, spans):
        shown = suggest_link(spans[1])
        body = {"shown": [{"span": spans[1], "revision": 1, "entity": shown.entity_id + 1}]}
        assert editor.post(f"articles/{article.pk}/confirm/", body).status_code == 201
        assert editor.get(f"spans/{spans[1]}/").json()["entity"]["state"] == "suggested"

    @pytest.mark.parametrize("listed", ["shown", "entities"])
    def test_finishing_confirms_the_links_that_were_shown(self, editor, article, spans, listed):
        shown = suggest_link(spans[1])
        body = {"shown": [{"span": spans[1], "revision": 1}], "entities": []}
        if listed == "shown":
            body["shown"][0]["entity"] = shown.entity_id
        else:
            body["entities"] = [{"span": spans[1], "entity": shown.entity_id}]
        assert editor.post(f"articles/{article.pk}/finish/", body).json()["stage"] == "done"
        assert editor.get(f"spans/{spans[1]}/").json()["entity"]["state"] == "confirmed"

    def test_many_decisions_carry_entities(self, editor, article, spans):
        shown = suggest_link(spans[1])
        item = {"article": article.pk, "verb": "confirm", "span": spans[1], "revision": 1, "entity": shown.entity_id}
        decided = editor.post("corpora/desk/decisions/", {"decisions": [item]}).json()
        assert decided["spans"][0]["entity"]["state"] == "confirmed"

    def test_a_new_entity_and_what_is_left_out(self, editor, spans):
        new = {"name": "Zarif", "label": "PERSON"}
        items = [{"span": spans[0], "new": new}, {"span": spans[1], "new": new}, {"span": 10**9, "new": new}]
        refused = editor.post("corpora/desk/links/", {"links": items, "all_or_none": True})
        assert refusal(refused, 409)["left_out"][0]["item"] == 2 and not Entity.objects.exists()
        done = link(editor, *items)
        assert (done["left_out_count"], done["complete"], len(done["entities"])) == (1, False, 1)
        assert done["entities"][0]["mentions"] == 2

    def test_a_link_that_a_person_decided_is_not_changed_blindly(self, create, editor, manager, spans):
        one, other = create("Zarif")["id"], create("Assad")["id"]
        link(editor, {"span": spans[0], "entity": one})
        blind = manager.post("corpora/desk/links/", {"links": [{"span": spans[0], "entity": other}]})
        document = refusal(blind, 409, "links[0].revision")
        assert "decided in the meantime by editor" in document["detail"] and document["current"]["entity"]["id"] == one
        done = link(manager, {"span": spans[0], "entity": other, "revision": 1})
        assert done["links"][0]["entity"]["id"] == other
        rejected = editor.get("corpora/desk/links/?state=rejected").json()["results"]
        assert [row["entity"]["id"] for row in rejected] == [one]

    @pytest.mark.parametrize(
        ("item", "status", "field"),
        [
            ({}, 400, "links[0].span"),
            ({"span": True, "entity": 1}, 400, "links[0].span"),
            ({"span": "{span}"}, 400, "links[0].entity"),
            ({"span": "{span}", "entity": 10**9}, 404, "links[0].entity"),
            ({"span": "{span}", "entity": 1, "verb": "merge"}, 400, "links[0].verb"),
            ({"span": "{span}", "new": {"name": "A", "label": "NONE"}}, 404, "links[0].new.label"),
            ({"span": "{span}", "new": {"name": " ", "label": "PERSON"}}, 400, "links[0].new.name"),
            ({"span": "{span}", "new": {"name": "A", "label": "PERSON"}, "verb": "unlink"}, 400, "links[0].entity"),
        ],
    )
    def test_bad_links_are_refused(self, editor, spans, item, status, field):
        if item.get("span") == "{span}":
            item = {**item, "span": spans[0]}
        refusal(editor.post("corpora/desk/links/", {"links": [item]}), status, field)
        assert not Link.objects.exists()

    def test_no_links_too_many_and_one_twice_are_refused(self, create, editor, spans):
        item = {"span": spans[0], "entity": create("Zarif")["id"]}
        refusal(editor.post("corpora/desk/links/", {"links": []}), 400, "links")
        refusal(editor.post("corpora/desk/links/", {"links": [item, item]}), 400, "links[1].span")
        assert kind_of(editor.post("corpora/desk/links/", {"links": [item] * 5001})) == "too-many"

    def test_a_link_never_crosses_corpora(self, create, editor, stranger, spans):
        entity = create("Zarif")["id"]
        items = {"links": [{"span": spans[0], "entity": entity}]}
        refusal(stranger.post("corpora/desk/links/", items), 404)
        assert "no entity" in refusal(stranger.post("corpora/other/links/", items), 404)["detail"]
        foreign = stranger.post("corpora/other/entities/", {"name": "Zarif", "label": "PERSON"}).json()["id"]
        items = {"links": [{"span": spans[0], "entity": foreign}]}
        refusal(editor.post("corpora/desk/links/", items), 404, "links[0].entity")


class TestReading:
    def test_mentions_stand_in_context(self, create, editor, article, spans):
        entity = create("Zarif")["id"]
        link(editor, {"span": spans[0], "entity": entity}, {"span": spans[2], "entity": entity})
        page = editor.get(f"entities/{entity}/mentions/?limit=1").json()
        (row,) = page["results"]
        assert row["article"] == article.pk and row["entity"]["id"] == entity and row["title"] == "Zarif in Damascus"
        following = editor.get(page["next"]).json()
        assert {row["id"], following["results"][0]["id"]} == {spans[0], spans[2]} and following["next"] is None
        first = {**row, **following["results"][0]} if row["id"] == spans[2] else row
        assert (first["left"], first["text"], first["right"][:12]) == ("", "Zarif", " met Muallem")
        done = link(editor, {"span": spans[0], "verb": "unlink", "entity": entity, "revision": 1})
        assert done["verb"] == "unlink"
        rejected = editor.get(f"entities/{entity}/mentions/?state=rejected").json()["results"]
        assert [row["id"] for row in rejected] == [spans[0]]
        refusal(editor.get(f"entities/{entity}/mentions/?state=maybe"), 400, "state")

    def test_candidates_for_a_span(self, create, editor, spans):
        entity = create("Mohammad Zarif", aliases=["Zarif"])["id"]
        rows = editor.get(f"spans/{spans[0]}/candidates/").json()["results"]
        assert [row["id"] for row in rows] == [entity]
        refusal(editor.get(f"spans/{10**9}/candidates/"), 404)

    def test_possible_duplicates_are_answered(self, create, editor):
        rows = [create(name)["id"] for name in ("Zarif", "Javad Zarif", "M Zarif", "J Zarif")]
        pairs = [
            PossibleDuplicate.objects.create(
                corpus=Corpus.objects.get(slug="desk"), first_id=rows[0], second_id=other, score=0.9, saves=other,
                evidence=[["same key", "zarif"]],
            )
            for other in rows[1:]
        ]  # fmt: skip
        path = "corpora/desk/possible-duplicates/"
        listed = editor.get(path).json()["results"]
        assert [row["second"]["id"] for row in listed] == rows[:0:-1]
        assert listed[0]["evidence"] == [{"reason": "same key", "value": "zarif"}]
        answer = lambda number, answer, **more: editor.post(  # noqa: E731
            path, {"first": rows[0], "second": rows[number], "answer": answer, **more}
        )
        later = answer(3, "later")
        assert (later.status_code, later.json()) == (200, {"answer": "later", "result": None})
        assert [row["second"]["id"] for row in editor.get(path).json()["results"]] == [rows[2], rows[1], rows[3]]
        assert answer(2, "different").json()["result"]["verb"] == "distinct"
        refusal(answer(1, "maybe"), 400, "answer")
        refusal(answer(1, "same"), 428)
        refusal(answer(1, "same", first_revision=1, second_revision=1), 409)
        assert answer(1, "same", first_revision=2, second_revision=1).json()["result"]["verb"] == "merge"
        refusal(answer(1, "later"), 404)
        assert len(pairs) == 3

    def test_names_without_an_entity(self, create, editor, article, spans):
        entity = create("Zarif")["id"]
        for span, reason, candidates in ((spans[0], "ambiguous", [entity]), (spans[1], "unknown", [])):
            Unlinked.objects.create(
                span_id=span, corpus_id=article.corpus_id, article_id=article.pk, key=f"name {span}", reason=reason,
                candidates=candidates,
            )  # fmt: skip
        path = "corpora/desk/unlinked/"
        (unknown,) = editor.get(path).json()["results"]
        assert unknown == {"key": f"name {spans[1]}", "mentions": 1, "reason": "unknown", "candidates": []}
        (ambiguous,) = editor.get(f"{path}?queue=ambiguous").json()["results"]
        assert ambiguous["candidates"] == [{"id": entity, "name": "Zarif", "label": "PERSON"}]
        (row,) = editor.get(f"{path}mentions/?key=name+{spans[1]}").json()["results"]
        assert (row["id"], row["text"], row["entity"]) == (spans[1], "Muallem", None)
        refusal(editor.get(f"{path}?queue=all"), 400, "queue")
        refusal(editor.get(f"{path}mentions/"), 400, "key")
        refusal(editor.get(f"{path}?cursor=x"), 400, "cursor")
