"""The queue of possible duplicates: ordered by what an answer saves, paged, answered and put off."""

import pytest

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.queues import answer_duplicate
from annotations.entities.models import Distinct, Entity, PossibleDuplicate
from annotations.entities.queries.duplicates import possible_duplicates
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid, NotAllowed, NotFound, RevisionMissing, Stale
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def corpus():
    return make_corpus()


@pytest.fixture
def editor(corpus):
    return make_member(corpus)


def pair(corpus, editor, saves, *names):
    made = [create_entity(user=editor, corpus=corpus, name=name, label="GPE").entities[0] for name in names]
    PossibleDuplicate.objects.create(corpus=corpus, first=made[0], second=made[1], score=0.8, saves=saves)
    return made


def answer(editor, corpus, two, said, **more):
    return answer_duplicate(user=editor, corpus=corpus, first=two[0], second=two[1], answer=said, **more)


def pages(corpus, size=1):
    found, cursor = [], ""
    while True:
        page = possible_duplicates(corpus, cursor=cursor, size=size)
        found += [row.saves for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            return found


def test_pages_are_ordered_by_the_mentions_saved(corpus, editor):
    for saves in (3, 9, 3, 1):
        pair(corpus, editor, saves, "Drelnik", "Drelnick")
    assert pages(corpus) == pages(corpus, 2) == pages(corpus, 9) == [9, 3, 3, 1]


def test_what_is_put_off_comes_last(corpus, editor):
    first = pair(corpus, editor, 9, "Drelnik", "Drelnick")
    pair(corpus, editor, 3, "Orvany", "Orvani")
    put_off = answer(editor, corpus, first, "later")
    assert put_off.postponed_at is not None
    assert pages(corpus) == pages(corpus, 2) == [3, 9]


def test_the_same_are_merged_into_the_one_with_more_mentions(corpus, editor):
    two = pair(corpus, editor, 2, "Drelnik", "Drelnick")
    Entity.objects.filter(pk=two[1].pk).update(mentions=4)
    two[1].refresh_from_db()
    answer(editor, corpus, two, "same", first_revision=1, second_revision=1)
    two[0].refresh_from_db()
    assert (two[0].state, two[0].merged_into_id) == ("merged", two[1].pk)
    assert pages(corpus) == []


def test_those_that_differ_leave_the_queue(corpus, editor):
    two = pair(corpus, editor, 2, "Drelnik", "Drelnick")
    answer(editor, corpus, two, "different")
    assert Distinct.objects.count() == 1 and pages(corpus) == []
    with pytest.raises(NotFound, match="not proposed as one"):
        answer(editor, corpus, two, "later")


def test_same_needs_the_revisions_that_were_seen(corpus, editor):
    two = pair(corpus, editor, 2, "Drelnik", "Drelnick")
    with pytest.raises(RevisionMissing):
        answer(editor, corpus, two, "same")
    with pytest.raises(Stale):
        answer(editor, corpus, two, "same", first_revision=1, second_revision=7)


def test_other_answers_and_readers_are_refused(corpus, editor):
    two = pair(corpus, editor, 2, "Drelnik", "Drelnick")
    with pytest.raises(Invalid, match="same, different, later"):
        answer(editor, corpus, two, "perhaps")
    reader = make_member(corpus, Role.READER, "reader")
    for said in ("same", "different", "later"):
        with pytest.raises(NotAllowed):
            answer(reader, corpus, two, said, first_revision=1, second_revision=1)
