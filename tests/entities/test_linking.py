"""The job that links: it writes the difference, and touches nothing that a person decided."""

from importlib import import_module

import pytest
from django.db import connection, transaction
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias
from annotations.entities.actions.link_articles import link_marked
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.actions.mentions import reject_links
from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.pending_links import LINK, QUEUE, Turn, mark_articles, queue_forgotten
from annotations.entities.models import Alias, AliasKey, Entity, Link, PendingLink, Unlinked
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.undo import undo
from annotations.review.models import Span
from corpusapp.articles.actions.corpora import edit_corpus
from tests.factories import make_article, make_corpus, make_member, make_superuser, suggest

pytestmark = pytest.mark.django_db

NORTH = "Marta Kovalenko opened the bridge at Drelnik. Kovalenko thanked the town of Drelnik."
SOUTH = "In Drelnik, the mayor Marta Kovalenko said that the ferry will stop."


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def editor(corpus):
    return make_member(corpus)


def named(article, *names):
    """Suggestions for each of (label, name), where it first stands."""
    places = [(article.text.index(name), article.text.index(name) + len(name), label) for label, name in names]
    return suggest(article, *places)


@pytest.fixture
def north(corpus):
    article = make_article(corpus, NORTH)
    named(article, ("PERSON", "Marta Kovalenko"), ("GPE", "Drelnik"))
    return article


@pytest.fixture
def south(corpus):
    article = make_article(corpus, SOUTH)
    named(article, ("PERSON", "Marta Kovalenko"), ("GPE", "Drelnik"))
    return article


def link(corpus):
    link_marked(corpus=corpus)


def links(article):
    rows = Link.objects.filter(article=article).order_by("span__start")
    return list(rows.values_list("entity__name", "state"))


def test_suggested_spans_are_linked_across_articles(corpus, north, south):
    link(corpus)
    assert links(north) == [("Marta Kovalenko", "suggested"), ("Drelnik", "suggested")]
    assert links(south) == [("Drelnik", "suggested"), ("Marta Kovalenko", "suggested")]
    person, place = Entity.objects.filter(corpus=corpus).order_by("name")[::-1]
    assert (person.state, person.mentions, person.label.name) == ("suggested", 2, "PERSON")
    assert person.pipeline.name == "links"
    assert place.mentions == 2
    alias = Alias.objects.get(entity=person, name="Marta Kovalenko")
    assert (alias.state, alias.origin, alias.mentions) == ("suggested", "mention", 2)
    assert AliasKey.objects.filter(alias=alias, corpus=corpus).exists()
    assert not PendingLink.objects.exists()


def test_a_link_that_still_holds_keeps_its_id_and_revision(corpus, north, south):
    link(corpus)
    before = list(Link.objects.order_by("pk").values_list("pk", "revision"))
    mark_articles(corpus_id=corpus.pk, article_ids=[north.pk, south.pk])
    link(corpus)
    assert list(Link.objects.order_by("pk").values_list("pk", "revision")) == before


def test_suggestions_queue_one_job_for_the_corpus(corpus, north, south):
    (job,) = ProcrastinateJob.objects.filter(task_name=LINK, status="todo")
    assert (job.queue_name, job.args) == (QUEUE, {"corpus_id": corpus.pk})


def test_a_confirmed_link_is_not_touched(corpus, editor, north, south):
    other = create_entity(user=editor, corpus=corpus, name="Another Marta", label="PERSON").entities[0]
    span = Span.objects.filter(article=north).order_by("start")[0]
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(span.pk, other.pk)])
    before = Link.objects.get(span=span, state="confirmed")
    link(corpus)
    after = Link.objects.get(span=span, state="confirmed")
    assert (after.pk, after.revision, after.entity_id) == (before.pk, before.revision, other.pk)


def test_what_a_span_is_not_is_not_suggested_again(corpus, editor, north):
    link(corpus)
    wrong = Link.objects.get(article=north, entity__name="Marta Kovalenko")
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(wrong.span_id, wrong.entity_id, verb="unlink")])
    link(corpus)
    states = Link.objects.filter(span=wrong.span_id, entity=wrong.entity_id).values_list("state", flat=True)
    assert list(states) == ["rejected"]


def test_a_suggestion_at_the_place_of_a_rejected_link_is_not_that_entity(corpus, editor, north, south):
    link(corpus)
    wrong = Link.objects.get(article=north, entity__name="Marta Kovalenko")
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(wrong.span_id, wrong.entity_id, verb="unlink")])
    Span.objects.filter(pk=wrong.span_id).delete()
    named(north, ("PERSON", "Marta Kovalenko"))
    link(corpus)
    now = Link.objects.filter(article=north, entity=wrong.entity_id)
    assert list(now.values_list("span", "state")) == [(None, "rejected")]


def test_entities_without_links_go_with_their_suggestions(corpus, north):
    link(corpus)
    assert Entity.objects.count() == 2
    suggest(north)
    link(corpus)
    assert Entity.objects.count() == 0
    assert (Alias.objects.count(), AliasKey.objects.count()) == (0, 0)


