"""Linking spans, creating, merging and splitting entities, and undoing all of it."""

import pytest

from annotations.entities.actions.entities import add_alias, create_entity, edit_entity
from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.split import split_entity
from annotations.entities.models import Alias, Entity, EntityWeek, Link
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.undo import undo
from annotations.review.models import Span
from corpusapp.core.errors import Conflict, Stale
from tests.entities.linked import links_of
from tests.factories import make_article, make_corpus, make_member, suggest

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    corpus = make_corpus()
    article = make_article(corpus)
    spans = suggest(article, (0, 5, "PERSON"), (31, 36, "PERSON"), (44, 50, "GPE"))
    return corpus, make_member(corpus), article, spans


def _new(editor, corpus, name):
    return create_entity(user=editor, corpus=corpus, name=name, label="PERSON").entities[0]


def _link(editor, corpus, *pairs, **more):
    return link_spans(user=editor, corpus=corpus, choices=[LinkChoice(s.pk, e.pk, **more) for s, e in pairs])


def _now(span):
    return {record.id: record.state for pk, record in links_of([span.article_id]).items() if pk == span.pk}


def test_linking_a_suggested_span_confirms_it_and_undo_takes_both_back(cast):
    corpus, editor, _article, (first, *_) = cast
    zarif = _new(editor, corpus, "Mohammad Javad Zarif")
    result = _link(editor, corpus, (first, zarif))
    assert _now(first) == {zarif.pk: "confirmed"}
    assert Span.objects.get(pk=first.pk).state == "confirmed"
    zarif.refresh_from_db()
    assert (zarif.mentions, zarif.confirmed) == (1, 1)
    assert list(Alias.objects.filter(entity=zarif).order_by("name").values_list("name", "mentions")) == [
        ("Mohammad Javad Zarif", 0), ("Zarif", 1),
    ]  # fmt: skip
    assert EntityWeek.objects.get(entity=zarif).mentions == 1
    undo(user=editor, decision=result.decision)
    assert _now(first) == {} and Span.objects.get(pk=first.pk).state == "suggested"
    zarif.refresh_from_db()
    assert (zarif.mentions, zarif.confirmed, zarif.state) == (0, 0, "confirmed")


def test_a_new_entity_comes_with_its_link(cast):
    corpus, editor, _, (first, second, _) = cast
    new = NewEntity("Zarif", "PERSON")
    result = link_spans(
        user=editor, corpus=corpus, choices=[LinkChoice(first.pk, new=new), LinkChoice(second.pk, new=new)]
    )
    (entity,) = result.entities
    assert (entity.name, entity.mentions, len(result.links)) == ("Zarif", 2, 2)
    undo(user=editor, decision=result.decision)
    entity.refresh_from_db()
    assert (entity.state, entity.mentions) == ("removed", 0)


def test_merging_moves_everything_and_undo_brings_it_back(cast):
    corpus, editor, _, (first, second, _) = cast
    one, other = _new(editor, corpus, "Zarif"), _new(editor, corpus, "Javad Zarif")
    _link(editor, corpus, (first, one), (second, other))
    one.refresh_from_db()
    other.refresh_from_db()
    merged = merge_entities(
        user=editor, source=one, target=other, source_revision=one.revision, target_revision=other.revision
    )
    assert _now(first) == _now(second) == {other.pk: "confirmed"}
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.state, one.merged_into_id, other.mentions) == ("merged", other.pk, 2)
    with pytest.raises(Conflict, match=f"merged into entity {other.pk}"):
        _link(editor, corpus, (first, one), revision=3)
    undone = undo(user=editor, decision=merged.decision)
    one.refresh_from_db()
    assert _now(first) == {one.pk: "confirmed"} and one.state == "confirmed" and one.mentions == 1
    assert set(Alias.objects.filter(entity=one).values_list("name", flat=True)) == {"Zarif"}
    undo(user=editor, decision=undone.decision)
    assert _now(first) == {other.pk: "confirmed"}
    assert Entity.objects.get(pk=one.pk).state == "merged"


def test_splitting_moves_mentions_and_says_that_the_two_differ(cast):
    corpus, editor, _, (first, second, _) = cast
    one = _new(editor, corpus, "Zarif")
    _link(editor, corpus, (first, one), (second, one))
    one.refresh_from_db()
    link = Link.objects.get(span=second, entity=one)
    result = split_entity(
        user=editor, entity=one, revision=one.revision, links={link.pk: link.revision}, name="Another Zarif"
    )
    other = Entity.objects.get(name="Another Zarif")
    assert _now(second) == {other.pk: "confirmed"} and _now(first) == {one.pk: "confirmed"}
    one.refresh_from_db()
    with pytest.raises(Conflict, match="are different"):
        merge_entities(user=editor, source=one, target=other, source_revision=one.revision, target_revision=1)
    undo(user=editor, decision=result.decision)
    assert _now(second) == {one.pk: "confirmed"}


def test_rejecting_a_span_takes_its_mention_and_undo_gives_it_back(cast):
    corpus, editor, article, (first, *_) = cast
    one = _new(editor, corpus, "Zarif")
    _link(editor, corpus, (first, one))
    revision = Span.objects.get(pk=first.pk).revision
    rejected = decide(user=editor, article=article, choices=[Choice("reject", first.pk, revision)])
    one.refresh_from_db()
    assert one.mentions == 0 and _now(first) == {}
    undo(user=editor, decision=rejected.decision)
    one.refresh_from_db()
    assert one.mentions == 1 and _now(first) == {one.pk: "confirmed"}


def test_renaming_and_aliases_need_the_revision(cast):
    corpus, editor, *_ = cast
    one = _new(editor, corpus, "Zarif")
    edited = edit_entity(user=editor, entity=one, revision=1, name="Mohammad Javad Zarif")
    with pytest.raises(Stale):
        edit_entity(user=editor, entity=one, revision=1, name="Other")
    with pytest.raises(Conflict, match="already has the alias"):
        add_alias(user=editor, entity=one, revision=2, name="Zarif")
    undo(user=editor, decision=edited.decision)
    one.refresh_from_db()
    assert one.name == "Zarif"


def test_distinct_is_said_once(cast):
    corpus, editor, *_ = cast
    one, other = _new(editor, corpus, "Joschka Fischer"), _new(editor, corpus, "Heinz Fischer")
    mark_distinct(user=editor, first=one, second=other)
    with pytest.raises(Conflict, match="are different"):
        mark_distinct(user=editor, first=other, second=one)
