"""Managers edit, rename, order and hide labels; each refusal next to its success."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.labels import (
    add_label,
    edit_label,
    hide_label,
    move_label,
    rename_label,
    show_label,
)
from annotations.review.models import Label
from annotations.review.queries.suggested_labels import suggested_labels
from corpusapp.accounts.keys import COMMANDS, label_keys
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, Stale
from tests import factories

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def person(corpus):
    return Label.objects.get(corpus=corpus, name="PERSON")


def state(corpus):
    return list(Label.objects.filter(corpus=corpus).order_by("pk").values())


def edited(user, label, **values):
    return edit_label(user=user, label=label, definition=label.definition, family=label.family, **values)


def test_a_key_belongs_to_one_label(corpus, manager, person):
    assert edited(manager, person, key="w").key == "w"
    other = Label.objects.get(corpus=corpus, name="ORG")
    with pytest.raises(Conflict, match="'w' is already the key of PERSON"):
        edited(manager, other, key="w")
    hide_label(user=manager, label=person)
    assert edited(manager, other, key="w").key == "w"
    # What is shown again gives way.
    assert show_label(user=manager, label=person).key == ""


@pytest.mark.parametrize("key", [COMMANDS[0].key, "ww", " ", "\t"])
def test_keys_that_no_label_can_have(manager, person, key):
    with pytest.raises(Invalid) as refused:
        edited(manager, person, key=key)
    assert refused.value.field == "key"


def test_examples_begin_with_their_sign(manager, person):
    label = edited(manager, person, examples="+ Assad\n\n-Mr\n")
    assert (label.do, label.dont, label.examples) == (["Assad"], ["Mr"], "+ Assad\n- Mr")
    with pytest.raises(Invalid, match="line 2 of the examples"):
        edited(manager, person, examples="+ Assad\nMr")


def test_a_rename_and_its_undo(corpus, manager, person):
    before = state(corpus)
    renamed = rename_label(user=manager, label=person, name="PER", shown="PERSON")
    assert (renamed.name, suggested_labels(corpus.pk)["PERSON"]) == ("PER", renamed)
    rename_label(user=manager, label=person, name="PERSON", shown="PER")
    assert state(corpus) == before


def test_renames_that_are_refused(corpus, manager, person):
    before = state(corpus)
    with pytest.raises(Stale, match="now named 'PERSON'"):
        rename_label(user=manager, label=person, name="PER", shown="PERSONS")
    with pytest.raises(Conflict, match="already has a label 'ORG'"):
        rename_label(user=manager, label=person, name="ORG")
    with pytest.raises(Conflict, match="already named"):
        rename_label(user=manager, label=person, name="PERSON")
    with pytest.raises(Invalid, match="cannot be a label's name"):
        rename_label(user=manager, label=person, name="P R")
    with pytest.raises(NotAllowed):
        rename_label(user=factories.make_member(corpus), label=person, name="PER")
    assert state(corpus) == before


def test_a_new_label_takes_back_its_name_from_suggesters(corpus, manager, person):
    rename_label(user=manager, label=person, name="PER")
    added = add_label(user=manager, corpus=corpus, name="PERSON")
    person.refresh_from_db()
    assert (suggested_labels(corpus.pk)["PERSON"], person.suggester_names) == (added, [])


def test_labels_are_moved_one_place(corpus, manager):
    def names():
        return list(Label.objects.filter(corpus=corpus).values_list("name", flat=True))[:3]

    def move(name, *, up):
        move_label(user=manager, label=Label.objects.get(corpus=corpus, name=name), up=up)

    move("GPE", up=True)
    assert names() == ["PERSON", "GPE", "ORG"]
    move("PERSON", up=True)
    move("PERSON", up=False)
    assert names() == ["GPE", "PERSON", "ORG"]
    hide_label(user=manager, label=Label.objects.get(corpus=corpus, name="PERSON"))
    move("ORG", up=True)
    assert names()[:2] == ["ORG", "GPE"]


def test_a_hidden_label_keeps_its_spans_and_gets_no_new_ones(corpus, manager, person):
    article = factories.make_article(corpus)
    first, second = factories.suggest(article, (0, 5, "PERSON"), (10, 17, "ORG"))
    before = state(corpus)
    hide_label(user=manager, label=person)
    with pytest.raises(Conflict, match="already hidden"):
        hide_label(user=manager, label=person)
    with pytest.raises(Invalid, match="'PERSON' is hidden"):
        decide(user=manager, article=article, choices=[Choice("relabel", second.pk, 1, label="PERSON")])
    with pytest.raises(Invalid, match="'PERSON' is hidden"):
        decide(user=manager, article=article, choices=[Choice("add", start=21, end=29, label="PERSON")])
    (confirmed,) = decide(user=manager, article=article, choices=[Choice("confirm", first.pk, 1)]).spans
    assert (confirmed.state, confirmed.label_id) == ("confirmed", person.pk)
    show_label(user=manager, label=person)
    with pytest.raises(Conflict, match="not hidden"):
        show_label(user=manager, label=person)
    assert state(corpus) == before


def test_the_last_label_cannot_be_hidden(corpus, manager, person):
    Label.objects.filter(corpus=corpus).exclude(pk=person.pk).delete()
    with pytest.raises(Conflict, match="last label"):
        hide_label(user=manager, label=person)


def test_chosen_keys_win_over_those_by_position_and_name():
    keys = label_keys([("PERSON", "w"), ("ORG", ""), ("WEAPON", "1"), ("GPE", "p")], ["a"])
    assert keys == {"PERSON": ("", "w"), "ORG": ("2", "o"), "WEAPON": ("1", ""), "GPE": ("4", "p")}
    # A user's own key for a command is the command's.
    assert label_keys([("PERSON", "w")], ["w"]) == {"PERSON": ("1", "p")}
