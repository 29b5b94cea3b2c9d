"""Suggesters know labels by name: renamed and merged ones by their former names, and hidden ones are not suggested."""

import json

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.labels import hide_label, rename_label, show_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.models import Label, Span
from annotations.suggesters.protocol import Proposal
from annotations.suggestions.actions.write_suggestions import write_proposals
from annotations.suggestions.models import ArticleReading, CorpusSuggester, PendingUpdate, PossibleSpans
from annotations.suggestions.pipelines.services import corpus_service
from annotations.suggestions.queries.name_statistics import decided_articles
from annotations.suggestions.queries.reviewed_articles import labels_for_suggesters, reviewed_articles
from corpusapp.articles.models import Role
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


def label(corpus, name):
    return Label.objects.get(corpus=corpus, name=name)


def write(article, *proposals, possible=()):
    found = [Proposal(start, end, name, 0.9) for start, end, name in proposals]
    offered = [Proposal(start, end, name, 0.2) for start, end, name in possible]
    result = write_proposals(
        corpus=article.corpus, pipeline_id=factories.make_pipeline().pk, resolved={article.pk: (found, offered)}
    )
    return dict(result.unknown)


def suggested(article):
    rows = Span.objects.filter(article=article, state="suggested").order_by("start", "label__name")
    return list(rows.values_list("start", "label__name"))


def offered(article):
    return [row[2] for row in json.loads(PossibleSpans.objects.get(pk=article.pk).data)]


def test_a_hidden_label_is_not_suggested_until_it_is_shown(corpus, manager, article):
    hide_label(user=manager, label=label(corpus, "PERSON"))
    both = [(0, 5, "PERSON"), (21, 29, "GPE"), (10, 17, "PLANET")]
    assert write(article, *both, possible=both) == {"PLANET": 1}
    assert (suggested(article), offered(article)) == ([(21, "GPE")], ["GPE"])
    assert "PERSON" not in labels_for_suggesters(corpus.pk)
    show_label(user=manager, label=label(corpus, "PERSON"))
    write(article, *both, possible=both)
    assert (suggested(article), offered(article)) == ([(0, "PERSON"), (21, "GPE")], ["PERSON", "GPE"])


def test_a_renamed_label_is_suggested_by_its_new_name_and_learned_by_its_former(corpus, manager, article):
    rename_label(user=manager, label=label(corpus, "PERSON"), name="PER")
    write(article, (0, 5, "PERSON"), possible=[(10, 17, "PERSON")])
    assert (suggested(article), offered(article)) == ([(0, "PER")], ["PER"])
    decide(user=manager, article=article, choices=[Choice("confirm", article.spans.get().pk, 1)])
    (record,) = decided_articles([article.pk])
    assert record.confirmed == [(0, 5, "PERSON")]
    reviewed = reviewed_articles(corpus.pk)
    assert [each.spans for each in (*reviewed.training, *reviewed.held_back)] in ([((0, 5, "PERSON"),)], [])
    assert "PERSON" in reviewed.labels and "PER" not in reviewed.labels


def test_suggestions_of_a_merged_label_come_as_the_other_one(corpus, manager, article):
    merge_labels(user=manager, label=label(corpus, "NORP"), into=label(corpus, "GPE"))
    merge_labels(user=manager, label=label(corpus, "GPE"), into=label(corpus, "LOC"))
    write(article, (0, 5, "NORP"), (0, 5, "LOC"), (21, 29, "GPE"))
    assert suggested(article) == [(0, "LOC"), (21, "LOC")]
    hide_label(user=manager, label=label(corpus, "LOC"))
    write(article, (0, 5, "NORP"), (10, 17, "PERSON"))
    assert suggested(article) == [(10, "PERSON")]


def test_the_conll_labels_are_suggested_by_pipelines_of_ontonotes():
    article = factories.make_article(factories.make_corpus(label_set="conll"))
    write(article, (0, 5, "PERSON"), (10, 17, "NORP"), (21, 29, "GPE"), (31, 36, "CARDINAL"))
    assert suggested(article) == [(0, "PER"), (10, "MISC"), (21, "LOC")]


def test_services_are_asked_for_the_labels_that_are_shown(corpus, manager):
    hide_label(user=manager, label=label(corpus, "PERSON"))
    chosen = CorpusSuggester(corpus=corpus, service_url="http://127.0.0.1:9")
    service = corpus_service(chosen)
    assert "PERSON" not in service.labels and "GPE" in service.labels


def test_a_change_of_the_label_set_updates_the_suggestions_of_open_articles(corpus, manager, article):
    done = factories.make_article(corpus, "Another one.")
    for each, stage in ((article, "suggested"), (done, "done")):
        ArticleReading.objects.create(article=each, corpus=corpus, pipeline=factories.make_pipeline(), data="{}")
        each.reviews.update(stage=stage, editor=manager)
    hide_label(user=manager, label=label(corpus, "PERSON"))
    assert list(PendingUpdate.objects.values_list("article", "kind")) == [(article.pk, "stale")]
