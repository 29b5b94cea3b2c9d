"""Each verb of `decide`: its result and its refusals."""

import pytest

from annotations.review.actions.choices import Choice, Seen
from annotations.review.actions.decide import decide
from annotations.review.actions.undo import undo
from annotations.review.models import Change, Decision, Label, Review, Span
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, NotFound, RevisionMissing, Stale
from tests import factories
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db
# Zarif met Muallem in Damascus. Zarif left for Tehran.
ZARIF, MUALLEM, DAMASCUS = (0, 5), (10, 17), (21, 29)


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


@pytest.fixture
def article(corpus):
    return factories.make_article(corpus)


@pytest.fixture
def zarif(article):
    """A suggestion that labels a person ORG."""
    (span,) = factories.suggest(article, (*ZARIF, "ORG"), score=0.5)
    return span


def state(article):
    spans = Span.objects.for_reading().filter(article=article)
    return [(span.start, span.end, span.label.name, span.state) for span in spans]


def one(user, article, verb, span=None, **values):
    if span is not None:
        values = {"span": span.pk, "revision": span.revision} | values
    return decide(user=user, article=article, choices=[Choice(verb, **values)]).spans[0]


def test_confirm(editor, article, zarif):
    span = one(editor, article, "confirm", zarif)
    assert (span.pk, span.state, span.revision, span.pipeline_id) == (zarif.pk, "confirmed", 2, zarif.pipeline_id)
    review = Review.objects.get(article=article)
    assert (review.stage, review.editor) == ("in_review", editor)


def test_reject(editor, article, zarif):
    assert one(editor, article, "reject", zarif).state == "rejected"


def test_rejected_span_can_be_confirmed(editor, article, zarif):
    rejected = one(editor, article, "reject", zarif)
    assert one(editor, article, "confirm", rejected).state == "confirmed"


def test_relabel_keeps_the_former_label_as_rejected(editor, article, zarif):
    span = one(editor, article, "relabel", zarif, label="PERSON")
    assert (span.pk, span.label.name, span.state, span.pipeline, span.score) == (
        zarif.pk, "PERSON", "confirmed", None, None,
    )  # fmt: skip
    assert sorted(state(article)) == [(*ZARIF, "ORG", "rejected"), (*ZARIF, "PERSON", "confirmed")]


def test_move_keeps_the_former_range_as_rejected(editor, article, zarif):
    span = one(editor, article, "move", zarif, start=0, end=17, label="PERSON")
    assert (span.start, span.end, span.label.name) == (0, 17, "PERSON")
    assert sorted(state(article)) == [(0, 5, "ORG", "rejected"), (0, 17, "PERSON", "confirmed")]


def test_add(editor, article):
    span = one(editor, article, "add", start=21, end=29, label="GPE")
    assert (span.state, span.revision, span.pipeline) == ("confirmed", 1, None)


def test_editors_can_add_nested_and_overlapping_spans(editor, article):
    for end in (29, 22, 25):
        one(editor, article, "add", start=21, end=end, label="GPE")
    one(editor, article, "add", start=18, end=25, label="LOC")
    assert len(state(article)) == 4


@pytest.mark.parametrize("standing", ["suggested", "rejected"])
def test_add_confirms_an_identical_suggested_or_rejected_span(editor, article, zarif, standing):
    if standing == "rejected":
        one(editor, article, "reject", zarif)
    span = one(editor, article, "add", start=0, end=5, label="ORG")
    assert (span.pk, span.state) == (zarif.pk, "confirmed")


@pytest.mark.parametrize("standing", ["suggested", "rejected", "confirmed"])
def test_relabel_to_an_existing_span_confirms_that_span(editor, article, standing):
    org, person = factories.suggest(article, (*ZARIF, "ORG"), (*ZARIF, "PERSON"))
    if org.label.name == "PERSON":
        org, person = person, org
    if standing != "suggested":
        one(editor, article, "confirm" if standing == "confirmed" else "reject", person)
    span = one(editor, article, "relabel", org, label="PERSON")
    assert (span.pk, span.state) == (person.pk, "confirmed")
    assert sorted(state(article)) == [(*ZARIF, "ORG", "rejected"), (*ZARIF, "PERSON", "confirmed")]
    assert set(Decision.objects.latest("id").changes.values_list("span_id", flat=True)) == {org.pk, person.pk}


def test_adding_an_identical_span_is_a_conflict_with_that_span(editor, article):
    span = one(editor, article, "add", start=0, end=5, label="PERSON")
    with pytest.raises(Conflict, match="identical span exists") as refused:
        one(editor, article, "add", start=0, end=5, label="PERSON")
    assert refused.value.current.pk == span.pk


def test_stale_revision_is_refused_with_the_current_span(editor, article, zarif):
    one(editor, article, "confirm", zarif)
    with pytest.raises(Stale, match="at revision 2, you saw 1") as refused:
        one(editor, article, "reject", zarif)
    assert refused.value.current.state == "confirmed"


