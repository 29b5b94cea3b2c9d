"""The list of entities and the page of one: what they show, their forms, messages with undo, and refusals."""

import csv
import io
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.entities.actions.entities import edit_entity, identify
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.actions.merge import mark_distinct
from annotations.entities.models import Alias, Distinct, Entity, EntityState, Identifier, Link
from annotations.review.models import Decision
from corpusapp.articles.models import Corpus
from tests import factories
from tests.entities.cast import link, make_entity
from tests.pages.reading import tags, text_of, values


def statements(client, name, /, *args):
    """How many SQL statements a page takes."""
    with CaptureQueriesContext(connection) as captured:
        assert page(client, name, *args).status_code == 200
    return len(captured)


@pytest.fixture
def zarif(article):
    entity = make_entity(article.corpus)
    link(article.corpus, entity, article.spans.get(label__name="PERSON"))
    return entity


def page(client, name, /, *args, **query):
    return client.get(reverse(name, args=["desk", *args]), query)


def send(client, name, /, *args, **values):
    return client.post(reverse(name, args=["desk", *args]), values)


def undo(client, answer):
    """Press the button of the message on the page that the answer leads to; what that answers."""
    html = client.get(answer["Location"]).content.decode()
    (decision,) = values(html, "decision")[:1]
    back = values(html, "back")[0]
    return send(client, "entities-undo", decision=decision, back=back, key="undo")


class TestIndex:
    def test_it_lists_entities_with_counts_and_a_trend(self, zarif, editor):
        html = page(editor, "entities").content.decode()
        assert "1 entity" in html
        assert 'class="spark"' in html
        assert reverse("entity", args=["desk", zarif.pk]) in html

    def test_search_finds_any_case_and_says_what_it_did_not_find(self, zarif, editor):
        assert "Mohammad Javad Zarif" in page(editor, "entities", q="mohammad javad zarif").content.decode()
        html = page(editor, "entities", q="Nobody").content.decode()
        assert "matches “Nobody”" in html

    def test_filters_by_label_and_state(self, corpus, zarif, editor):
        make_entity(corpus, "Damascus", "GPE")
        html = page(editor, "entities", label="GPE").content.decode()
        assert "Damascus" in html
        assert "Zarif" not in html
        assert "No entity" in page(editor, "entities", state="merged").content.decode()

    def test_pages_by_key(self, corpus, editor):
        for number in range(51):
            make_entity(corpus, f"Name {number}")
        html = page(editor, "entities").content.decode()
        address = re.search(r'rel="next"\s+href="([^"]+)"', html)[1].replace("&amp;", "&")
        assert "This is the last page" in editor.get(reverse("entities", args=["desk"]) + address).content.decode()

    @pytest.mark.parametrize("query", [{"state": "odd"}, {"order": "odd"}, {"cursor": "odd"}, {"identifier": "Q1"}])
    def test_an_invalid_filter_is_shown_with_its_refusal(self, zarif, editor, query):
        answer = page(editor, "entities", **query)
        assert answer.status_code == 400
        assert 'role="alert"' in answer.content.decode()

    def test_an_empty_list_says_what_to_do(self, corpus, editor, visitors):
        assert "There are no entities yet" in page(editor, "entities").content.decode()
        assert "create an entity" not in page(visitors["reader"], "entities").content.decode()

    def test_csv_has_all_rows_and_no_formulas(self, corpus, zarif, editor):
        make_entity(corpus, "=HYPERLINK(1)", "ORG", description="+1", identifiers=[("wikidata", "Q1")])
        answer = page(editor, "entities", download="csv", order="name")
        rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
        assert [row["name"] for row in rows] == ["'=HYPERLINK(1)", "Mohammad Javad Zarif"]
        assert rows[0]["description"] == "'+1"
        assert rows[0]["identifiers"] == "wikidata:Q1"
        assert rows[1]["address"].endswith(f"/entities/{zarif.pk}/")

    def test_where_entities_are_off_there_is_neither_page_nor_tab(self, zarif, editor):
        assert 'href="/corpora/desk/entities/"' in editor.get("/corpora/desk/").content.decode()
        Corpus.objects.update(entities_enabled=False)
        assert 'href="/corpora/desk/entities/"' not in editor.get("/corpora/desk/").content.decode()
        for name in ("entities", "entities-duplicates", "entities-unlinked", "entities-ambiguous", "entity-new"):
            assert page(editor, name).status_code == 404, name
        assert page(editor, "entity", zarif.pk).status_code == 404
        assert editor.get(f"/entities/{zarif.pk}/").status_code == 404


