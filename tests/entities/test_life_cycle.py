"""Links and entities when spans, articles, labels and corpora change or go."""

import pytest
from django.core.exceptions import ObjectDoesNotExist

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.link_articles import link_marked
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.actions.mentions import confirm_links
from annotations.entities.models import Alias, Entity, EntityChange, EntityState, EntityWeek, Link, LinkChange
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.labels import rename_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Label, Span
from annotations.review.queries.log import article_log, last_decision, last_undo
from corpusapp.articles.actions.corpora import discard_corpus, edit_corpus
from corpusapp.articles.actions.erase import erase_articles, erase_corpus, preview_erasure
from corpusapp.articles.actions.withdraw import restore_articles, withdraw_articles
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Conflict
from tests import factories
from tests.articles.test_upsert import upsert
from tests.entities.linked import links_of
from tests.entities.replay import decided_entities, decided_links, faults, replayed_entities, replayed_links

pytestmark = pytest.mark.django_db
TEXT = "Zarif met Kerry. Javad Zarif left."


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus, TEXT)


@pytest.fixture
def spans(article):
    return factories.suggest(article, (0, 5, "PERSON"), (10, 15, "PERSON"), (17, 28, "PERSON"))


@pytest.fixture
def zarif(corpus, editor):
    return create_entity(user=editor, corpus=corpus, name="Mohammad Javad Zarif", label="PERSON").entities[0]


@pytest.fixture(autouse=True)
def sound(corpus):
    """After each test, the log replays, and counts are right."""
    yield
    if Entity.objects.filter(corpus=corpus).exists():
        assert faults(corpus) == []
        assert replayed_links(corpus) == decided_links(corpus)
        assert replayed_entities(corpus) == decided_entities(corpus)


def link(editor, span, entity):
    corpus = Corpus.objects.get(pk=entity.corpus_id)
    return link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, entity.pk)])


def change(editor, article, verb, span, **values):
    span.refresh_from_db()
    return decide(user=editor, article=article, choices=[Choice(verb, span.pk, span.revision, **values)])


def names(entity):
    return set(Alias.objects.filter(entity=entity).exclude(state="rejected").values_list("name", flat=True))


def now(article):
    return {span: record.id for span, record in links_of([article.pk]).items()}


# Spans.


def test_the_alias_of_a_moved_span_follows_its_words(editor, article, spans, zarif):
    link(editor, spans[2], zarif)
    assert names(zarif) == {"Mohammad Javad Zarif", "Javad Zarif"}
    moved = change(editor, article, "move", spans[2], start=23, end=28)
    assert now(article) == {spans[2].pk: zarif.pk}
    assert names(zarif) == {"Mohammad Javad Zarif", "Zarif"}
    undo(user=editor, decision=moved.decision)
    assert names(zarif) == {"Mohammad Javad Zarif", "Javad Zarif"}


def test_a_relabelled_span_keeps_its_link(editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    change(editor, article, "relabel", spans[0], label="ORG")
    assert now(article) == {spans[0].pk: zarif.pk}


def test_the_link_of_a_span_that_becomes_another_one_is_carried_over(editor, article, spans, zarif):
    link(editor, spans[2], zarif)
    moved = change(editor, article, "move", spans[2], start=0, end=5)
    assert now(article) == {spans[0].pk: zarif.pk}
    undo(user=editor, decision=moved.decision)
    assert now(article) == {spans[2].pk: zarif.pk}


def test_undoing_the_confirmation_of_a_span_that_was_linked_since_is_refused(editor, article, spans, zarif):
    confirmed = change(editor, article, "confirm", spans[0])
    linked = link(editor, spans[0], zarif)
    with pytest.raises(Conflict) as refused:
        undo(user=editor, decision=confirmed.decision)
    assert "is linked to Mohammad Javad Zarif" in refused.value.current[0]["reason"]
    undo(user=editor, decision=linked.decision)
    undo(user=editor, decision=confirmed.decision)
    assert Span.objects.get(pk=spans[0].pk).state == "suggested" and now(article) == {}


def test_undoing_the_addition_of_a_span_that_was_linked_since_is_refused(editor, article, zarif):
    added = decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="PERSON")])
    link(editor, added.spans[0], zarif)
    with pytest.raises(Conflict):
        undo(user=editor, decision=added.decision)


