"""Flags, skips and parks: who may, what "next" offers, what finishing and erasing leave, and the same over REST."""

import pytest
from django.db import IntegrityError, connection, transaction

from annotations.review.actions.set_aside import set_aside, take_back
from annotations.review.actions.stages import finish, finish_many, reopen
from annotations.review.actions.undo import undo
from annotations.review.models import SetAside
from annotations.review.queries import next_article
from annotations.review.queries.set_aside import list_set_aside, of_article, parked_counts, with_parked
from annotations.review.queries.work import ORDERS, next_to_review
from corpusapp.articles.actions.withdraw import withdraw_articles, withdraw_corpus
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import factories
from tests.api.client import Rest, refusal


@pytest.fixture
def corpus(db):
    return factories.make_corpus()


@pytest.fixture
def articles(corpus):
    """Three articles, the newest first."""
    return [factories.make_article(corpus, f"Zarif spoke {number} times.") for number in range(3)][::-1]


@pytest.fixture
def anna(corpus):
    return factories.make_member(corpus, Role.EDITOR, "anna")


@pytest.fixture
def ben(corpus):
    return factories.make_member(corpus, Role.EDITOR, "ben")


@pytest.fixture
def reader(corpus):
    return factories.make_member(corpus, Role.READER, "reader")


def rows():
    return sorted(SetAside.objects.values_list("user__username", "kind", "reason"))


def test_setting_aside_again_changes_the_reason(articles, anna):
    first = set_aside(user=anna, article=articles[0], kind="park", reason=" Waits for the desk. ")
    set_aside(user=anna, article=articles[0], kind="flag")
    again = set_aside(user=anna, article=articles[0], kind="park", reason="Waits for SANA.")
    assert rows() == [("anna", "flag", ""), ("anna", "park", "Waits for SANA.")]
    assert (again.pk, again.created_at) == (first.pk, first.created_at)


def test_readers_only_flag(articles, reader):
    set_aside(user=reader, article=articles[0], kind="flag", reason="To read.")
    for kind in ("skip", "park"):
        with pytest.raises(NotAllowed, match="needs the role editor"):
            set_aside(user=reader, article=articles[0], kind=kind, reason="x")
    assert rows() == [("reader", "flag", "To read.")]
    take_back(user=reader, article=articles[0], kind="flag")
    assert rows() == []


@pytest.mark.parametrize(
    ("kind", "reason", "field", "said"),
    [
        ("park", "  ", "reason", "needs a reason"),
        ("skip", "x" * 501, "reason", "has 501 characters: the limit is 500"),
        ("flag", "a\0b", "reason", "NUL"),
        ("hide", "", "kind", "use flag, skip or park"),
    ],
)
def test_refused_values_name_their_field(articles, anna, kind, reason, field, said):
    with pytest.raises(Invalid, match=said) as refused:
        set_aside(user=anna, article=articles[0], kind=kind, reason=reason)
    assert refused.value.field == field and rows() == []
    set_aside(user=anna, article=articles[0], kind="skip", reason="x" * 500)


def test_strangers_and_withdrawn_corpora(articles, corpus, anna):
    stranger = factories.make_user("stranger")
    with pytest.raises(NotFound):
        set_aside(user=stranger, article=articles[0], kind="flag")
    set_aside(user=anna, article=articles[0], kind="flag")
    with pytest.raises(NotFound):
        take_back(user=stranger, article=articles[0], kind="flag")
    withdraw_corpus(user=factories.make_superuser(), corpus=corpus)
    corpus.refresh_from_db()
    articles[0].refresh_from_db()
    with pytest.raises(NotFound):
        set_aside(user=anna, article=articles[0], kind="flag")
    assert list_set_aside(anna).rows == [] and len(rows()) == 1


def test_only_parks_of_others_are_taken_back_and_only_by_editors(articles, anna, ben, reader):
    article = articles[0]
    for kind in ("flag", "park"):
        set_aside(user=anna, article=article, kind=kind, reason="Which Zarif?")
    with pytest.raises(NotAllowed):
        take_back(user=reader, article=article, kind="park", of="anna")
    with pytest.raises(Invalid, match="only the park of another person") as refused:
        take_back(user=ben, article=article, kind="flag", of="anna")
    assert refused.value.field == "of"
    for wrong in ({"kind": "park"}, {"kind": "park", "of": "nobody"}):
        with pytest.raises(NotFound, match="is not parked by"):
            take_back(user=ben, article=article, **wrong)
    with pytest.raises(Invalid, match="NUL"):
        take_back(user=ben, article=article, kind="park", of="a\0")
    take_back(user=ben, article=article, kind="park", of="anna")
    assert rows() == [("anna", "flag", "Which Zarif?")]
    take_back(user=anna, article=article, kind="flag", of="anna")
    assert rows() == []