@pytest.mark.parametrize(
    ("choice", "error", "field", "reason"),
    [
        (Choice("delete", 1, 1), Invalid, "decisions[0].verb", "is not a verb"),
        (Choice("undo", 1, 1), Invalid, "decisions[0].verb", "is not a verb"),
        (Choice("confirm", None, 1), Invalid, "decisions[0].span", "needs the id"),
        (Choice("confirm", 1), RevisionMissing, "decisions[0].revision", "is missing the revision"),
        (Choice("confirm", 2**70, 1), NotFound, "decisions[0].span", "has no span"),
        (Choice("relabel", 1, 1), Invalid, "decisions[0].label", "needs label"),
        (Choice("move", 1, 1, start=1), Invalid, "decisions[0].end", "needs end"),
        (Choice("add", start=0, end=5), Invalid, "decisions[0].label", "needs label"),
        (Choice("add", start=0, end=5, label="MINISTER"), Invalid, "decisions[0].label", "has no label 'MINISTER'"),
        (Choice("add", start=5, end=0, label="ORG"), Invalid, "decisions[0].end", "does not lie after"),
        (Choice("add", start=-1, end=5, label="ORG"), Invalid, "decisions[0].start", "before the beginning"),
        (Choice("add", start=0, end=10**20, label="ORG"), Invalid, "decisions[0].end", "past the end"),
        (Choice("add", start=0.0, end=5, label="ORG"), Invalid, "decisions[0].start", "a fraction"),
    ],
)
def test_invalid_choices_are_refused_with_their_field(editor, article, choice, error, field, reason):
    with pytest.raises(error, match=reason.replace("(", r"\(")) as refused:
        decide(user=editor, article=article, choices=[choice])
    assert refused.value.field == field
    assert state(article) == []


def test_label_of_another_corpus_is_refused(editor, article):
    other = factories.make_corpus("other")
    Label.objects.create(corpus=other, name="MINISTER")
    with pytest.raises(Invalid, match="has no label"):
        one(editor, article, "add", start=0, end=5, label="MINISTER")


def test_span_of_another_article_is_not_found(editor, corpus, article, zarif):
    other = factories.make_article(corpus, "Another text")
    with pytest.raises(NotFound):
        one(editor, other, "confirm", zarif)


def test_choices_that_change_nothing_are_refused(editor, article, zarif):
    with pytest.raises(Conflict, match="already has this range and label"):
        one(editor, article, "relabel", zarif, label="ORG")
    confirmed = one(editor, article, "confirm", zarif)
    with pytest.raises(Conflict, match="already confirmed"):
        one(editor, article, "confirm", confirmed)
    rejected = one(editor, article, "reject", confirmed)
    with pytest.raises(Conflict, match="is rejected"):
        one(editor, article, "relabel", rejected, label="PERSON")


def test_decision_is_all_or_none(editor, article):
    first, second = factories.suggest(article, (*ZARIF, "PERSON"), (*MUALLEM, "PERSON"))
    choices = [Choice("confirm", first.pk, 1), Choice("reject", second.pk, 7)]
    with pytest.raises(Stale):
        decide(user=editor, article=article, choices=choices)
    assert {row[3] for row in state(article)} == {"suggested"}
    assert not Decision.objects.exists()
    result = decide(user=editor, article=article, choices=[choices[0], Choice("reject", second.pk, 1)])
    assert (result.decision.verb, [span.state for span in result.spans]) == ("several", ["confirmed", "rejected"])


def test_span_changes_at_most_once_in_a_decision(editor, article, zarif):
    choices = [Choice("confirm", zarif.pk, 1), Choice("reject", zarif.pk, 2)]
    with pytest.raises(Conflict, match="twice in one decision"):
        decide(user=editor, article=article, choices=choices)


def test_log_has_columns_before_and_after(editor, article, zarif):
    one(editor, article, "relabel", zarif, label="PERSON")
    explicit, implicit = Change.objects.all()
    assert (explicit.before_label.name, explicit.after_label.name) == ("ORG", "PERSON")
    assert (explicit.before_state, explicit.after_state) == ("suggested", "confirmed")
    assert (explicit.before_revision, explicit.after_revision) == (1, 2)
    assert (explicit.before_score, explicit.after_score, explicit.after_pipeline) == (0.5, None, None)
    assert (implicit.implicit, implicit.before_revision, implicit.after_state) == (True, None, "rejected")


def test_repeated_key_returns_the_first_decision(editor, article, zarif):
    choices = [Choice("confirm", zarif.pk, 1)]
    first = decide(user=editor, article=article, choices=choices, client_key="k1")
    again = decide(user=editor, article=article, choices=choices, client_key="k1")
    assert (again.decision, again.repeated) == (first.decision, True)
    assert [span.pk for span in again.spans] == [zarif.pk]
    with pytest.raises(Conflict, match="another request"):
        decide(user=editor, article=article, choices=[Choice("reject", zarif.pk, 2)], client_key="k1")
    with pytest.raises(Invalid, match="1 to 100"):
        decide(user=editor, article=article, choices=choices, client_key="k" * 101)
    with pytest.raises(Invalid, match="NUL"):
        decide(user=editor, article=article, choices=choices, client_key="\0")