def test_an_entity_that_a_person_confirmed_stays_without_links(corpus, editor, north):
    link(corpus)
    place = Entity.objects.get(name="Drelnik")
    add_alias(user=editor, entity=place, revision=place.revision, name="Drelnick")
    suggest(north)
    link(corpus)
    assert list(Entity.objects.values_list("name", "state")) == [("Drelnik", "confirmed")]


def test_ambiguous_names_stay_unlinked_and_say_between_whom(corpus, editor, north):
    pair = [create_entity(user=editor, corpus=corpus, name="Drelnik", label="GPE").entities[0] for _ in range(2)]
    link(corpus)
    left = Unlinked.objects.get(article=north)
    assert (left.reason, sorted(left.candidates)) == ("ambiguous", sorted(one.pk for one in pair))
    assert ("Drelnik", "suggested") not in links(north)


def test_a_decision_updates_the_links_of_other_articles(corpus, editor, north, south):
    pair = [create_entity(user=editor, corpus=corpus, name="Drelnik", label="GPE").entities[0] for _ in range(2)]
    link(corpus)
    assert Unlinked.objects.filter(key__contains="drelnik").count() == 2
    one, other = pair
    merge_entities(user=editor, source=other, target=one, source_revision=other.revision, target_revision=one.revision)
    link(corpus)
    assert ("Drelnik", "suggested") in links(north) and ("Drelnik", "suggested") in links(south)
    assert not Unlinked.objects.exists()


def test_a_dropped_alias_takes_its_suggested_links_away(corpus, editor, north):
    place = create_entity(user=editor, corpus=corpus, name="Old Drelnik", label="GPE", aliases=["Drelnik"]).entities[0]
    link(corpus)
    assert ("Old Drelnik", "suggested") in links(north)
    place.refresh_from_db()
    drop_alias(user=editor, entity=place, revision=place.revision, name="Drelnik")
    link(corpus)
    assert ("Old Drelnik", "suggested") not in links(north)


def test_an_undone_decision_updates_them_too(corpus, editor, north):
    made = create_entity(user=editor, corpus=corpus, name="Old Drelnik", label="GPE", aliases=["Drelnik"])
    link(corpus)
    assert ("Old Drelnik", "suggested") in links(north)
    undo(user=editor, decision=made.decision)
    link(corpus)
    assert ("Old Drelnik", "suggested") not in links(north)


def test_a_rejected_span_keeps_its_link_out_of_the_way(corpus, editor, north):
    link(corpus)
    span = Span.objects.filter(article=north).order_by("start")[0]
    rejected = decide(user=editor, article=north, choices=[Choice("reject", span.pk, span.revision)])
    link(corpus)
    assert Link.objects.get(span=span).live is False
    undo(user=editor, decision=rejected.decision)
    link(corpus)
    assert Link.objects.get(span=span).live is True


def test_a_merge_while_it_links_is_followed(corpus, editor, north, monkeypatch):
    one, other = (
        create_entity(user=editor, corpus=corpus, name=name, label="GPE").entities[0]
        for name in ("Drelnik", "Drelnik-on-Sea")
    )
    from annotations.entities.actions import link_articles as module

    reading = module.load_registry

    def load_then_merge(*arguments):
        registry = reading(*arguments)
        if one.state != "merged" and not Entity.objects.filter(pk=one.pk, state="merged").exists():
            merge_entities(
                user=editor, source=one, target=other, source_revision=one.revision, target_revision=other.revision
            )
        return registry

    monkeypatch.setattr(module, "load_registry", load_then_merge)
    link(corpus)
    assert set(Link.objects.filter(article=north, entity__label__name="GPE").values_list("entity", flat=True)) == {
        other.pk
    }


def test_numbers_have_no_entities(corpus):
    article = make_article(corpus, "It costs 40 euros.")
    suggest(article, (9, 17, "MONEY"))
    link(corpus)
    assert not Link.objects.exists() and not Unlinked.objects.exists()


def test_a_corpus_without_entities_is_not_linked_until_it_is_turned_on(corpus):
    manager = make_superuser()
    settings = {"name": corpus.name, "language": corpus.language, "nesting_allowed": False}
    edit_corpus(user=manager, corpus=corpus, entities_enabled=False, **settings)
    article = make_article(corpus, NORTH)
    named(article, ("GPE", "Drelnik"))
    link(corpus)
    assert not Link.objects.exists() and not PendingLink.objects.exists()
    edit_corpus(user=manager, corpus=corpus, entities_enabled=True, **settings)
    link(corpus)
    assert links(article) == [("Drelnik", "suggested")]


def test_new_articles_are_linked_once_more_after_the_others(corpus, north, south):
    PendingLink.objects.all().delete()
    mark_articles(corpus_id=corpus.pk, article_ids=[north.pk, south.pk], turn=Turn.NEW)
    with transaction.atomic():
        from annotations.entities.actions import link_articles as module

        module._link_batch(corpus)
    assert list(PendingLink.objects.values_list("article", "turn")) == [
        (north.pk, Turn.AGAIN), (south.pk, Turn.AGAIN),
    ]  # fmt: skip
    link(corpus)
    assert not PendingLink.objects.exists()