class TestNew:
    def test_it_is_created_with_names_and_an_identifier(self, corpus, editor):
        answer = send(
            editor, "entity-new", name="Faisal Mekdad", label="PERSON", description="Minister",
            aliases="Fayssal Mikdad\r\nفيصل المقداد\r\n", scheme="wikidata", value="Q5431010", key="k",
        )  # fmt: skip
        entity = Entity.objects.get()
        assert answer["Location"].startswith(reverse("entity", args=["desk", entity.pk]))
        assert set(Alias.objects.values_list("name", flat=True)) == {"Faisal Mekdad", "Fayssal Mikdad", "فيصل المقداد"}
        assert Identifier.objects.get().value == "Q5431010"
        assert "Created “Faisal Mekdad”." in editor.get(answer["Location"]).content.decode()

    def test_sent_twice_it_is_created_once(self, corpus, editor):
        for _ in range(2):
            send(editor, "entity-new", name="Faisal Mekdad", label="PERSON", key="k")
        assert Entity.objects.count() == 1

    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ({"name": " "}, "Name"),
            ({"label": "NONE"}, "no label"),
            ({"label": ""}, "choose a label"),
            ({"scheme": "wikidata"}, "empty"),
            ({"scheme": "wikidata", "value": "<script>"}, "angle brackets"),
            ({"scheme": "javascript:alert(1)//", "value": "x" * 400}, "Identifier"),
        ],
    )
    def test_a_refused_form_is_shown_again_as_sent(self, corpus, editor, wrong, said):
        answer = send(editor, "entity-new", **{"name": "Faisal", "label": "PERSON", "description": "kept"} | wrong)
        html = answer.content.decode()
        assert answer.status_code in (400, 404)
        assert said in html
        assert "kept" in html
        assert not Entity.objects.exists()

    def test_undo_removes_it(self, corpus, editor):
        answer = send(editor, "entity-new", name="Faisal Mekdad", label="PERSON")
        undone = undo(editor, answer)
        assert Entity.objects.get().state == EntityState.REMOVED
        assert "Redo" in editor.get(undone["Location"]).content.decode()