def test_a_link_outlives_new_suggestions(editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    factories.suggest(article)
    assert now(article) == {spans[0].pk: zarif.pk}


def test_undoing_a_finish_takes_back_the_links_that_it_confirmed(corpus, editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    link_marked(corpus=corpus)
    suggested = {row.span_id: row.entity_id for row in Link.objects.filter(article=article, state="suggested")}
    assert suggested
    shown = {span.pk: span.revision for span in spans[1:]}
    finished = finish(user=editor, article=article, shown=shown, entities=suggested)
    assert not Link.objects.filter(article=article, state="suggested").exists()
    undo(user=editor, decision=finished.decision)
    assert {row.span_id: row.entity_id for row in Link.objects.filter(state="suggested")} == suggested
    assert Span.objects.filter(article=article, state="suggested").count() == 2


def test_the_workbench_undoes_and_redoes_links(corpus, editor, article, spans, zarif):
    assert last_decision(editor, article) is None
    linked = link(editor, spans[0], zarif).decision
    assert last_decision(editor, article) == linked
    other = factories.make_article(corpus, "Zarif again.")
    (there,) = factories.suggest(other, (0, 5, "PERSON"))
    change(editor, other, "confirm", there)
    change(editor, article, "confirm", spans[2])
    choices = [LinkChoice(span.pk, zarif.pk) for span in (spans[2], there)]
    both = link_spans(user=editor, corpus=corpus, choices=choices).decision
    assert both.article is None
    assert last_decision(editor, article) == last_decision(editor, other) == both
    undone = undo(user=editor, decision=both).decision
    assert last_undo(editor, other) == undone
    (first, *_) = article_log(article).rows
    assert [row.before_name or row.after_name for row in first.link_changes.all()] == ["Mohammad Javad Zarif"]


# Articles.


def test_links_of_withdrawn_articles_do_not_count(corpus, editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    manager = factories.make_superuser()
    withdraw_articles(user=manager, corpus=corpus, article_ids=[article.pk])
    zarif.refresh_from_db()
    assert (zarif.mentions, zarif.confirmed) == (0, 0)
    restore_articles(user=manager, corpus=corpus, article_ids=[article.pk])
    zarif.refresh_from_db()
    assert (zarif.mentions, zarif.confirmed) == (1, 1)


def test_a_new_date_moves_mentions_to_another_week(corpus, editor, zarif):
    article = factories.make_article(corpus, TEXT, external_id="a", published_on="2018-09-05")
    (span,) = factories.suggest(article, (0, 5, "PERSON"))
    link(editor, span, zarif)
    weeks = EntityWeek.objects.filter(entity=zarif, mentions__gt=0)
    assert [str(row.week) for row in weeks] == ["2018-09-03"]
    upsert(factories.make_superuser(), corpus, [{"external_id": "a", "text": TEXT, "published_on": "2018-09-12"}])
    assert [str(row.week) for row in weeks.all()] == ["2018-09-10"]


def test_erasing_an_article_erases_its_links_and_what_only_a_machine_knew(corpus, editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    change(editor, article, "confirm", spans[1])
    link_marked(corpus=corpus)
    assert Entity.objects.filter(corpus=corpus, state=EntityState.SUGGESTED).exists()
    manager = factories.make_superuser()
    preview = {row.what: (row.count, row.goes) for row in preview_erasure(
        user=manager, corpus=corpus, article_ids=[article.pk])}  # fmt: skip
    assert preview["links to entities"] == (Link.objects.filter(article=article).count(), True)
    assert preview["confirmed entities, with the names that people confirmed"] == (1, False)
    erase_articles(user=manager, corpus=corpus, article_ids=[article.pk])
    assert not Link.objects.filter(article=article).exists()
    assert list(Entity.objects.filter(corpus=corpus)) == [zarif]
    assert "Zarif" in names(zarif)
    assert LinkChange.objects.filter(article=article).exists()


def test_erasing_a_corpus_erases_its_registry_and_blanks_the_log(corpus, editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    link_marked(corpus=corpus)
    erase_corpus(user=factories.make_superuser(), corpus=corpus, slug=corpus.slug)
    for model in (Entity, Alias, Link):
        assert not model.objects.filter(corpus=corpus).exists()
    log = EntityChange.objects.filter(corpus=corpus)
    assert log.exists()
    assert "Zarif" not in str(list(log.values_list("before", "after")))


def test_a_corpus_with_entities_is_not_discarded(corpus, zarif):
    with pytest.raises(Conflict, match="has entities"):
        discard_corpus(user=factories.make_superuser(), corpus=corpus)


# Labels.


def test_entities_follow_a_merge_of_labels_and_its_undo(corpus, editor, zarif):
    manager = factories.make_superuser()
    person, norp = Label.objects.get(corpus=corpus, name="PERSON"), Label.objects.get(corpus=corpus, name="NORP")
    merged = merge_labels(user=manager, label=person, into=norp)
    zarif.refresh_from_db()
    assert zarif.label == norp and merged.decision is not None
    undo(user=manager, decision=merged.decision)
    zarif.refresh_from_db()
    assert zarif.label == person


def test_entities_are_found_after_their_label_is_renamed(corpus, editor, article, spans, zarif):
    label = Label.objects.get(corpus=corpus, name="PERSON")
    rename_label(user=factories.make_superuser(), label=label, name="HUMAN")
    change(editor, article, "confirm", spans[2])
    link_marked(corpus=corpus)
    assert now(article)[spans[2].pk] == zarif.pk


# The switch.


def test_entities_are_turned_off_and_on(corpus, editor, article, spans, zarif):
    link(editor, spans[0], zarif)
    settings = {"name": "Desk", "language": "en", "nesting_allowed": False}
    manager = factories.make_superuser()
    edit_corpus(user=manager, corpus=corpus, **settings, entities_enabled=False)
    with pytest.raises(Conflict, match="can turn this on"):
        link(editor, spans[1], zarif)
    # What follows spans goes on: nothing is wrong when entities are shown again.
    change(editor, article, "reject", spans[0])
    zarif.refresh_from_db()
    assert zarif.mentions == 0
    edit_corpus(user=manager, corpus=corpus, **settings, entities_enabled=True)
    link(editor, spans[1], zarif)


# Many mentions.


def test_mentions_are_confirmed_as_they_were_shown(corpus, editor, article, spans, zarif):
    link_marked(corpus=corpus)
    shown = dict(Link.objects.filter(article=article).values_list("pk", "revision"))
    assert len(shown) > 1
    first = next(iter(shown))
    done = confirm_links(user=editor, corpus=corpus, shown={**shown, first: 99}, client_key="k")
    assert [row["link"] for row in done.left_out] == [first]
    assert done.applied == len(shown) - 1
    assert confirm_links(user=editor, corpus=corpus, shown={**shown, first: 99}, client_key="k").repeated
    with pytest.raises(Conflict, match="idempotency key"):
        confirm_links(user=editor, corpus=corpus, shown={first: 1}, client_key="k")
    undo(user=editor, decision=done.decision)
    with pytest.raises(ObjectDoesNotExist):
        Link.objects.get(article=article, state="confirmed")