def test_forgotten_marks_get_a_job(corpus, north):
    ProcrastinateJob.objects.filter(task_name=LINK).update(status="failed")
    assert queue_forgotten() == 1
    assert queue_forgotten() == 0


def test_two_that_differ_are_not_possible_duplicates(corpus, editor, north):
    from annotations.entities.models import PossibleDuplicate

    one, other = (create_entity(user=editor, corpus=corpus, name="Drelnik", label="GPE").entities[0] for _ in "ab")
    link(corpus)
    assert list(PossibleDuplicate.objects.values_list("first", "second")) == [(one.pk, other.pk)]
    mark_distinct(user=editor, first=one, second=other)
    link(corpus)
    assert not PossibleDuplicate.objects.exists()


def test_the_counts_agree_with_the_links(corpus, editor, north, south):
    link(corpus)
    query = """
        SELECT count(*) FROM entities_entity e WHERE e.mentions <> (
            SELECT count(*) FROM entities_link l WHERE l.entity_id = e.id AND l.state <> 'rejected' AND l.live
        )
    """
    with connection.cursor() as cursor:
        cursor.execute(query)
        assert cursor.fetchone() == (0,)


def test_an_ambiguous_name_is_the_one_whose_company_is_in_the_article(corpus):
    first = make_article(corpus, "Marta Kovalenko met Josef Lind at the Hill Theatre.")
    named(first, ("PERSON", "Marta Kovalenko"), ("PERSON", "Josef Lind"), ("ORG", "Hill Theatre"))
    second = make_article(corpus, "Pavlo Kovalenko met Rosa Stein at the Loom Works.")
    named(second, ("PERSON", "Pavlo Kovalenko"), ("PERSON", "Rosa Stein"), ("ORG", "Loom Works"))
    link(corpus)
    third = make_article(corpus, "Kovalenko spoke. Rosa Stein of the Loom Works listened.")
    named(third, ("PERSON", "Kovalenko"), ("PERSON", "Rosa Stein"), ("ORG", "Loom Works"))
    fourth = make_article(corpus, "Kovalenko spoke to nobody.")
    named(fourth, ("PERSON", "Kovalenko"))
    link(corpus)
    assert ("Pavlo Kovalenko", "suggested") in links(third)
    assert links(fourth) == [] and Unlinked.objects.get(article=fourth).reason == "ambiguous"


def test_a_body_is_that_of_the_country_of_the_dateline(corpus):
    text = "DAMASCUS, Aug. 8 (AP) -- The Foreign Ministry said that roads are open again after the storm of the week."
    article = make_article(corpus, text, zones=[[0, 24, "dateline"]])
    named(article, ("ORG", "Foreign Ministry"))
    link(corpus)
    assert links(article) == [("Foreign Ministry (Syria)", "suggested")]


def test_the_migration_renews_the_keys_of_people_and_acronyms(corpus, editor):
    for name, label in (("Marta Kovalenko", "PERSON"), ("Polar Science Board", "ORG"), ("PSB", "ORG"), ("Oslo", "GPE")):
        create_entity(user=editor, corpus=corpus, name=name, label=label)
    keys = set(AliasKey.objects.values_list("alias__name", "key"))
    AliasKey.objects.filter(key__startswith="%").update(key="&~kvlnk")
    AliasKey.objects.filter(key="!psb").update(key="^psb")
    assert set(AliasKey.objects.values_list("alias__name", "key")) != keys
    migration = import_module("annotations.entities.migrations.0003_keys")
    with connection.cursor() as cursor:
        last, count = migration._renew_some(cursor, 0)
        assert count == 4 and migration._renew_some(cursor, last) == (last, 0)
    assert set(AliasKey.objects.values_list("alias__name", "key")) == keys


def test_scores_are_calibrated_on_decisions(corpus, editor):
    """What people reject lowers the scores of the links with the same evidence; what they confirm raises them."""
    people = [f"Marta {name}" for name in ("Abel", "Blum", "Cohn", "Diez", "Ernst", "Fuchs", "Gross", "Hahn", "Ibsen")]
    articles = [make_article(corpus, f"{name} spoke.") for name in people]
    for article, name in zip(articles, people, strict=True):
        named(article, ("PERSON", name))
    link(corpus)
    (first,) = set(Link.objects.values_list("score", flat=True))
    suggested = list(Link.objects.filter(article__in=articles[:7]))
    reject_links(user=editor, corpus=corpus, shown={one.pk: one.revision for one in suggested})
    later = make_article(corpus, "Josef Lind spoke.")
    named(later, ("PERSON", "Josef Lind"))
    link(corpus)
    lower = Link.objects.get(article=later).score
    assert lower < first == Link.objects.get(article=later).base_score
    # A new score alone is no revision.
    assert set(Link.objects.filter(article__in=articles[7:]).values_list("revision", flat=True)) == {1}
