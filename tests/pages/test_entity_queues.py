"""The queues of entities: what is next, its evidence, answers with undo, skipping, refusals and downloads."""

import csv
import io

import pytest
from django.urls import reverse

from annotations.entities.actions.entities import edit_entity
from annotations.entities.models import Distinct, Entity, EntityState, Link, PossibleDuplicate
from annotations.entities.views.evidence import sentences
from annotations.linkers import candidates
from annotations.review.models import Span
from tests import factories
from tests.entities.cast import leave_unlinked, link, make_entity, propose
from tests.pages.reading import values
from tests.pages.test_entity_pages import page, send, statements, undo


@pytest.fixture
def pair(article):
    """Two names of one person, the first with a mention."""
    first, second = make_entity(article.corpus, "Javad Zarif"), make_entity(article.corpus, "M. J. Zarif")
    link(article.corpus, first, article.spans.get(label__name="PERSON"))
    propose(
        article.corpus, first, second, evidence=(("same surname", "Javad Zarif / M. J. Zarif"), ("odd code", "Zarif"))
    )
    return first, second


@pytest.fixture
def zarifs(corpus):
    """Five mentions of one name in three articles."""
    articles = [factories.make_article(corpus, f"Zarif met others on day {n}. Zarif left.") for n in range(2)]
    articles.append(factories.make_article(corpus, "Zarif alone."))
    spans = [factories.suggest(each, (0, 5, "PERSON"), (len(each.text) - 11, len(each.text) - 6, "PERSON"))
             for each in articles[:2]]  # fmt: skip
    return [*spans[0], *spans[1], *factories.suggest(articles[2], (0, 5, "PERSON"))]