class TestEntity:
    def test_it_shows_what_is_known(self, article, zarif, editor):
        place = make_entity(article.corpus, "Damascus", "GPE")
        link(article.corpus, place, article.spans.get(label__name="GPE"))
        html = page(editor, "entity", zarif.pk).content.decode()
        assert "1 mention, 1 confirmed" in html
        assert "in 1 article" in html
        assert text_of(html, "names").count("Zarif") >= 2
        assert reverse("entity", args=["desk", place.pk]) in html
        assert html.count('class="pygal-chart"') == 2
        assert "Zarif in Damascus" in html
        assert "met Muallem" in text_of(html, "mentions")

    def test_its_short_address_leads_there(self, zarif, editor, visitors):
        assert editor.get(f"/entities/{zarif.pk}/")["Location"] == reverse("entity", args=["desk", zarif.pk])
        assert visitors["stranger"].get(f"/entities/{zarif.pk}/").status_code == 404

    def test_without_mentions_no_chart_is_drawn(self, corpus, editor):
        html = page(editor, "entity", make_entity(corpus).pk).content.decode()
        assert "pygal" not in html
        assert "Nothing is linked to this entity yet" in html

    def test_only_known_schemes_over_http_are_links(self, corpus, editor):
        pairs = [("wikidata", "Q1"), ("uri", "https://example.org/a?b=1"), ("uri", "javascript:alert(1)"), ("own", "7")]
        html = page(editor, "entity", make_entity(corpus, identifiers=pairs).pk).content.decode()
        links = {found["href"]: found for tag, found in tags(html) if tag == "a" and "rel" in found}
        assert [href for href in links if not href.startswith("?")] == [
            "https://example.org/a?b=1", "http://www.wikidata.org/entity/Q1",
        ]  # fmt: skip
        assert all("noopener" in found["rel"] for href, found in links.items() if href.startswith("http"))
        assert 'href="javascript' not in html

    def test_rename_keeps_the_former_name_and_can_be_undone(self, zarif, editor):
        answer = send(editor, "entity-edit", zarif.pk, name="Javad Zarif", revision=zarif.revision)
        zarif.refresh_from_db()
        assert zarif.name == "Javad Zarif"
        assert "Renamed “Mohammad Javad Zarif” to “Javad Zarif”." in editor.get(answer["Location"]).content.decode()
        undo(editor, answer)
        zarif.refresh_from_db()
        assert zarif.name == "Mohammad Javad Zarif"

    def test_a_stale_form_is_refused_and_shown_again(self, zarif, editor):
        edit_entity(user=factories.make_superuser(), entity=zarif, revision=zarif.revision, description="Diplomat")
        answer = send(editor, "entity-edit", zarif.pk, description="Minister", revision=zarif.revision)
        html = answer.content.decode()
        assert answer.status_code == 409
        assert "is at revision" in html
        assert "Minister" in html
        assert Entity.objects.get(pk=zarif.pk).description == "Diplomat"

    def test_a_form_that_changes_nothing_says_so(self, zarif, editor):
        answer = send(editor, "entity-edit", zarif.pk, name=zarif.name, revision=zarif.revision)
        assert answer.status_code == 400
        assert "Nothing was changed" in answer.content.decode()

    def test_names_are_added_and_dropped(self, zarif, editor):
        answer = send(editor, "entity-names", zarif.pk, name="ظریف", language="fa", revision=zarif.revision)
        assert "Added the name “ظریف”" in editor.get(answer["Location"].partition("#")[0]).content.decode()
        zarif.refresh_from_db()
        send(editor, "entity-names", zarif.pk, drop="ظریف", revision=zarif.revision)
        assert Alias.objects.get(name="ظریف").state == "rejected"
        zarif.refresh_from_db()
        answer = send(editor, "entity-names", zarif.pk, drop=zarif.name, revision=zarif.revision)
        assert answer.status_code == 409
        assert "rename it first" in answer.content.decode()

    def test_identifiers_are_added_and_dropped(self, zarif, editor):
        send(editor, "entity-identifiers", zarif.pk, scheme="viaf", value="123", revision=zarif.revision)
        assert Identifier.objects.get().value == "123"
        zarif.refresh_from_db()
        send(editor, "entity-identifiers", zarif.pk, drop="viaf 123", revision=zarif.revision)
        assert not Identifier.objects.exists()
        zarif.refresh_from_db()
        answer = send(editor, "entity-identifiers", zarif.pk, scheme="viaf", value="a b", revision=zarif.revision)
        assert answer.status_code == 400

    def test_the_identifier_of_another_entity_is_refused_with_its_number(self, corpus, zarif, editor):
        other = make_entity(corpus, "Zarif", identifiers=[("viaf", "123")])
        answer = send(editor, "entity-identifiers", zarif.pk, scheme="viaf", value="123", revision=zarif.revision)
        assert answer.status_code == 409
        assert f"identifier of entity {other.pk}" in answer.content.decode()

    def test_its_history_can_be_undone_step_by_step(self, zarif, editor):
        send(editor, "entity-edit", zarif.pk, description="Diplomat", revision=zarif.revision)
        html = page(editor, "entity-history", zarif.pk).content.decode()
        assert "Described: “Diplomat”" in html
        (decision,) = values(html, "decision")
        send(editor, "entities-undo", decision=decision, back="/corpora/desk/entities/")
        assert not Entity.objects.get(pk=zarif.pk).description
        assert "undid" in page(editor, "entity-history", zarif.pk).content.decode().lower()

    def test_only_managers_undo_what_others_did(self, zarif, editor, visitors):
        for who, number in (("editor", 0), ("manager", 2)):
            html = page(visitors[who], "entity-history", zarif.pk).content.decode()
            assert len(values(html, "decision")) == number

    def test_undo_leads_to_no_other_site(self, zarif, editor):
        for back in ("https://example.org/", "//example.org/corpora/desk/entities/", "/corpora/desk/entities/\n//x"):
            send(editor, "entity-edit", zarif.pk, description=back, revision=zarif.revision)
            zarif.refresh_from_db()
            decision = Decision.objects.latest("pk")
            answer = send(editor, "entities-undo", decision=decision.pk, back=back)
            assert answer["Location"].startswith("/corpora/desk/entities/"), back
            zarif.refresh_from_db()

    def test_readers_get_no_forms(self, zarif, visitors):
        html = page(visitors["reader"], "entity", zarif.pk).content.decode()
        assert "Rename" not in html
        assert values(html, "mention") == []
        assert send(visitors["reader"], "entity-edit", zarif.pk, name="X", revision=zarif.revision).status_code == 403

    def test_the_number_of_statements_is_fixed(self, corpus, article, zarif, editor):
        before = statements(editor, "entity", zarif.pk), statements(editor, "entities")
        assert before == (25, 13)
        for number in range(5):
            other = factories.make_article(corpus, f"Zarif met nobody on day {number}.")
            (span,) = factories.suggest(other, (0, 5, "PERSON"))
            link(corpus, zarif, span)
            mark_distinct(user=factories.make_superuser(), first=zarif, second=make_entity(corpus, f"Person {number}"))
        assert (statements(editor, "entity", zarif.pk), statements(editor, "entities")) == before


