"""The simulated editor on a running server: articles get their gold spans, and decisions do what the plan expects."""

import pytest

from annotations.review.models import Review, Stage
from annotations.spans.occurrences import occurrences
from corpusapp.accounts.actions.tokens import create_token
from tests import factories
from tests.benchmarks.economy.client import Client, Refused
from tests.benchmarks.economy.editor import Editor
from tests.benchmarks.economy.gold import GoldArticle
from tests.benchmarks.economy.simulated_article import REJECTED, SUGGESTED, Correction

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


def test_an_article_gets_its_gold_spans_and_is_finished(editor, article):
    gold = GoldArticle("one", TEXT, frozenset(GOLD))
    assert editor.review(article.pk, gold) == editor.spent.total()
    assert editor.client.confirmed(article.pk) == GOLD
    assert editor.read(article.pk).suggested == []
    assert Review.objects.get(article=article).stage == Stage.DONE
    # One reject of all Ali and one addition of both Abu Ali; one relabel of both Homs and an addition of the third;
    # New York is moved, Sana added; nothing is left to confirm.
    assert editor.spent == {"reject": 1, "relabel": 1, "move": 2, "add": 6}
    assert sum(result["matches"] > 0 for result in editor.results) == 3


CORRECTIONS = [
    Correction("reject", (*ALI[0], "ORG"), None, on_matches=True),
    Correction("relabel", (*HOMS[0], "PERSON"), (*HOMS[0], "GPE"), on_matches=True),
    Correction("move", (*ALI[1], "ORG"), (*ABU_ALI[0], "ORG"), on_matches=True),
    Correction("move", (*ALI[1], "ORG"), (*ABU_ALI[0], "PERSON"), on_matches=True),
    Correction("add", None, (*HOMS[2], "GPE"), on_matches=True),
    Correction("add", None, (*ABU_ALI[0], "PERSON"), on_matches=True),
    Correction("add", None, (*HOMS[0], "PERSON")),
]


@pytest.mark.parametrize("correction", CORRECTIONS, ids=lambda correction: correction.verb)
def test_a_decision_has_the_effect_that_the_plan_expects(editor, article, correction):
    seen = editor.read(article.pk)
    editor.send(article.pk, seen, correction)
    assert editor.read(article.pk).article.states == seen.article.after(correction).states
    assert editor.spent == {correction.verb: correction.cost}


def test_a_repeated_decision_applies_to_the_corpus(editor, article):
    editor.corpus_decisions = True
    other = factories.make_article(article.corpus, "Homs. " + TEXT)
    third = factories.make_article(article.corpus, "Homs. Homs. " + TEXT)
    for here in (other, third):
        factories.suggest(here, (0, 4, "PERSON"))
    for here in (article, other):
        seen = editor.read(here.pk)
        span = min(triple for triple in seen.article.states if triple[2] == "PERSON")
        editor.send(here.pk, seen, Correction("relabel", span, (*span[:2], "GPE")))
        left = [editor.read(one.pk).article.states for one in (other, third)]
        assert [(0, 4, "PERSON") in states and states[(0, 4, "PERSON")] for states in left] == (
            [SUGGESTED, SUGGESTED] if here == article else [REJECTED, REJECTED]
        )


def test_an_error_contains_the_answer_of_the_desk(editor):
    with pytest.raises(Refused, match="GET articles/999/: 404") as refused:
        editor.client.get("articles/999/")
    assert refused.value.status == 404
