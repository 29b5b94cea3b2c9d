"""Names that people give to entities are suggested in other articles, in any language."""

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias
from annotations.entities.actions.merge import merge_entities
from annotations.review.actions.undo import undo
from annotations.review.models import Span
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.pending_updates import LEARN_NAMES, learn_names
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.queries.name_statistics import statistics_for
from corpusapp.articles.actions.corpora import edit_corpus
from corpusapp.articles.models import Article, Role
from tests import factories

pytestmark = pytest.mark.django_db
ARABIC = "قال الوزير سامر الدرويش إن المفاوضات ستبدأ يوم الاثنين في المدينة"
TURKISH = "Bakan, Samir Dervişoğlu ile görüştüğünü ve bir anlaşmaya vardıklarını söyledi."


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def article(corpus, manager):
    def make(text, language):
        made = factories.make_article(corpus, text)
        Article.objects.filter(pk=made.pk).update(language=language)
        process_run(run=start_run(user=manager, corpus=corpus, article_ids=[made.pk]))
        learn_from_decisions(corpus=corpus)
        return made

    return make


def work_off(corpus):
    """Do what a worker does after a decision."""
    jobs = ProcrastinateJob.objects.filter(task_name=LEARN_NAMES)
    for job in jobs.order_by("pk"):
        learn_names(**job.args)
    jobs._raw_delete("default")
    learn_from_decisions(corpus=corpus)


def names(article):
    rows = Span.objects.filter(article=article, state="suggested").select_related("label")
    return {(article.text[row.start : row.end], row.label.name) for row in rows}


def create(manager, corpus, name="Samir Darwish", **more):
    return create_entity(user=manager, corpus=corpus, name=name, label="PERSON", **more)


@pytest.mark.parametrize(
    ("text", "language", "name"), [(ARABIC, "ar", "سامر الدرويش"), (TURKISH, "tr", "Samir Dervişoğlu")]
)
def test_an_alias_is_suggested_in_a_language_without_a_model(corpus, manager, article, text, language, name):
    made = article(text, language)
    entity = create(manager, corpus).entities[0]
    work_off(corpus)
    assert (name, "PERSON") not in names(made)
    added = add_alias(user=manager, entity=entity, revision=entity.revision, name=name)
    work_off(corpus)
    assert (name, "PERSON") in names(made)
    undo(user=manager, decision=added.decision)
    work_off(corpus)
    assert (name, "PERSON") not in names(made)


def test_a_new_article_gets_the_names_that_are_known(corpus, manager, article):
    create(manager, corpus, aliases=["Samir Dervişoğlu"])
    assert ("Samir Dervişoğlu", "PERSON") in names(article(TURKISH, "tr"))


def test_a_dropped_alias_is_no_evidence(corpus, manager, article):
    entity = create(manager, corpus, aliases=["Samir Dervişoğlu"]).entities[0]
    made = article(TURKISH, "tr")
    drop_alias(user=manager, entity=entity, revision=entity.revision, name="Samir Dervişoğlu")
    work_off(corpus)
    assert names(made) == set()


def test_aliases_stay_evidence_when_their_entity_is_merged(corpus, manager, article):
    source = create(manager, corpus, aliases=["Samir Dervişoğlu"]).entities[0]
    target = create(manager, corpus, "S. Darwish").entities[0]
    merge_entities(
        user=manager, source=source, target=target, source_revision=source.revision, target_revision=target.revision
    )
    assert ("Samir Dervişoğlu", "PERSON") in names(article(TURKISH, "tr"))


def test_names_are_no_evidence_where_entities_are_off(corpus, manager):
    create(manager, corpus, aliases=["Samir Dervişoğlu"])
    assert statistics_for(corpus.pk, [TURKISH]).decided
    edit_corpus(user=manager, corpus=corpus, name="x", language="en", nesting_allowed=False, entities_enabled=False)
    assert not statistics_for(corpus.pk, [TURKISH]).decided