class TestMentions:
    def test_they_are_confirmed_and_rejected_in_bulk(self, corpus, article, zarif, editor):
        second = article.spans.get(label__name="ORG")
        link(corpus, zarif, second)
        html = page(editor, "entity", zarif.pk).content.decode()
        mentions = values(html, "mention")
        assert len(mentions) == 2
        answer = send(editor, "entity-mentions", zarif.pk, mention=mentions, verb="reject", back="?state=confirmed")
        assert "state=confirmed&done=" in answer["Location"]
        assert Link.objects.filter(state="rejected").count() == 2
        assert "2 mentions: not “Mohammad Javad Zarif”." in editor.get(answer["Location"]).content.decode()
        undo(editor, answer)
        assert Link.objects.filter(state="confirmed").count() == 2

    def test_filters_by_state_and_name(self, corpus, article, zarif, editor):
        html = page(editor, "entity", zarif.pk, state="rejected").content.decode()
        assert "No mention matches" in html
        assert len(values(page(editor, "entity", zarif.pk, name="Zarif").content.decode(), "mention")) == 1
        assert page(editor, "entity", zarif.pk, name="Other").status_code == 200
        assert page(editor, "entity", zarif.pk, published_from="nonsense").status_code == 400
        assert page(editor, "entity", zarif.pk, cursor="nonsense").status_code == 400

    def test_csv_has_each_mention_in_context(self, zarif, editor):
        answer = page(editor, "entity", zarif.pk, download="csv")
        (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
        assert (row["mention"], row["state"], row["published"]) == ("Zarif", "confirmed", "2018-09-03")
        assert "filename" in answer["Content-Disposition"]

    def test_nothing_selected_is_refused(self, zarif, editor):
        answer = send(editor, "entity-mentions", zarif.pk, verb="confirm")
        assert answer.status_code == 400
        assert "Nothing is selected" in answer.content.decode()
        assert send(editor, "entity-mentions", zarif.pk, verb="confirm", mention="odd").status_code == 400

    def test_they_are_moved_to_a_new_entity_after_a_preview(self, zarif, editor):
        mention = values(page(editor, "entity", zarif.pk).content.decode(), "mention")
        html = send(editor, "entity-mentions", zarif.pk, verb="move", mention=mention).content.decode()
        assert "Nothing is changed yet" in html
        answer = send(
            editor, "entity-move", zarif.pk, step="move", into="new", name="Another Zarif", label="PERSON",
            mention=values(html, "mention"), revision=values(html, "revision")[0],
        )  # fmt: skip
        other = Entity.objects.get(name="Another Zarif")
        assert answer["Location"].startswith(reverse("entity", args=["desk", other.pk]))
        assert (other.mentions, Entity.objects.get(pk=zarif.pk).mentions) == (1, 0)
        assert Distinct.objects.exists()
        undo(editor, answer)
        assert Entity.objects.get(pk=zarif.pk).mentions == 1

    def test_they_are_moved_to_an_entity_that_is_searched_for(self, corpus, zarif, editor):
        other = make_entity(corpus, "Zarif of Shiraz")
        mention = values(page(editor, "entity", zarif.pk).content.decode(), "mention")
        html = send(editor, "entity-move", zarif.pk, step="search", q="shiraz", mention=mention).content.decode()
        assert str(other.pk) in values(html, "into")
        send(editor, "entity-move", zarif.pk, step="move", into=other.pk, mention=mention, revision=zarif.revision)
        other.refresh_from_db()
        assert other.mentions == 1

    @pytest.mark.parametrize(
        ("sent", "status"), [({}, 400), ({"into": "new", "name": ""}, 400), ({"into": "999999"}, 404)]
    )
    def test_a_refused_move_is_shown_again_with_its_selection(self, zarif, editor, sent, status):
        mention = values(page(editor, "entity", zarif.pk).content.decode(), "mention")
        values_sent = {"step": "move", "mention": mention, "revision": zarif.revision, "label": "PERSON"} | sent
        answer = send(editor, "entity-move", zarif.pk, **values_sent)
        assert answer.status_code == status
        assert values(answer.content.decode(), "mention") == mention

    def test_a_mention_that_was_moved_since_is_reported(self, corpus, article, zarif, editor):
        mention = values(page(editor, "entity", zarif.pk).content.decode(), "mention")
        other = make_entity(corpus, "Zarif of Shiraz")
        link_spans(
            user=factories.make_superuser(), corpus=corpus,
            choices=[LinkChoice(article.spans.get(label__name="PERSON").pk, other.pk, revision=1)],
        )  # fmt: skip
        answer = send(editor, "entity-mentions", zarif.pk, mention=mention, verb="confirm")
        assert answer.status_code == 409
        assert "decided in the meantime" in answer.content.decode()


class TestMerging:
    def test_found_compared_merged_and_undone(self, corpus, zarif, editor):
        other = make_entity(corpus, "M. J. Zarif", identifiers=[("viaf", "9")])
        html = page(editor, "entity-find", zarif.pk, q="zarif").content.decode()
        assert f"entity={zarif.pk}&amp;entity={other.pk}" in html
        html = page(editor, "entities-compare", entity=[zarif.pk, other.pk]).content.decode()
        assert "move 0 mentions, the name “<bdi>M. J. Zarif</bdi>”" in html
        assert "viaf 9" in html
        answer = send(editor, "entities-compare", verb="merge", into=zarif.pk, seen=values(html, "seen"), key="k")
        assert Entity.objects.get(pk=other.pk).merged_into_id == zarif.pk
        said = editor.get(answer["Location"]).content.decode()
        assert "Merged “M. J. Zarif” into “Mohammad Javad Zarif”: 0 mentions moved." in said
        gone = page(editor, "entity", other.pk).content.decode()
        assert "was merged into" in gone
        assert reverse("entity", args=["desk", zarif.pk]) in gone
        undo(editor, answer)
        assert Entity.objects.get(pk=other.pk).state == EntityState.CONFIRMED

    def test_several_are_merged_at_once_and_undone_at_once(self, corpus, zarif, editor):
        others = [make_entity(corpus, f"Zarif {number}") for number in range(3)]
        ids = [zarif.pk, *(other.pk for other in others)]
        html = page(editor, "entities-compare", entity=ids).content.decode()
        answer = send(editor, "entities-compare", verb="merge", into=zarif.pk, seen=values(html, "seen"))
        assert Entity.objects.filter(merged_into=zarif).count() == 3
        html = editor.get(answer["Location"]).content.decode()
        decisions = values(html, "decision")[:3]
        send(editor, "entities-undo", decision=decisions, back=values(html, "back")[0])
        assert not Entity.objects.filter(state=EntityState.MERGED).exists()

    def test_all_or_none(self, corpus, zarif, editor):
        others = [make_entity(corpus, f"Zarif {number}") for number in range(2)]
        html = page(editor, "entities-compare", entity=[zarif.pk, *(o.pk for o in others)]).content.decode()
        edit_entity(user=factories.make_superuser(), entity=others[1], revision=1, description="New")
        answer = send(editor, "entities-compare", verb="merge", into=zarif.pk, seen=values(html, "seen"))
        assert answer.status_code == 409
        assert not Entity.objects.filter(state=EntityState.MERGED).exists()

    def test_two_are_marked_as_different_and_then_not_merged(self, corpus, zarif, editor):
        other = make_entity(corpus, "Zarif of Shiraz")
        html = page(editor, "entities-compare", entity=[zarif.pk, other.pk]).content.decode()
        send(editor, "entities-compare", verb="different", into=zarif.pk, seen=values(html, "seen"))
        assert Distinct.objects.count() == 1
        html = page(editor, "entities-compare", entity=[zarif.pk, other.pk]).content.decode()
        assert "are different" in html
        answer = send(editor, "entities-compare", verb="merge", into=zarif.pk, seen=values(html, "seen"))
        assert answer.status_code == 409

    def test_a_selection_that_cannot_be_compared_is_refused(self, corpus, zarif, editor):
        assert page(editor, "entities-compare", entity=[zarif.pk]).status_code == 400
        assert page(editor, "entities-compare", entity=[zarif.pk, 999999]).status_code == 404
        assert page(editor, "entities-compare", entity=range(1, 9)).status_code == 400
        assert send(editor, "entities-compare", verb="merge", seen=["x"]).status_code == 400

    def test_an_entity_of_another_corpus_is_not_found(self, zarif, editor):
        other = factories.make_corpus("elsewhere")
        stranger = make_entity(other, "Zarif")
        assert page(editor, "entities-compare", entity=[zarif.pk, stranger.pk]).status_code == 404
        assert page(editor, "entity", stranger.pk).status_code == 404

    def test_identifiers_of_both_are_kept(self, corpus, zarif, editor):
        identify(user=factories.make_superuser(), entity=zarif, revision=zarif.revision, add=[("wikidata", "Q1")])
        other = make_entity(corpus, "J. Zarif", identifiers=[("viaf", "9")])
        html = page(editor, "entities-compare", entity=[zarif.pk, other.pk]).content.decode()
        send(editor, "entities-compare", verb="merge", into=zarif.pk, seen=values(html, "seen"))
        assert Identifier.objects.filter(entity=zarif).count() == 2