def test_a_done_article_is_only_flagged(articles, anna):
    finish(user=anna, article=articles[0])
    for kind in ("skip", "park"):
        with pytest.raises(Conflict, match="is done"):
            set_aside(user=anna, article=articles[0], kind=kind, reason="x")
    set_aside(user=anna, article=articles[0], kind="flag")
    assert rows() == [("anna", "flag", "")]


@pytest.mark.parametrize("order", ORDERS)
def test_next_leaves_out_parks_and_offers_own_skips_last(corpus, articles, anna, ben, order):
    newest, middle, oldest = articles
    set_aside(user=ben, article=middle, kind="park", reason="Waits.")
    set_aside(user=anna, article=newest, kind="skip")
    assert next_to_review(anna, corpus, order=order) == oldest.pk
    assert next_to_review(anna, corpus, order=order, after=oldest.pk) == newest.pk
    # The skip is anna's; the park is for all, and ben's flag is of no consequence.
    set_aside(user=ben, article=oldest, kind="flag")
    offered = {next_to_review(ben, corpus, order=order, after=after) for after in (newest.pk, oldest.pk)}
    assert offered == {newest.pk, oldest.pk}
    finish(user=anna, article=oldest)
    assert next_to_review(anna, corpus, order=order) == newest.pk
    assert next_article(oldest) == newest.pk
    finish(user=anna, article=newest)
    assert next_to_review(anna, corpus, order=order) is None and next_article(newest) is None
    take_back(user=anna, article=middle, kind="park", of="ben")
    assert next_to_review(anna, corpus, order=order) == next_article(newest) == middle.pk


def test_a_parked_article_can_be_decided(articles, anna, ben):
    (span,) = factories.suggest(articles[0], (0, 5, "PERSON"))
    set_aside(user=ben, article=articles[0], kind="park", reason="Waits.")
    confirmed = {"decisions": [{"verb": "confirm", "span": span.pk, "revision": span.revision}]}
    assert Rest(anna).post(f"articles/{articles[0].pk}/decisions/", confirmed).status_code == 201
    assert len(rows()) == 1


def test_finishing_removes_skips_and_parks_but_no_flags(corpus, articles, anna, ben):
    def all_aside(article):
        for user in (anna, ben):
            for kind in ("flag", "skip", "park"):
                set_aside(user=user, article=article, kind=kind, reason="x")

    for article in articles:
        all_aside(article)
    finish(user=anna, article=articles[0])
    assert {row.kind for row in SetAside.objects.filter(article=articles[0])} == {"flag"}
    assert SetAside.objects.count() == 14
    decision = finish_many(user=ben, corpus=corpus, article_ids=[article.pk for article in articles[1:]]).decision
    assert rows() == [("anna", "flag", "x")] * 3 + [("ben", "flag", "x")] * 3
    reopen(user=anna, article=articles[0])
    undone = undo(user=ben, decision=decision).decision
    assert SetAside.objects.count() == 6
    all_aside(articles[1])
    undo(user=ben, decision=undone)
    assert SetAside.objects.count() == 6


def test_a_refused_finish_removes_nothing(articles, anna):
    set_aside(user=anna, article=articles[0], kind="park", reason="x")
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        finish(user=anna, article=articles[0])
        raise ZeroDivisionError
    assert len(rows()) == 1


def test_own_list_and_notices(articles, anna, ben, reader):
    for article, kind in zip(articles, ("flag", "skip", "park"), strict=True):
        set_aside(user=anna, article=article, kind=kind, reason=kind)
    set_aside(user=ben, article=articles[2], kind="park", reason="Mine too.")
    assert [row.kind for row in list_set_aside(anna).rows] == ["park", "skip", "flag"]
    assert [row.article for row in list_set_aside(anna, "skipped").rows] == [articles[1]]
    page = list_set_aside(anna, size=2)
    assert [row.kind for row in list_set_aside(anna, cursor=page.next_cursor, size=2).rows] == ["flag"]
    assert list_set_aside(reader).rows == []
    assert [[row.user.username for row in of_article(reader, article)] for article in articles] == [
        [], [], ["anna", "ben"],
    ]  # fmt: skip
    withdraw_articles(user=factories.make_superuser(), corpus=articles[0].corpus, article_ids=[articles[0].pk])
    assert [row.kind for row in list_set_aside(anna).rows] == ["park", "skip"]


