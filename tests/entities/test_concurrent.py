"""Concurrent decisions on entities: one wins, the other is told, and nothing waits for ever."""

import pytest

from annotations.entities.actions.entities import create_entity
from annotations.entities.actions.links import LinkChoice, link_spans
from annotations.entities.actions.merge import merge_entities
from annotations.entities.actions.split import split_entity
from annotations.entities.models import Entity, Link
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.undo import undo
from annotations.review.models import Span
from corpusapp.core.errors import Refusal
from tests import factories
from tests.entities.replay import decided_entities, decided_links, faults, replayed_entities, replayed_links
from tests.review.test_concurrent_decisions import run_concurrently

SPANS = [(n * 6, n * 6 + 5, "PERSON") for n in range(8)]


@pytest.fixture
def scene(transactional_db):
    corpus = factories.make_corpus()
    articles = [factories.make_article(corpus, f"{'Zarif ' * 8}{n}") for n in range(2)]
    for article in articles:
        factories.suggest(article, *SPANS)
    editors = [factories.make_member(corpus) for _ in range(4)]
    entities = [create_entity(user=editors[0], corpus=corpus, name=name, label="PERSON").entities[0] for name in "ABC"]
    spans = list(Span.objects.filter(corpus=corpus).order_by("pk"))
    for number, span in enumerate(spans[::2]):
        link_spans(user=editors[0], corpus=corpus, choices=[LinkChoice(span.pk, entities[number % 3].pk)])
    yield corpus, editors, [Entity.objects.get(pk=entity.pk) for entity in entities], spans
    assert faults(corpus) == []
    assert replayed_links(corpus) == decided_links(corpus)
    assert replayed_entities(corpus) == decided_entities(corpus)


def merge(user, one, other):
    revisions = {"source_revision": one.revision, "target_revision": other.revision}
    return merge_entities(user=user, source=one, target=other, **revisions)


def test_of_two_crosswise_merges_one_wins(scene):
    _, editors, (one, other, _), _ = scene
    results = run_concurrently(lambda: merge(editors[0], one, other), lambda: merge(editors[1], other, one))
    assert sum(isinstance(result, Refusal) for result in results) == 1
    states = sorted(Entity.objects.filter(pk__in=[one.pk, other.pk]).values_list("state", flat=True))
    assert states == ["confirmed", "merged"]


def test_merges_in_a_ring_leave_no_ring(scene):
    _, editors, (one, other, third), _ = scene
    run_concurrently(
        lambda: merge(editors[0], one, other),
        lambda: merge(editors[1], other, third),
        lambda: merge(editors[2], third, one),
    )
    assert Entity.objects.filter(pk__in=[one.pk, other.pk, third.pk], state="confirmed").exists()


def test_splitting_while_others_link_merge_and_decide_spans(scene):
    corpus, editors, (one, other, third), spans = scene
    links = dict(Link.objects.filter(entity=one).values_list("pk", "revision"))
    free = [LinkChoice(span.pk, one.pk) for span in spans[1::2]]
    rejected = spans[0]
    article = rejected.article
    results = run_concurrently(
        lambda: split_entity(user=editors[0], entity=one, revision=one.revision, links=links, name="New"),
        lambda: link_spans(user=editors[1], corpus=corpus, choices=free),
        lambda: merge(editors[2], other, third),
        lambda: decide(
            user=editors[3], article=article, choices=[Choice("reject", rejected.pk, rejected.revision + 1)]
        ),
    )
    done = [result for result in results if not isinstance(result, Refusal)]
    assert len(done) >= 3
    run_concurrently(*(lambda d=result.decision: undo(user=factories.make_superuser(), decision=d) for result in done))
