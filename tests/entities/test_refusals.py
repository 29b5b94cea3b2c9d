"""Bad input and outdated revisions: each is refused clearly, and nothing is done. Each verb with its undo and redo."""

import pytest

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias, edit_entity, identify
from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.actions.mentions import confirm_links, reject_links
from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.snapshots import snapshot
from annotations.entities.actions.split import split_entity
from annotations.entities.models import Entity, Link
from annotations.review.actions.undo import undo
from annotations.review.models import Decision
from corpusapp.core.errors import Conflict, Invalid, LeftOut, NotAllowed, NotFound, RevisionMissing, Stale, TooMany
from tests import factories

pytestmark = pytest.mark.django_db
HOSTILE_NAMES = ("", " \t\n", "x" * 301, "a\0b", "a\x07b", "\u202eevil", "a\u2066b", "\ud800", "\ue000", "\U000e0041")
HOSTILE_IDENTIFIERS = (
    "", "x" * 301, "x" * 10_000, "a b", "a\nb", "a\0b", "<script>alert(1)</script>", "a'b", 'a"b', "`", "\u202ex",
    "\ud800", "a\u200bb",
)  # fmt: skip


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def spans(corpus):
    return factories.suggest(factories.make_article(corpus), (0, 5, "PERSON"), (31, 36, "PERSON"), (44, 50, "GPE"))


@pytest.fixture
def make(corpus, editor):
    def make(name, **more):
        return create_entity(user=editor, corpus=corpus, name=name, label="PERSON", **more).entities[0]

    return make


def now(entity):
    entity.refresh_from_db()
    return entity


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names(corpus, editor, spans, make, name):
    entity, decisions = make("Zarif"), Decision.objects.count()
    choice = LinkChoice(spans[0].pk, new=NewEntity(name, "PERSON"))
    for act in (
        lambda: make(name),
        lambda: make("Other", aliases=[name]),
        lambda: edit_entity(user=editor, entity=entity, revision=1, name=name),
        lambda: add_alias(user=editor, entity=entity, revision=1, name=name),
        lambda: link_spans(user=editor, corpus=corpus, choices=[choice]),
    ):
        with pytest.raises(Invalid):
            act()
    assert (Decision.objects.count(), Entity.objects.count(), Link.objects.count()) == (decisions, 1, 0)


def test_names_in_any_script_are_kept(make):
    for name in ("محمدجواد ظریف", "Владимир Путин", "می\u200cخواهم", "习近平", "O'Neill-Şahin, Jr.", "<b>Bold</b>"):
        assert make(name).name == name
    assert make("soft\u00adhyphen \n two").name == "softhyphen two"


@pytest.mark.parametrize("text", HOSTILE_IDENTIFIERS)
def test_hostile_identifiers(editor, make, text):
    entity = make("Zarif")
    for pair in ((text, "Q1"), ("wikidata", text)):
        with pytest.raises(Invalid):
            make("Other", identifiers=[pair])
        with pytest.raises(Invalid):
            identify(user=editor, entity=entity, revision=1, add=[pair])
    assert (Entity.objects.count(), now(entity).revision, entity.identifiers.count()) == (1, 1, 0)


def test_an_identifier_of_another_entity(editor, make):
    first, second = make("Zarif", identifiers=[("wikidata", "Q1")]), make("Kerry")
    with pytest.raises(Conflict, match=f"is the identifier of entity {first.pk}") as refused:
        identify(user=editor, entity=second, revision=1, add=[("own", "2"), ("wikidata", "Q1")])
    assert refused.value.current == first and second.identifiers.count() == 0
    with pytest.raises(NotFound):
        identify(user=editor, entity=second, revision=1, drop=[("wikidata", "Q1")])
    with pytest.raises(Invalid, match="add or drop"):
        identify(user=editor, entity=second, revision=1)


