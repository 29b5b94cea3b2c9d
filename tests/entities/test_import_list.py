"""Importing a list of entities: what is added, gained, left out and undone."""

import pytest

from annotations.entities.actions.entities import create_entity, drop_alias, edit_entity
from annotations.entities.actions.import_list import import_list
from annotations.entities.actions.merge import merge_entities
from annotations.entities.models import Alias, Entity, EntityChange, Identifier
from annotations.linkers.lists import read_list
from annotations.review.actions.undo import undo
from annotations.review.models import Decision
from corpusapp.articles.models import Corpus, Role
from corpusapp.core.errors import Conflict, Invalid, LeftOut, NotAllowed
from tests.factories import make_corpus, make_member

pytestmark = pytest.mark.django_db

LIST = """name,label,description,aliases,wikidata,name@ar
Omar Haddad,PERSON,Mayor of Port Lina,O. Haddad|Omar al-Haddad,Q901,عمر حداد
Port Lina,GPE,,,Q902,
Harbour Union,ORG,A trade union,HU,,
""".encode()


@pytest.fixture
def cast():
    corpus = make_corpus()
    return corpus, make_member(corpus, Role.MANAGER)


def take(cast, data=LIST, name="list.csv", **options):
    corpus, manager = cast
    return import_list(user=manager, corpus=corpus, listed=read_list(data, name=name), **options)


def counts(outcome):
    return outcome.added, outcome.updated, outcome.unchanged


def test_a_list_becomes_entities_in_one_decision(cast):
    outcome = take(cast)
    assert counts(outcome) == (3, 0, 0) and outcome.decision.verb == "create"
    haddad = Entity.objects.get(name="Omar Haddad")
    assert (haddad.state, haddad.label.name, haddad.description) == ("confirmed", "PERSON", "Mayor of Port Lina")
    assert set(haddad.aliases.values_list("name", "language", "origin", "state")) == {
        ("Omar Haddad", "", "import", "confirmed"), ("O. Haddad", "", "import", "confirmed"),
        ("Omar al-Haddad", "", "import", "confirmed"), ("عمر حداد", "ar", "import", "confirmed"),
    }  # fmt: skip
    assert list(haddad.identifiers.values_list("scheme", "value")) == [("wikidata", "Q901")]
    change = EntityChange.objects.get(entity_id=haddad.pk)
    assert change.before is None and change.after["identifiers"] == [["wikidata", "Q901"]]


def test_importing_a_list_again_changes_nothing(cast):
    take(cast)
    revisions = list(Entity.objects.order_by("pk").values_list("pk", "revision"))
    outcome = take(cast)
    assert counts(outcome) == (0, 0, 3) and outcome.decision is None
    assert list(Entity.objects.order_by("pk").values_list("pk", "revision")) == revisions
    assert Decision.objects.count() == 1


def test_a_known_identifier_or_name_is_that_entity(cast):
    corpus, manager = cast
    known = [
        create_entity(user=manager, corpus=corpus, name=name, label=label, identifiers=pairs).entities[0]
        for name, label, pairs in [
            ("Haddad", "PERSON", [("wikidata", "Q901")]), ("harbour union", "ORG", []), ("Port Lina", "LOC", []),
        ]
    ]  # fmt: skip
    outcome = take(cast)
    assert counts(outcome) == (1, 2, 0)
    person, union, place = (Entity.objects.get(pk=entity.pk) for entity in known)
    # What is there is not overwritten.
    assert (person.name, person.description, person.revision) == ("Haddad", "Mayor of Port Lina", 2)
    assert person.aliases.filter(name="Omar Haddad").exists()
    assert (union.name, union.description) == ("harbour union", "A trade union")
    assert place.revision == 1, "another label is another entity"


def test_a_person_s_words_stay(cast):
    _corpus, manager = cast
    take(cast)
    haddad = Entity.objects.get(name="Omar Haddad")
    haddad = edit_entity(user=manager, entity=haddad, revision=1, name="Omar Q. Haddad", description="Ex-mayor")
    haddad = drop_alias(user=manager, entity=haddad.entities[0], revision=2, name="O. Haddad").entities[0]
    assert counts(take(cast)) == (0, 0, 3)
    haddad.refresh_from_db()
    assert (haddad.name, haddad.description) == ("Omar Q. Haddad", "Ex-mayor")
    assert haddad.aliases.get(name="O. Haddad").state == "rejected"


def test_one_undo_takes_a_list_back_and_it_can_come_again(cast):
    corpus, manager = cast
    known = create_entity(
        user=manager, corpus=corpus, name="Haddad", label="PERSON", identifiers=[("wikidata", "Q901")]
    )
    outcome = take(cast)
    undo(user=manager, decision=outcome.decision)
    assert sorted(Entity.objects.values_list("name", "state")) == [
        ("Haddad", "confirmed"), ("Harbour Union", "removed"), ("Port Lina", "removed"),
    ]  # fmt: skip
    (haddad,) = known.entities
    haddad.refresh_from_db()
    assert haddad.description == "" and list(haddad.aliases.values_list("name", flat=True)) == ["Haddad"]
    take(cast)
    assert Entity.objects.filter(state="confirmed").count() == 3
    assert counts(take(cast)) == (0, 0, 3)


