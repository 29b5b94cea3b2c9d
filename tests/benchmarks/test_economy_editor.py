"""The simulated editor at a desk that answers: articles come to their gold, and the desk does what the plan reckons."""

import pytest

from annotations.review.models import Review, Stage
from annotations.spans.occurrences import occurrences
from corpusapp.accounts.actions.tokens import create_token
from tests import factories
from tests.benchmarks.economy.board import REJECTED, SUGGESTED, Move
from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.editor import Editor
from tests.benchmarks.economy.gold import GoldArticle

pytestmark = pytest.mark.django_db(transaction=True)
TEXT = "Ali met Abu Ali in Homs. Abu Ali left Homs for New York. York is far from Homs, said Sana."
ALI, ABU_ALI, HOMS, YORK = (list(occurrences(TEXT, name)) for name in ("Ali", "Abu Ali", "Homs", "York"))
PROPOSED = [*(((*place, "ORG")) for place in ALI), (*HOMS[0], "PERSON"), (*HOMS[1], "PERSON"), (*YORK[0], "GPE")]
GOLD = {
    *((*place, "PERSON") for place in ABU_ALI),
    *((*place, "GPE") for place in HOMS),
    (YORK[0][0] - 4, YORK[0][1], "GPE"),
    (TEXT.index("Sana"), TEXT.index("Sana") + 4, "ORG"),
}


@pytest.fixture
def article():
    article = factories.make_article(factories.make_corpus(), TEXT)
    factories.suggest(article, *PROPOSED)
    return article


@pytest.fixture
def editor(live_server):
    _, token = create_token(user=factories.make_superuser())
    return Editor(Client(live_server.url, token))


def test_an_article_comes_to_its_gold_and_is_done(editor, article):
    gold = GoldArticle("one", TEXT, frozenset(GOLD))
    assert editor.work(article.pk, gold) == editor.spent.total()
    assert editor.client.confirmed(article.pk) == GOLD
    assert editor.look(article.pk).suggested == []
    assert Review.objects.get(article=article).stage == Stage.DONE
    # One reject of all Ali and one addition of both Abu Ali; one relabel of both Homs and an addition of the third;
    # New York is moved, Sana added; nothing is left to confirm.
    assert editor.spent == {"reject": 1, "relabel": 1, "move": 2, "add": 6}
    assert sum(result["likes"] > 0 for result in editor.results) == 3


MOVES = [
    Move("reject", (*ALI[0], "ORG"), None, like=True),
    Move("relabel", (*HOMS[0], "PERSON"), (*HOMS[0], "GPE"), like=True),
    Move("move", (*ALI[1], "ORG"), (*ABU_ALI[0], "ORG"), like=True),
    Move("move", (*ALI[1], "ORG"), (*ABU_ALI[0], "PERSON"), like=True),
    Move("add", None, (*HOMS[2], "GPE"), like=True),
    Move("add", None, (*ABU_ALI[0], "PERSON"), like=True),
    Move("add", None, (*HOMS[0], "PERSON")),
]


@pytest.mark.parametrize("move", MOVES, ids=lambda move: move.verb)
def test_the_desk_leaves_what_the_plan_reckons(editor, article, move):
    seen = editor.look(article.pk)
    editor.send(article.pk, seen, move)
    assert editor.look(article.pk).board.states == seen.board.after(move).states
    assert editor.spent == {move.verb: move.price}


def test_a_decision_in_the_corpus_for_what_was_decided_before(editor, article):
    editor.corpus_decisions = True
    other = factories.make_article(article.corpus, "Homs. " + TEXT)
    third = factories.make_article(article.corpus, "Homs. Homs. " + TEXT)
    for here in (other, third):
        factories.suggest(here, (0, 4, "PERSON"))
    for here in (article, other):
        seen = editor.look(here.pk)
        span = min(triple for triple in seen.board.states if triple[2] == "PERSON")
        editor.send(here.pk, seen, Move("relabel", span, (*span[:2], "GPE")))
        left = [editor.look(one.pk).board.states for one in (other, third)]
        assert [(0, 4, "PERSON") in states and states[(0, 4, "PERSON")] for states in left] == (
            [SUGGESTED, SUGGESTED] if here == article else [REJECTED, REJECTED]
        )


def test_a_refusal_says_what_the_desk_said(editor):
    with pytest.raises(Refused, match="GET articles/999/: 404") as refused:
        editor.client.get("articles/999/")
    assert refused.value.status == 404
