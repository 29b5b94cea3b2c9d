"""Concurrent decisions on several articles neither deadlock nor lose changes."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from annotations.review.actions.apply_to_matches import apply_to_matches
from annotations.review.actions.choices import ArticleChoice, Choice, Seen, ShownMatch
from annotations.review.actions.decide import decide
from annotations.review.actions.decide_many import decide_many
from annotations.review.actions.set_aside import set_aside
from annotations.review.actions.stages import finish
from annotations.review.actions.undo import undo
from annotations.review.models import Change, SetAside, Span
from corpusapp.core.errors import Conflict, LeftOut, Refusal
from tests import factories
from tests.review.replay import decided, replayed

ARTICLES = 12


@pytest.fixture
def scene(transactional_db):
    corpus = factories.make_corpus()
    articles = [factories.make_article(corpus, f"{n % 10} Zarif, Zarif. {n}") for n in range(ARTICLES)]
    for article in articles:
        factories.suggest(article, (2, 7, "ORG"), (9, 14, "ORG"))
    return corpus, articles


def run_concurrently(*works):
    """The result of each function, or the refusal that it raised."""

    def run(work):
        try:
            return work()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def all_matches(articles, but):
    rows = Span.objects.filter(article__in=articles, state="suggested").exclude(pk=but).order_by("pk")
    return [ShownMatch(*row) for row in rows.values_list("article", "pk", "revision")]


def test_of_concurrent_decisions_on_the_same_matches_one_wins(scene):
    """Every decision would change every span, but the log has one change per span."""
    corpus, articles = scene
    works = []
    for number, article in enumerate(articles[:6]):
        user, span = factories.make_member(corpus), article.spans.order_by("start")[number % 2]
        choice = Choice("relabel", span.pk, 1, label="PERSON")
        shown = all_matches(articles, span.pk)[:: 1 if number % 2 else -1]
        works.append(lambda user=user, article=article, choice=choice, shown=shown: apply_to_matches(
            user=user, article=article, choice=choice, shown=shown))  # fmt: skip
    results = run_concurrently(*works)
    (won,) = [result for result in results if not isinstance(result, Refusal)]
    assert len(won.spans) == 2 * ARTICLES and not won.left_out
    assert all(isinstance(result, Conflict) for result in results if result is not won)
    assert Change.objects.filter(implicit=False).count() == 2 * ARTICLES
    assert all(replayed(article) == decided(article) for article in articles)


def test_bulk_decision_with_concurrent_decisions_finish_and_suggestions(scene):
    corpus, articles = scene
    ada, bob = factories.make_member(corpus), factories.make_member(corpus)
    span = articles[0].spans.order_by("start").first()
    shown = all_matches(articles, span.pk)
    one = articles[3].spans.order_by("start").first()
    one_decided, *_ = run_concurrently(
        lambda: apply_to_matches(user=ada, article=articles[0], choice=Choice("reject", span.pk, 1), shown=shown),
        lambda: decide(user=bob, article=articles[3], choices=[Choice("confirm", one.pk, 1)]),
        lambda: finish(user=bob, article=articles[5]),
        lambda: factories.suggest(articles[7], (2, 7, "ORG")),
    )
    assert len(one_decided.spans) + len(one_decided.left_out) == 2 * ARTICLES
    rejected = set(Span.objects.filter(state="rejected").values_list("pk", flat=True))
    assert rejected == {span.pk for span in one_decided.spans} | (rejected & {one.pk})
    assert all(replayed(article) == decided(article) for article in articles)


def _by_what_was_seen(verb):
    places = [(2, 7), (9, 14)] if verb == "confirm" else [(9, 14), (2, 7)]
    return [
        ArticleChoice(0, Choice(verb, seen=Seen(start, end, "ORG")), external_id=f"a-{n}")
        for n in range(ARTICLES)
        for start, end in places
    ]


def _deciding(corpus, choices, **options):
    """A function in which a new member of the corpus decides."""
    user = factories.make_member(corpus)
    return lambda: decide_many(user=user, corpus=corpus, choices=choices, **options)


@pytest.fixture
def named(transactional_db):
    corpus = factories.make_corpus()
    articles = [
        factories.make_article(corpus, f"{n % 10} Zarif, Zarif. {n}", external_id=f"a-{n}") for n in range(ARTICLES)
    ]
    for article in articles:
        factories.suggest(article, (2, 7, "ORG"), (9, 14, "ORG"))
    return corpus, articles


def test_concurrent_decisions_by_what_was_seen_decide_each_span_once(named):
    corpus, articles = named
    parts = [_by_what_was_seen("confirm"), _by_what_was_seen("reject")[::-1]]
    parts = [part[at::2] + part[1 - at :: 2] for part in parts for at in range(2)]
    works = [_deciding(corpus, part) for part in parts]
    *results, _ = run_concurrently(*works, lambda: factories.suggest(articles[7], (2, 7, "ORG")))
    done = [result for result in results if not isinstance(result, Refusal)]
    assert sum(result.applied for result in done) == 2 * ARTICLES
    assert all(result.applied + len(result.left_out) == 2 * ARTICLES for result in done)
    assert not Span.objects.filter(state="suggested").exists()
    assert all(replayed(article) == decided(article) for article in articles)


def test_of_concurrent_decisions_of_all_or_none_one_wins(named):
    corpus, _ = named
    confirmed, rejected = _by_what_was_seen("confirm"), _by_what_was_seen("reject")[::-1]
    works = [_deciding(corpus, choices, all_or_none=True) for choices in (confirmed, rejected, confirmed)]
    results = run_concurrently(*works)
    (won,) = [result for result in results if not isinstance(result, Refusal)]
    assert won.applied == 2 * ARTICLES
    lost = [result for result in results if result is not won]
    assert all(isinstance(result, LeftOut) and len(result.left_out) == 2 * ARTICLES for result in lost)
    assert Change.objects.count() == 2 * ARTICLES


def test_concurrent_requests_with_one_key_make_one_decision(scene):
    corpus, articles = scene
    ada = factories.make_member(corpus)
    span = articles[0].spans.order_by("start").first()
    choice, shown = Choice("reject", span.pk, 1), all_matches(articles, span.pk)
    decided = run_concurrently(
        *[lambda: apply_to_matches(user=ada, article=articles[0], choice=choice, shown=shown, client_key="k")] * 4
    )
    assert len({one_decided.decision.pk for one_decided in decided}) == 1
    assert sorted(one_decided.repeated for one_decided in decided) == [False, True, True, True]
    undone = run_concurrently(*[lambda: undo(user=ada, decision=decided[0].decision)] * 4)
    assert sorted(isinstance(result, Conflict) for result in undone) == [False, True, True, True]
    assert not Span.objects.exclude(state="suggested").exists()


def test_no_park_outlives_a_concurrent_finish(scene):
    corpus, articles = scene
    users = [factories.make_member(corpus) for _ in range(3)]
    for article in articles[:5]:
        finished, *parked = run_concurrently(
            lambda article=article: finish(user=users[0], article=article),
            *(
                lambda user=user, article=article: set_aside(user=user, article=article, kind="park", reason="x")
                for user in users
            ),
        )
        assert not isinstance(finished, Refusal)
        assert all(isinstance(result, SetAside | Conflict) for result in parked)
    assert not SetAside.objects.exists()