def test_lines_that_cannot_be_taken_are_reported_and_nothing_is_done(cast):
    data = b"\n".join([
        b"name,label,wikidata", b"Ada,PERSON,Q1", b"Bea,ROBOT,Q2", b",PERSON,Q3", b"Cid,,Q4", b"Dan,PERSON,Q1",
        b"x" * 10_000 + b",PERSON,", b"Eve,PERSON,<script>", b"Fay,PERSON,Q5,more", b"Gus,ORG,", b"gus,ORG,",
    ])  # fmt: skip
    with pytest.raises(LeftOut) as refused:
        take(cast, data)
    reasons = {one["line"]: (one["field"], one["reason"]) for one in refused.value.left_out}
    assert not Entity.objects.exists() and not Decision.objects.exists()
    assert sorted(reasons) == [3, 4, 5, 6, 7, 8, 9, 11]
    assert reasons[3][0] == "label" and "'ROBOT'" in reasons[3][1]
    assert reasons[4] == ("name", "the name is empty: give one")
    assert "no label" in reasons[5][1] and "line 2" in reasons[6][1]
    assert reasons[7] == ("name", "the name has 10000 characters: the limit is 300")
    assert "angle brackets" in reasons[8][1] and "1 cells more" in reasons[9][1] and "line 10" in reasons[11][1]
    outcome = take(cast, data, all_or_none=False, label="PERSON")
    assert counts(outcome) == (3, 0, 0)
    assert {one["line"] for one in outcome.left_out} == {3, 4, 6, 7, 8, 9, 11}
    assert outcome.decision.left_out == outcome.left_out


def test_a_preview_writes_nothing(cast):
    outcome = take(cast, preview=True)
    assert counts(outcome) == (3, 0, 0) and outcome.decision is None and not Entity.objects.exists()
    assert outcome.rows[0].entry.name == "Omar Haddad"


def test_identifiers_of_two_entities_are_refused(cast):
    corpus, manager = cast
    for name, value in (("Ada", "Q1"), ("Ada L.", "Q2")):
        create_entity(user=manager, corpus=corpus, name=name, label="PERSON", identifiers=[("wikidata", value)])
    with pytest.raises(LeftOut) as refused:
        take(cast, b'{"name":"Ada","label":"PERSON","identifiers":{"wikidata":["Q1","Q2"]}}', "a.jsonl")
    assert "merge these" in refused.value.left_out[0]["reason"]


def test_a_name_that_two_entities_have_needs_an_identifier(cast):
    corpus, manager = cast
    for _ in range(2):
        create_entity(user=manager, corpus=corpus, name="Ada", label="PERSON")
    with pytest.raises(LeftOut, match="give it an identifier"):
        take(cast, b"name,label\nAda,PERSON\n")
    assert take(cast, b"name,label,wikidata\nAda,PERSON,Q1\n").added == 1


def test_an_entity_that_was_merged_is_the_one_it_was_merged_into(cast):
    corpus, manager = cast
    take(cast)
    other = create_entity(user=manager, corpus=corpus, name="Haddad", label="PERSON").entities[0]
    haddad = Entity.objects.get(name="Omar Haddad")
    merge_entities(
        user=manager, source=haddad, target=other, source_revision=haddad.revision, target_revision=other.revision
    )
    assert counts(take(cast)) == (0, 1, 2), "it gains the description"
    assert counts(take(cast)) == (0, 0, 3)
    assert Identifier.objects.get(value="Q901").entity == other


def test_a_repeated_request_is_answered_as_the_first(cast):
    first = take(cast, client_key="k")
    again = take(cast, client_key="k")
    assert again.repeated and again.decision == first.decision and (again.added, again.updated) == (3, 0)
    with pytest.raises(Conflict):
        take(cast, b"name,label\nAda,PERSON\n", client_key="k")


def test_only_managers_import_and_only_where_there_are_entities(cast):
    corpus, manager = cast
    with pytest.raises(NotAllowed):
        take((corpus, make_member(corpus)))
    with pytest.raises(Invalid, match="has no label 'X'"):
        take(cast, label="X")
    Corpus.objects.filter(pk=corpus.pk).update(entities_enabled=False)
    corpus.refresh_from_db()
    with pytest.raises(Conflict, match="links no names"):
        take((corpus, manager))


def test_names_in_other_spellings_of_one_entity_are_kept_once(cast):
    data = b'{"name":"Ada","label":"PERSON","aliases":["Ada","A. L.",{"name":"A. L.","language":"en"}]}'
    take(cast, data, "a.jsonl")
    assert sorted(Alias.objects.values_list("name", flat=True)) == ["A. L.", "Ada"]


def test_two_lines_are_never_one_entity(cast):
    corpus, manager = cast
    create_entity(user=manager, corpus=corpus, name="Ada", label="PERSON", identifiers=[("viaf", "1"), ("viaf", "2")])
    create_entity(user=manager, corpus=corpus, name="Bea", label="PERSON")
    outcome = take(cast, b"name,label,viaf,wikidata\nAda,PERSON,1,\nBea,PERSON,,Q1\nBea,PERSON,,Q2\n")
    assert counts(outcome) == (1, 1, 1)
    assert sorted(Identifier.objects.filter(entity__name="Bea").values_list("value", flat=True)) == ["Q1", "Q2"]
    assert Entity.objects.filter(name="Bea").count() == 2
    with pytest.raises(LeftOut, match="as line 2 is"):
        take(cast, b"name,label,viaf\nAda,PERSON,1\nAda L.,PERSON,2\n")
