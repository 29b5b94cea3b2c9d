"""Articles are assigned to people: who may, what is left out, undo, filters, and the next article."""

import pytest
from django.urls import reverse

from annotations.review.actions.assign import assign, undo_assignment
from annotations.review.models import Assignment, Review
from annotations.review.queries import ArticleFilter, list_articles, reviews_to_decide
from annotations.review.queries.listing import count_to_decide
from annotations.review.queries.work import next_to_review
from corpusapp.accounts.models import User
from corpusapp.articles.models import Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed, NotFound
from tests import factories


@pytest.fixture
def three(corpus):
    """Articles with a suggestion each, oldest first."""
    articles = [factories.make_article(corpus, f"{name} spoke.", title=name) for name in ("Zarif", "Assad", "Aoun")]
    for article in articles:
        factories.suggest(article, (0, 4, "PERSON"))
    return articles


@pytest.fixture
def people(corpus):
    return [factories.make_member(corpus, role, name) for role, name in
            ((Role.MANAGER, "noor"), (Role.EDITOR, "anna"), (Role.EDITOR, "ben"), (Role.READER, "rita"))]  # fmt: skip


def holders(articles):
    found = dict(Review.objects.filter(article__in=articles).values_list("article", "assignee__username"))
    return [found[article.pk] for article in articles]


def test_managers_assign_and_undo(corpus, three, people):
    noor, anna, ben, _ = people
    ids = [article.pk for article in three]
    assign(user=noor, corpus=corpus, article_ids=ids[:1], assignee=ben)
    result = assign(user=noor, corpus=corpus, article_ids=[*ids[:2], 99999], assignee=anna)
    assert holders(three) == ["anna", "anna", None]
    assert [entry["article"] for entry in result.left_out] == [99999]
    assign(user=noor, corpus=corpus, article_ids=ids[1:2], assignee=None)
    undone = undo_assignment(user=noor, assignment=result.assignment)
    assert holders(three) == ["ben", None, None]
    assert undone.left_out == [{"article": ids[1], "reason": "it was assigned again or withdrawn since"}]
    with pytest.raises(Conflict, match="already undone"):
        undo_assignment(user=noor, assignment=result.assignment)


def test_editors_take_free_articles_and_give_back_their_own(corpus, three, people):
    noor, anna, ben, _ = people
    ids = [article.pk for article in three]
    assign(user=noor, corpus=corpus, article_ids=ids[:1], assignee=ben)
    taken = assign(user=anna, corpus=corpus, article_ids=ids, assignee=anna)
    assert holders(three) == ["ben", "anna", "anna"]
    assert taken.left_out == [{"article": ids[0], "reason": "it is assigned to ben: ask a manager to change that"}]
    assign(user=anna, corpus=corpus, article_ids=ids[1:2], assignee=None)
    assert holders(three) == ["ben", None, "anna"]
    with pytest.raises(Conflict, match="assigned to ben"):
        assign(user=anna, corpus=corpus, article_ids=ids[:1], assignee=None)
    with pytest.raises(NotAllowed, match="only managers"):
        assign(user=anna, corpus=corpus, article_ids=ids, assignee=ben)
    with pytest.raises(NotAllowed, match="is anna's"):
        undo_assignment(user=ben, assignment=taken.assignment)


def test_refused_assignments_change_nothing(corpus, three, people):
    noor, anna, _, rita = people
    ids = [article.pk for article in three]
    Review.objects.filter(article=three[0]).update(stage="done", editor=anna)
    with pytest.raises(Conflict, match="it is done: reopen it first"):
        assign(user=noor, corpus=corpus, article_ids=ids[:1], assignee=anna)
    for assignee in (rita, factories.make_user("stranger")):
        with pytest.raises(Invalid, match="is not an editor of"):
            assign(user=noor, corpus=corpus, article_ids=ids, assignee=assignee)
    with pytest.raises(Invalid, match="no articles given"):
        assign(user=noor, corpus=corpus, article_ids=[], assignee=anna)
    with pytest.raises(NotAllowed):
        assign(user=rita, corpus=corpus, article_ids=ids, assignee=None)
    with pytest.raises(NotFound):
        assign(user=factories.make_user("outsider"), corpus=corpus, article_ids=ids, assignee=None)
    assert holders(three) == [None, None, None] and not Assignment.objects.exists()