def test_parked_articles_are_counted_once_and_apart(corpus, articles, anna, ben):
    factories.suggest(articles[0], (0, 5, "PERSON"))
    for user in (anna, ben):
        set_aside(user=user, article=articles[0], kind="park", reason="x")
    set_aside(user=anna, article=articles[1], kind="park", reason="x")
    set_aside(user=anna, article=articles[2], kind="skip")
    other = factories.make_corpus("other")
    assert parked_counts([corpus, other]) == {corpus.pk: {"suggested": 1, "new": 1}}
    bar = with_parked({"new": 2, "suggested": 1}, parked_counts([corpus])[corpus.pk])
    assert bar == {"new": 1, "suggested": 0, "parked": 2}
    assert Rest(anna).get("corpora/desk/").json()["parked"] == 2
    finish(user=anna, article=articles[0])
    assert parked_counts([corpus]) == {corpus.pk: {"new": 1}}


def test_rest(articles, anna, ben, reader):
    path = f"articles/{articles[0].pk}/set-aside/"
    parked = Rest(anna).put(f"{path}park/", {"reason": "Which Zarif?"})
    assert parked.status_code == 200
    assert {name: parked.json()[name] for name in ("article", "corpus", "kind", "reason", "user")} == {
        "article": articles[0].pk, "corpus": "desk", "kind": "park", "reason": "Which Zarif?", "user": "anna",
    }  # fmt: skip
    assert Rest(reader).put(f"{path}flag/", {}).status_code == 200
    refusal(Rest(anna).put(f"{path}park/", {}), 400, "reason")
    refusal(Rest(anna).put(f"{path}park/", {"reason": "x" * 501}), 400, "reason")
    refusal(Rest(anna).put(f"{path}hide/", {}), 400, "kind")
    flagged = Rest(reader).get("account/set-aside/").json()["results"]
    assert Rest(reader).get(path).json() == {"results": [*flagged, parked.json()], "next": None}
    assert Rest(anna).get("account/set-aside/", kind="parked").json() == {"results": [parked.json()], "next": None}
    refusal(Rest(anna).get("account/set-aside/", kind="hidden"), 400, "kind")
    refusal(Rest(reader).delete(f"{path}park/?of=anna"), 403)
    assert Rest(ben).delete(f"{path}park/?of=anna").status_code == 204
    refusal(Rest(ben).delete(f"{path}park/?of=anna"), 404)


def test_a_read_token_sets_nothing_aside(articles, anna):
    client = Rest(anna, scope="read")
    refusal(client.put(f"articles/{articles[0].pk}/set-aside/flag/", {}), 403)
    set_aside(user=anna, article=articles[0], kind="flag")
    refusal(client.delete(f"articles/{articles[0].pk}/set-aside/flag/"), 403)
    assert len(client.get("account/set-aside/").json()["results"]) == 1


def test_the_list_of_articles_is_filtered(articles, anna, ben):
    newest, middle, oldest = articles
    set_aside(user=anna, article=newest, kind="flag")
    set_aside(user=ben, article=middle, kind="skip")
    set_aside(user=ben, article=oldest, kind="park", reason="x")

    def listed(user, aside):
        return [row["id"] for row in Rest(user).get("articles/", corpus="desk", aside=aside).json()["results"]]

    assert listed(anna, "flagged") == [newest.pk] and listed(ben, "flagged") == []
    assert listed(anna, "skipped") == [] and listed(ben, "skipped") == [middle.pk]
    assert listed(anna, "parked") == listed(ben, "parked") == [oldest.pk]
    refusal(Rest(anna).get("articles/", aside="hidden"), 400, "aside")


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({"kind": "hide"}, "set_aside_kind_known"),
        ({"kind": "park"}, "set_aside_park_has_reason"),
        ({"kind": "flag"}, "set_aside_once_per_kind"),
        ({"corpus": "other"}, "set_aside_of_article"),
    ],
)
def test_the_database_refuses(articles, corpus, anna, change, constraint):
    set_aside(user=anna, article=articles[0], kind="flag")
    values = {"corpus": corpus, "article": articles[0], "user": anna, "kind": "skip"} | change
    if change.get("corpus"):
        values["corpus"] = factories.make_corpus("other")
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        SetAside.objects.create(**values)
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