def test_stale_and_missing_revisions(editor, make):
    entity, other = make("Zarif"), make("Kerry")
    edit_entity(user=editor, entity=entity, revision=1, description="Minister.")
    acts = {
        "rename": lambda revision: edit_entity(user=editor, entity=entity, revision=revision, name="X"),
        "alias": lambda revision: add_alias(user=editor, entity=entity, revision=revision, name="X"),
        "drop": lambda revision: drop_alias(user=editor, entity=entity, revision=revision, name="X"),
        "identify": lambda revision: identify(user=editor, entity=entity, revision=revision, add=[("a", "b")]),
        "split": lambda revision: split_entity(user=editor, entity=entity, revision=revision, links={1: 1}, name="X"),
        "merge": lambda revision: merge_entities(
            user=editor, source=other, target=entity, source_revision=1, target_revision=revision
        ),
    }
    for act in acts.values():
        with pytest.raises(Stale) as refused:
            act(1)
        assert (refused.value.by, refused.value.current) == (str(editor), entity)
        assert refused.value.at == Decision.objects.filter(verb="describe").get().created_at
        with pytest.raises(RevisionMissing):
            act(None)


def test_merges_that_cannot_be(editor, make):
    one, other, third = make("A"), make("B"), make("C")
    elsewhere = create_entity(
        user=factories.make_superuser(), corpus=factories.make_corpus("there"), name="D", label="PERSON"
    ).entities[0]
    revisions = {"source_revision": 1, "target_revision": 1}
    with pytest.raises(Invalid, match="into itself"):
        merge_entities(user=editor, source=one, target=one, **revisions)
    with pytest.raises(Invalid, match="different corpora"):
        merge_entities(user=editor, source=one, target=elsewhere, **revisions)
    with pytest.raises(Invalid):
        mark_distinct(user=editor, first=one, second=one)
    merge_entities(user=editor, source=one, target=other, **revisions)
    for source, target in ((one, third), (third, one), (one, other), (other, one)):
        with pytest.raises(Conflict, match=f"entity {one.pk} was merged into entity {other.pk}"):
            merge_entities(
                user=editor, source=source, target=target, source_revision=now(source).revision,
                target_revision=now(target).revision,
            )  # fmt: skip
    # Never a chain: who asks for the first is told where it is now.
    merge_entities(user=editor, source=other, target=third, source_revision=2, target_revision=1)
    assert now(one).merged_into_id == third.pk
    with pytest.raises(Conflict, match=f"into entity {third.pk}"):
        add_alias(user=editor, entity=one, revision=2, name="X")


def test_links_that_cannot_be(corpus, editor, spans, make):
    zarif, other = make("Zarif"), make("Kerry")
    (foreign,) = factories.suggest(factories.make_article(factories.make_corpus("there")), (0, 5, "PERSON"))
    link_spans(user=editor, corpus=corpus, choices=[LinkChoice(spans[0].pk, zarif.pk)])
    with pytest.raises(Conflict, match="there is no span"):
        link_spans(user=editor, corpus=corpus, choices=[LinkChoice(foreign.pk, zarif.pk)])
    with pytest.raises(NotFound):
        link_spans(user=editor, corpus=corpus, choices=[LinkChoice(spans[1].pk, 10**18)])
    second = factories.make_member(corpus)
    with pytest.raises(Stale, match=f"by {editor}") as refused:
        link_spans(user=second, corpus=corpus, choices=[LinkChoice(spans[0].pk, other.pk, revision=7)])
    assert refused.value.current.entity == zarif and refused.value.by == str(editor) and refused.value.at
    both = [LinkChoice(spans[0].pk, other.pk), LinkChoice(spans[1].pk, other.pk)]
    with pytest.raises(LeftOut):
        link_spans(user=second, corpus=corpus, choices=both, all_or_none=True)
    done = link_spans(user=second, corpus=corpus, choices=both)
    assert [row["span"] for row in done.left_out] == [spans[0].pk] and len(done.links) == 1
    for bad in (LinkChoice(1), LinkChoice(1, 1, NewEntity("a", "PERSON")), LinkChoice(1, 1, verb="merge")):
        with pytest.raises(Invalid):
            link_spans(user=editor, corpus=corpus, choices=[bad])
    for act in (confirm_links, reject_links):
        with pytest.raises(Invalid):
            act(user=editor, corpus=corpus, shown={})
        with pytest.raises(TooMany):
            act(user=editor, corpus=corpus, shown=dict.fromkeys(range(5001), 1))
        with pytest.raises(NotAllowed):
            act(user=factories.make_member(corpus, "reader"), corpus=corpus, shown={1: 1})


