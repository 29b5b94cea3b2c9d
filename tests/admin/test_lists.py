"""Lists: filters, searches and choices are limited to own corpora, and the number of queries is constant."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from annotations.review.models import Change, Decision, Label, Review, Span
from annotations.suggestions.models import Run, RunItem
from corpusapp.articles.models import Article, Corpus, ImportBatch, ImportProblem, Membership, Role, Source, Zone
from tests import factories
from tests.admin.addresses import autocomplete, page
from tests.admin.people import fill
from tests.admin.test_who_enters import SCOPED

GROWING = tuple(model for model in SCOPED if model is not Corpus)


@pytest.mark.parametrize("model", GROWING)
def test_a_list_runs_the_same_queries_however_many_rows(cast, model):
    client = cast.client("superuser")
    client.get(page(model, "changelist"))
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert client.get(page(model, "changelist")).status_code == 200
    for number in range(3):
        corpus = factories.make_corpus(f"more-{number}")
        fill(corpus, factories.make_member(corpus, Role.MANAGER))
    with CaptureQueriesContext(connection) as many:
        assert client.get(page(model, "changelist")).status_code == 200
    assert len(many) == len(few)


@pytest.mark.parametrize("model", GROWING)
def test_the_corpus_filter_offers_and_finds_own_corpora_only(cast, model):
    client, address = cast.client("manager"), page(model, "changelist")
    assert len(client.get(f"{address}?of_corpus={cast.here.pk}").context["cl"].result_list) >= 1
    for value in (cast.there.pk, "x", 10**20):
        assert len(client.get(f"{address}?of_corpus={value}").context["cl"].result_list) == 0


def test_articles_are_filtered_by_source_stage_and_withdrawal(cast):
    client, address = cast.client("manager"), page(Article, "changelist")
    found = {query: len(client.get(f"{address}?{query}").context["cl"].result_list) for query in (
        "of_source=Here+Wire", "of_source=There+Wire", "stage=in_review", "stage=done", "stage=x", "withdrawn=yes",
        "withdrawn=no", "q=Here", "q=There",
    )}  # fmt: skip
    assert found == {
        "of_source=Here+Wire": 1, "of_source=There+Wire": 0, "stage=in_review": 1, "stage=done": 0, "stage=x": 1,
        "withdrawn=yes": 0, "withdrawn=no": 1, "q=Here": 1, "q=There": 0,
    }  # fmt: skip


def test_the_list_of_articles_shows_stage_and_counts(cast):
    factories.suggest(cast.rows[Article], (4, 7, "ORG"), (8, 9, "GPE"))
    (row,) = cast.client("manager").get(page(Article, "changelist")).context["cl"].result_list
    assert (row.stage_now, row.suggested_now, row.confirmed_now) == ("in_review", 2, 1)


@pytest.mark.parametrize("query", ["q=%00", "of_corpus=%00", "title__contains=%00"])
def test_a_nul_in_the_address_is_refused(cast, query):
    assert cast.client("manager").get(f"{page(Article, 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("query", ["batch__user__password__startswith=p", "corpus__memberships__user=1"])
def test_a_list_cannot_be_filtered_by_related_fields(cast, query):
    assert cast.client("manager").get(f"{page(Article, 'changelist')}?{query}").status_code == 400


@pytest.mark.parametrize("name", ["nobody", "stranger", "reader", "editor"])
def test_outsiders_get_no_choices(cast, name):
    response = cast.client(name).get(autocomplete(Label, "corpus", "e"))
    assert response.status_code == (302 if name == "nobody" else 403)


@pytest.mark.parametrize(("model", "field"), [(Label, "corpus"), (Membership, "corpus"), (Zone, "article")])
def test_choices_are_limited_to_own_corpora(cast, model, field):
    def texts(name):
        results = cast.client(name).get(autocomplete(model, field, "ere")).json()["results"]
        return sorted(result["text"].split(" ")[0] for result in results)

    assert texts("manager") == ["Here"]
    assert texts("other") == ["There"]
    assert texts("superuser") == ["Here", "There"]


@pytest.mark.parametrize(
    ("model", "field"),
    [(Article, "corpus"), (Article, "previous"), (Span, "label"), (Decision, "user"), (ImportBatch, "user"),
     (Review, "article"), (Change, "decision"), (Run, "corpus"), (RunItem, "article"), (Source, "corpus"),
     (ImportProblem, "batch"), (Article, "nonsense"), (Article, "title")],
)  # fmt: skip
def test_fields_without_an_action_offer_no_choices(cast, model, field):
    for name in ("manager", "superuser"):
        assert cast.client(name).get(autocomplete(model, field, "e")).status_code == 403


def test_a_manager_finds_users_by_three_letters_or_a_whole_address(cast):
    factories.make_user("margaret", email="m@example.org", first_name="Secret", last_name="Name")

    def found(term, name="manager"):
        return [row["text"] for row in cast.client(name).get(autocomplete(Membership, "user", term)).json()["results"]]

    assert found("marg") == ["margaret"]
    assert found("m@example.org") == ["margaret"]
    assert [found(term) for term in ("", "ma", "argaret", "m@example", "Secret")] == [[]] * 5
    assert "margaret" in found("", "superuser")


def test_withdrawn_and_inactive_rows_are_no_choices(cast):
    factories.make_user("gone", is_active=False)
    assert cast.client("manager").get(autocomplete(Membership, "user", "gone")).json()["results"] == []
    Article.objects.filter(pk=cast.rows[Article].pk).update(withdrawn_at="2026-01-01T00:00Z")
    assert cast.client("manager").get(autocomplete(Zone, "article", "Here")).json()["results"] == []