class TestDuplicates:
    def test_a_pair_stands_side_by_side_with_its_evidence(self, pair, editor):
        html = page(editor, "entities-duplicates").content.decode()
        assert "1 pair left" in html
        plain = html.replace("\u2068", "").replace("\u2069", "")
        assert "The surname is the same: “Javad Zarif” and “M. J. Zarif”." in plain
        assert "Odd code: “Zarif”." in plain
        assert html.index("Javad Zarif") < html.index("M. J. Zarif")
        assert "met Muallem" in html

    def test_same_merges_into_the_one_with_more_mentions(self, pair, editor):
        html = page(editor, "entities-duplicates").content.decode()
        answer = send(editor, "entities-duplicates", answer="same", seen=values(html, "seen"), key="k")
        assert Entity.objects.get(pk=pair[1].pk).merged_into_id == pair[0].pk
        html = editor.get(answer["Location"]).content.decode()
        assert "Merged “M. J. Zarif” into “Javad Zarif”" in html
        assert "No pair of entities looks like one" in html
        undo(editor, answer)
        assert Entity.objects.get(pk=pair[1].pk).state == EntityState.CONFIRMED

    def test_different_is_never_proposed_again(self, pair, editor):
        html = page(editor, "entities-duplicates").content.decode()
        send(editor, "entities-duplicates", answer="different", seen=values(html, "seen"))
        assert Distinct.objects.count() == 1
        assert not PossibleDuplicate.objects.exists()

    def test_later_comes_after_the_others(self, corpus, pair, editor):
        other = make_entity(corpus, "Damascus", "GPE"), make_entity(corpus, "Damascus City", "GPE")
        propose(corpus, *other, saves=0)
        html = page(editor, "entities-duplicates").content.decode()
        answer = send(editor, "entities-duplicates", answer="later", seen=values(html, "seen"))
        html = editor.get(answer["Location"]).content.decode()
        assert "Damascus City" in html
        send(editor, "entities-duplicates", answer="later", seen=values(html, "seen"))
        assert "M. J. Zarif" in page(editor, "entities-duplicates").content.decode()

    @pytest.mark.parametrize(
        ("sent", "status"), [({"answer": "odd"}, 400), ({"seen": ["1"]}, 400), ({"seen": ["9:1", "8:1"]}, 404)]
    )
    def test_an_answer_that_cannot_be_read_is_refused(self, pair, editor, sent, status):
        seen = values(page(editor, "entities-duplicates").content.decode(), "seen")
        assert send(editor, "entities-duplicates", **{"answer": "same", "seen": seen} | sent).status_code == status
        assert not Entity.objects.filter(state=EntityState.MERGED).exists()

    def test_a_stale_pair_is_refused_and_shown_as_it_is(self, pair, editor):
        seen = values(page(editor, "entities-duplicates").content.decode(), "seen")
        edit_entity(user=factories.make_superuser(), entity=pair[1], revision=1, description="Minister")
        answer = send(editor, "entities-duplicates", answer="same", seen=seen)
        assert answer.status_code == 409
        assert "Minister" in answer.content.decode()

    def test_the_number_of_statements_is_fixed(self, corpus, article, pair, editor):
        before = statements(editor, "entities-duplicates")
        for number in range(3):
            one, other = make_entity(corpus, f"Person {number}"), make_entity(corpus, f"P. {number}")
            span = factories.suggest(factories.make_article(corpus, f"Person {number} met Zarif."), (0, 8, "PERSON"))
            link(corpus, one, *span)
            propose(corpus, one, other, saves=5)
        assert statements(editor, "entities-duplicates") == before

    def test_csv(self, pair, editor):
        answer = page(editor, "entities-duplicates", download="csv")
        (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
        assert {row["first name"], row["second name"]} == {"Javad Zarif", "M. J. Zarif"}

    def test_each_piece_of_evidence_of_the_linker_has_a_sentence(self):
        for code in candidates._REASONS.values():
            (sentence,) = sentences([(code, "Zarif / Zareef")])
            assert not sentence.lower().startswith(f"{code}:"), code

    def test_readers_only_look(self, pair, visitors):
        html = page(visitors["reader"], "entities-duplicates").content.decode()
        assert values(html, "answer") == []
        assert send(visitors["reader"], "entities-duplicates", answer="same").status_code == 403


class TestUnlinked:
    def test_the_most_frequent_name_comes_first_and_is_linked_as_a_whole(self, corpus, article, zarifs, editor):
        leave_unlinked(article.spans.get(label__name="GPE"), *zarifs)
        zarif = make_entity(corpus, "Zarif")
        html = page(editor, "entities-unlinked").content.decode()
        assert "2 names left" in html
        assert "5 mentions of this one" in html
        assert values(html, "entity")[0] == str(zarif.pk)
        answer = send(editor, "entities-unlinked", entity=zarif.pk, spans=values(html, "spans")[0], key="k")
        html = editor.get(answer["Location"]).content.decode()
        assert "Linked 5 mentions to “Zarif”." in html
        assert "Damascus" in html
        assert "1 name left" in html
        assert Link.objects.filter(entity=zarif, state="confirmed").count() == 5
        assert Span.objects.filter(state="confirmed").count() == 5
        undo(editor, answer)
        assert not Link.objects.filter(state="confirmed").exists()

    def test_a_new_entity_by_its_name(self, corpus, zarifs, editor):
        leave_unlinked(*zarifs)
        html = page(editor, "entities-unlinked").content.decode()
        answer = send(
            editor, "entities-unlinked", entity="new", name="Javad Zarif", label="PERSON",
            spans=values(html, "spans")[0],
        )  # fmt: skip
        assert Entity.objects.get().mentions == 5
        html = editor.get(answer["Location"]).content.decode()
        assert "Linked 5 mentions to the new entity “Javad Zarif”." in html
        assert "Every name has an entity" in html

    def test_search_offers_other_entities(self, corpus, zarifs, editor):
        leave_unlinked(*zarifs)
        other = make_entity(corpus, "Foreign Minister of Iran")
        assert str(other.pk) not in values(page(editor, "entities-unlinked").content.decode(), "entity")
        html = page(editor, "entities-unlinked", name_key="zarif", q="minister").content.decode()
        assert str(other.pk) in values(html, "entity")
        html = page(editor, "entities-unlinked", name_key="zarif", q="nobody at all").content.decode()
        assert "No entity has a name like" in html

    def test_a_name_that_has_no_mentions_any_more_is_passed_over(self, article, zarifs, editor):
        leave_unlinked(article.spans.get(label__name="GPE"), *zarifs)
        Span.objects.filter(pk__in=[span.pk for span in zarifs]).update(state="rejected")
        assert "Damascus" in page(editor, "entities-unlinked").content.decode()

    def test_skipped_names_are_behind(self, article, zarifs, editor):
        leave_unlinked(article.spans.get(label__name="GPE"), *zarifs)
        html = page(editor, "entities-unlinked").content.decode()
        later = html.partition('data-key="h"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        html = editor.get(reverse("entities-unlinked", args=["desk"]) + later).content.decode()
        assert "Damascus" in html
        later = html.partition('data-key="h"')[0].rpartition('href="')[2].partition('"')[0].replace("&amp;", "&")
        html = editor.get(reverse("entities-unlinked", args=["desk"]) + later).content.decode()
        assert "You have been through all of them" in html

    @pytest.mark.parametrize(
        ("sent", "status"),
        [
            ({}, 400),
            ({"entity": "new", "name": " ", "label": "PERSON"}, 400),
            ({"entity": "new", "name": "X", "label": "NONE"}, 404),
            ({"entity": "999999"}, 404),
            ({"entity": "1", "spans": "1-99999999"}, 400),
            ({"entity": "new", "name": "X", "label": "PERSON", "spans": ""}, 400),
        ],
    )
    def test_a_refused_answer_is_shown_again(self, zarifs, editor, sent, status):
        leave_unlinked(*zarifs)
        spans = values(page(editor, "entities-unlinked").content.decode(), "spans")[0]
        answer = send(editor, "entities-unlinked", **{"name_key": "zarif", "spans": spans} | sent)
        assert answer.status_code == status
        assert 'role="alert"' in answer.content.decode()
        assert not Link.objects.exists()

    def test_what_was_linked_since_is_left_out_and_reported(self, corpus, zarifs, editor):
        leave_unlinked(*zarifs)
        spans = values(page(editor, "entities-unlinked").content.decode(), "spans")[0]
        link(corpus, make_entity(corpus, "Another"), zarifs[0])
        zarif = make_entity(corpus, "Zarif")
        answer = send(editor, "entities-unlinked", entity=zarif.pk, spans=spans)
        html = editor.get(answer["Location"]).content.decode()
        assert "Linked 4 mentions" in html
        assert "decided in the meantime" in html

    def test_the_number_of_statements_is_fixed(self, corpus, article, zarifs, editor):
        for entity in ("Zarif", "Damascus"):
            make_entity(corpus, entity)
        leave_unlinked(article.spans.get(label__name="GPE"))
        before = statements(editor, "entities-unlinked")
        leave_unlinked(*zarifs)
        assert statements(editor, "entities-unlinked") == before

    def test_csv(self, corpus, zarifs, editor):
        leave_unlinked(*zarifs)
        answer = page(editor, "entities-unlinked", download="csv")
        (row,) = csv.DictReader(io.StringIO(answer.getvalue().decode()))
        assert (row["name"], row["mentions"], row["reason"]) == ("zarif", "5", "unknown")

    @pytest.mark.parametrize("query", [{"after": "odd"}, {"name_key": "nobody"}])
    def test_an_address_that_leads_nowhere_says_so(self, zarifs, editor, query):
        answer = page(editor, "entities-unlinked", **query)
        assert answer.status_code in (400, 404)
        assert "Begin again" in answer.content.decode()


class TestAmbiguous:
    def test_the_mentions_of_one_article_are_linked_by_choice(self, corpus, zarifs, editor):
        first, second = make_entity(corpus, "Javad Zarif"), make_entity(corpus, "Zarif of Shiraz")
        leave_unlinked(*zarifs, reason="ambiguous", candidates=(second, first))
        html = page(editor, "entities-ambiguous").content.decode()
        assert values(html, "entity")[:2] == [str(second.pk), str(first.pk)]
        assert "1 of them here" in html
        answer = send(editor, "entities-ambiguous", entity=first.pk, spans=values(html, "spans")[0])
        assert Link.objects.get().entity_id == first.pk
        html = editor.get(answer["Location"]).content.decode()
        assert "2 of them here" in html

    def test_one_article_is_skipped(self, corpus, zarifs, editor):
        leave_unlinked(*zarifs, reason="ambiguous", candidates=(make_entity(corpus, "Javad Zarif"),))
        newest = zarifs[-1].article_id
        html = page(editor, "entities-ambiguous", name_key="zarif", skip=str(newest)).content.decode()
        assert values(html, "spans") == [f"{zarifs[2].pk}-{zarifs[3].pk}"]

    def test_nothing_waits(self, corpus, editor):
        assert "No name waits for a choice" in page(editor, "entities-ambiguous").content.decode()