def test_numbers_and_times_are_no_entities(corpus, editor, make):
    (date,) = factories.suggest(factories.make_article(corpus, "On Monday it rained."), (3, 9, "DATE"))
    with pytest.raises(Conflict, match="a number or a time"):
        link_spans(user=editor, corpus=corpus, choices=[LinkChoice(date.pk, make("Monday").pk)])
    with pytest.raises(Invalid, match="numbers and times"):
        create_entity(user=editor, corpus=corpus, name="Monday", label="DATE")


def test_a_key_names_one_request(corpus, editor, spans, make):
    zarif = make("Zarif", client_key="a")
    assert make("Zarif", client_key="a") == zarif
    for act in (
        lambda name: add_alias(user=editor, entity=zarif, revision=1, name=name, client_key="b"),
        lambda name: link_spans(
            user=editor, corpus=corpus, choices=[LinkChoice(spans[0].pk, new=NewEntity(name, "PERSON"))], client_key="c"
        ),
    ):
        assert (act("One").decision, act("One").repeated) == (act("One").decision, True)
        with pytest.raises(Conflict, match="idempotency key"):
            act("Two")


@pytest.mark.parametrize("verb", ["rename", "describe", "relabel", "alias", "drop", "identify", "merge", "distinct"])
def test_each_verb_is_undone_and_redone(editor, make, verb):
    one, other = make("Zarif", aliases=["Javad"], identifiers=[("wikidata", "Q1")]), make("Kerry", aliases=["Javad"])
    at = {"user": editor, "entity": one, "revision": 1}
    before = [_told(entity) for entity in (one, other)]
    result = {
        "rename": lambda: edit_entity(**at, name="Mohammad Javad Zarif"),
        "describe": lambda: edit_entity(**at, description="Minister."),
        "relabel": lambda: edit_entity(**at, label="NORP"),
        "alias": lambda: add_alias(**at, name="M. J. Zarif", language="en"),
        "drop": lambda: drop_alias(**at, name="Javad"),
        "identify": lambda: identify(**at, add=[("viaf", "1")], drop=[("wikidata", "Q1")]),
        "merge": lambda: merge_entities(user=editor, source=one, target=other, source_revision=1, target_revision=1),
        "distinct": lambda: mark_distinct(user=editor, first=one, second=other),
    }[verb]()
    after = [_told(entity) for entity in (one, other)]
    assert after != before
    undone = undo(user=editor, decision=result.decision)
    assert [_told(entity) for entity in (one, other)] == before
    undo(user=editor, decision=undone.decision)
    assert [_told(entity) for entity in (one, other)] == after


def _told(entity):
    return {name: value for name, value in snapshot(now(entity)).items() if name != "revision"}


def test_undo_restores_what_still_stands_and_reports_the_rest(editor, make):
    one = make("Zarif")
    edited = edit_entity(user=editor, entity=one, revision=1, name="Javad Zarif", description="Minister.")
    edit_entity(user=editor, entity=one, revision=2, name="M. J. Zarif")
    result = undo(user=editor, decision=edited.decision)
    assert (now(one).name, one.description) == ("M. J. Zarif", "")
    assert result.left_out == [{"entity": one.pk, "reason": f"entity {one.pk} has another name by now"}]


def test_undoing_the_creation_of_an_entity_that_others_use_is_refused(corpus, editor, spans, make):
    created = create_entity(user=editor, corpus=corpus, name="Zarif", label="PERSON")
    linked = link_spans(user=editor, corpus=corpus, choices=[LinkChoice(spans[0].pk, created.entities[0].pk)])
    with pytest.raises(Conflict) as refused:
        undo(user=editor, decision=created.decision)
    assert "has confirmed mentions" in refused.value.current[0]["reason"]
    undo(user=editor, decision=linked.decision)
    undo(user=editor, decision=created.decision)
    assert now(created.entities[0]).state == "removed"