def test_next_prefers_own_articles_and_never_offers_those_of_others(corpus, three, people):
    noor, anna, ben, _ = people
    first, second, third = (article.pk for article in three)
    assert next_to_review(anna, corpus) == third
    assign(user=noor, corpus=corpus, article_ids=[first], assignee=anna)
    assign(user=noor, corpus=corpus, article_ids=[third], assignee=ben)
    assert next_to_review(anna, corpus) == first
    assert next_to_review(anna, corpus, after=first) == second
    assert next_to_review(anna, corpus, after=second) == first
    assert next_to_review(anna, corpus, filters=ArticleFilter(assignee="ben")) == third
    assert next_to_review(anna, corpus, filters=ArticleFilter(assignee="none")) == second
    assert next_to_review(noor, corpus) == second
    assert {review.article_id for review in reviews_to_decide(anna.pk)} == {first, second}
    Review.objects.filter(article=second).update(stage="in_review", editor=anna)
    for person, suggested in ((anna, 2), (ben, 2), (noor, 2)):
        assert count_to_decide(person.pk, corpus, suggested) == reviews_to_decide(person.pk).count()


def test_list_filters_by_assignee(corpus, three, people):
    noor, anna, *_ = people
    assign(user=noor, corpus=corpus, article_ids=[three[0].pk], assignee=anna)
    found = {
        name: [row.article.pk for row in list_articles([corpus], ArticleFilter(assignee=name)).rows]
        for name in ("anna", "ben", "none")
    }
    assert found == {"anna": [three[0].pk], "ben": [], "none": [three[2].pk, three[1].pk]}


def test_forms_assign_and_undo(corpus, three, visitors):
    manager, editor = visitors["manager"], visitors["editor"]
    address, form = reverse("article-list", args=["desk"]), reverse("articles-assign", args=["desk"])
    ids = [article.pk for article in three]
    answer = manager.post(form, {"article": ids[:2], "assignee": "editor", "back": "order=date"})
    assert answer.status_code == 303 and answer["Location"].startswith(f"{address}?order=date&assigned=")
    page = manager.get(answer["Location"]).text
    assert "2 articles are assigned to editor." in page and "assigned to editor</span>" in page
    mine = editor.get(address, {"assignee": "me"}).text
    assert "2 articles</span>" in mine and "assigned to you" in mine and "me (2 left)" in mine
    assigned = Assignment.objects.get()
    undo = reverse("articles-assign-undo", args=["desk"])
    assert editor.post(undo, {"assignment": assigned.pk}).status_code == 403
    answer = manager.post(undo, {"assignment": assigned.pk, "back": "order=date"})
    assert answer["Location"] == f"{address}?order=date"
    assert "2 articles are assigned as before." in manager.get(answer["Location"]).text
    assert holders(three) == [None, None, None]
    assert manager.post(undo, {"assignment": assigned.pk}).status_code == 409


REFUSED = [
    ({"assignee": ""}, 400, "Choose a person to assign"),
    ({"assignee": "nobody-of-this-name"}, 400, "There is no user"),
    ({"assignee": "reader"}, 400, "Reader is not an editor"),
    ({"assignee": "none"}, 409, "Nothing was assigned: it is assigned to nobody"),
]


@pytest.mark.parametrize(("sent", "status", "sentence"), REFUSED)
def test_a_refused_form_shows_the_list_with_the_reason(three, visitors, sent, status, sentence):
    form = reverse("articles-assign", args=["desk"])
    answer = visitors["manager"].post(form, {"article": [three[0].pk, three[1].pk], **sent})
    assert answer.status_code == status and sentence in answer.text and "Zarif" in answer.text


def test_rest_assigns_and_says_how_to_undo_it(corpus, three, people, manager_rest):
    ids = [article.pk for article in three]
    answer = manager_rest.post("corpora/desk/assign/", {"articles": [*ids[:2], 99999], "assignee": "anna"}).json()
    assert answer["articles"] == ids[:2] and answer["before"] == {str(pk): None for pk in ids[:2]}
    assert [entry["article"] for entry in answer["left_out"]] == [99999]
    rows = manager_rest.get("articles/", corpus="desk", assignee="anna").json()["results"]
    assert [row["assignee"] for row in rows] == ["anna", "anna"]
    again = manager_rest.post("corpora/desk/assign/", {"articles": ids[:2], "assignee": "anna"})
    assert again.status_code == 409 and "already assigned to anna" in again.json()["detail"]
    assert manager_rest.get("corpora/desk/next/", assignee="anna").json() == {"article": ids[1]}


@pytest.fixture
def manager_rest(corpus):
    from tests.api.client import Rest

    return Rest(User.objects.filter(username="noor").first() or factories.make_member(corpus, Role.MANAGER, "noor"))