def test_readers_and_strangers_cannot_decide(corpus, article, zarif):
    with pytest.raises(NotAllowed, match="needs the role editor"):
        one(factories.make_member(corpus, Role.READER), article, "confirm", zarif)
    with pytest.raises(NotFound):
        one(factories.make_member(factories.make_corpus("other"), Role.MANAGER), article, "confirm", zarif)
    assert state(article)[0][3] == "suggested"


def test_empty_decision_is_refused(editor, article):
    with pytest.raises(Invalid, match="at least one"):
        decide(user=editor, article=article, choices=[])


# A suggestion that is withdrawn or replaced meanwhile is no conflict: the verb is applied where it was seen.

SEEN = Seen(*ZARIF, "ORG")


@pytest.mark.parametrize(
    ("verb", "more", "left"),
    [
        ("confirm", {}, [(*ZARIF, "ORG", "confirmed")]),
        ("reject", {}, [(*ZARIF, "ORG", "rejected")]),
        ("relabel", {"label": "PERSON"}, [(*ZARIF, "PERSON", "confirmed"), (*ZARIF, "ORG", "rejected")]),
        ("move", {"start": 0, "end": 9}, [(0, 9, "ORG", "confirmed"), (*ZARIF, "ORG", "rejected")]),
    ],
)
def test_withdrawn_suggestion_is_decided_where_it_was_seen(editor, article, zarif, verb, more, left):
    factories.suggest(article)
    result = decide(user=editor, article=article, choices=[Choice(verb, zarif.pk, 1, seen=SEEN, **more)])
    assert sorted(state(article)) == sorted(left)
    assert "changed in the meantime" in result.decision.notices[0]
    assert decided(article) == replayed(article)
    undo(user=editor, decision=result.decision)
    assert state(article) == []


def test_suggestion_made_again_is_decided_in_place_of_the_withdrawn_one(editor, article, zarif):
    factories.suggest(article)
    (again,) = factories.suggest(article, (*ZARIF, "ORG"))
    assert again.pk != zarif.pk
    assert one(editor, article, "confirm", zarif, seen=SEEN).pk == again.pk
    assert state(article) == [(*ZARIF, "ORG", "confirmed")]


def test_relabel_confirms_the_new_suggestion_at_its_target(editor, article, zarif):
    (replaced,) = factories.suggest(article, (*ZARIF, "PERSON"))
    assert one(editor, article, "relabel", zarif, label="PERSON", seen=SEEN).pk == replaced.pk
    assert sorted(state(article)) == [(*ZARIF, "ORG", "rejected"), (*ZARIF, "PERSON", "confirmed")]


def test_conflict_names_the_user_and_time_of_the_other_decision(editor, article, zarif, corpus):
    anna = factories.make_member(corpus, username="anna")
    one(anna, article, "reject", zarif)
    with pytest.raises(Stale, match="anna decided it") as refused:
        one(editor, article, "confirm", zarif, revision=1, seen=SEEN)
    assert (refused.value.by, refused.value.at) == ("anna", Decision.objects.get().created_at)
    # Also if the span has another id.
    with pytest.raises(Stale, match="anna decided it"):
        decide(user=editor, article=article, choices=[Choice("confirm", 10**6, 1, seen=SEEN)])


def test_deciding_a_span_removed_by_undo_is_a_conflict(editor, article, corpus):
    anna = factories.make_member(corpus, username="anna")
    result = decide(user=anna, article=article, choices=[Choice("add", start=0, end=5, label="ORG")])
    undo(user=anna, decision=result.decision)
    with pytest.raises(Conflict, match="anna removed span") as refused:
        one(editor, article, "relabel", result.spans[0], label="PERSON", seen=SEEN)
    assert refused.value.by == "anna"


def test_seen_must_be_a_valid_range_and_label(editor, article):
    for seen, field in ((Seen(0, 500, "ORG"), "end"), (Seen(5, 5, "ORG"), "end"), (Seen(0, 5, "NONE"), "label")):
        with pytest.raises(Invalid) as refused:
            decide(user=editor, article=article, choices=[Choice("confirm", 10**6, 1, seen=seen)])
        assert refused.value.field == f"decisions[0].seen.{field}"
    with pytest.raises(NotFound, match="send the span that you saw"):
        decide(user=editor, article=article, choices=[Choice("confirm", 10**6, 1)])
    with pytest.raises(Invalid, match="leave it out"):
        decide(user=editor, article=article, choices=[Choice("add", start=0, end=5, label="ORG", seen=SEEN)])
