"""Any sequence of decisions on links, entities and spans: the log replays, counts are right, nothing decided is lost."""

import contextlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.entities.actions.entities import add_alias, create_entity, drop_alias, edit_entity, identify
from annotations.entities.actions.link_articles import link_marked
from annotations.entities.actions.links import LinkChoice, NewEntity, link_spans
from annotations.entities.actions.mentions import confirm_links, reject_links
from annotations.entities.actions.merge import mark_distinct, merge_entities
from annotations.entities.actions.split import split_entity
from annotations.entities.models import Entity, Link
from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, reopen
from annotations.review.actions.undo import undo
from annotations.review.models import Decision, Span, State
from corpusapp.core.errors import Refusal
from tests import factories
from tests.entities.replay import decided_entities, decided_links, faults, replayed_entities, replayed_links
from tests.review.replay import decided, replayed

pytestmark = pytest.mark.django_db
TEXT = "Zarif met Kerry. Javad Zarif told Kerry that Zarif goes."
SPANS = ((0, 5), (10, 15), (17, 28), (34, 39), (45, 50))
NAMES = ("Zarif", "Kerry", "Javad Zarif", "Assad")
VERBS = (
    "link", "unlink", "new", "confirm links", "reject links", "create", "rename", "alias", "drop alias", "identify",
    "merge", "split", "distinct", "confirm", "reject", "move", "relabel", "add", "suggest", "linker", "finish",
    "reopen", "undo", "undo", "undo newest",
)  # fmt: skip
steps = st.lists(
    st.tuples(st.sampled_from(VERBS), st.integers(0, 9), st.integers(0, 9), st.sampled_from(NAMES)), max_size=16
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_the_log_replays_and_counts_are_right_after_any_decisions(step_list):
    corpus = factories.make_corpus(f"desk-{next(factories.numbers)}")
    user = factories.make_superuser()
    articles = [factories.make_article(corpus, TEXT), factories.make_article(corpus, f"Again: {TEXT}")]
    factories.suggest(articles[0], *((*place, "PERSON") for place in SPANS))
    factories.suggest(articles[1], *((start + 7, end + 7, "PERSON") for start, end in SPANS))
    for verb, number, other, name in step_list:
        before = _by_person(corpus)
        with contextlib.suppress(Refusal):
            _step(user, corpus, articles[number % 2], verb, number, other, name)
        assert replayed_links(corpus) == decided_links(corpus), verb
        assert replayed_entities(corpus) == decided_entities(corpus), verb
        assert all(replayed(article) == decided(article) for article in articles), verb
        assert faults(corpus) == [], verb
        if verb in ("suggest", "linker"):
            assert _by_person(corpus) == before


def _by_person(corpus):
    return set(Link.objects.filter(corpus=corpus).exclude(state=State.SUGGESTED).values_list("pk", "entity", "state"))


def _step(user, corpus, article, verb, number, other, name):
    who = {"user": user}
    if verb in ("undo", "undo newest"):
        made = list(Decision.objects.filter(corpus=corpus).order_by("-pk"))
        if made:
            undo(**who, decision=made[0 if verb == "undo newest" else number % len(made)])
    elif verb == "suggest":
        chosen = SPANS[number % 5 :]
        shift = 7 if article.text.startswith("Again") else 0
        factories.suggest(article, *((start + shift, end + shift, "PERSON") for start, end in chosen))
    elif verb == "linker":
        link_marked(corpus=corpus)
    elif verb == "finish":
        finish(**who, article=article, shown=_shown(article), entities=_entities(article))
    elif verb == "reopen":
        reopen(**who, article=article)
    elif verb in ("confirm", "reject", "move", "relabel", "add"):
        _decide_span(user, article, verb, number, other)
    elif verb in ("link", "unlink", "new", "confirm links", "reject links"):
        _decide_link(user, corpus, article, verb, number, other, name)
    else:
        _decide_entity(user, corpus, verb, number, other, name)


def _shown(article):
    return dict(Span.objects.filter(article=article, state=State.SUGGESTED).values_list("pk", "revision"))


def _entities(article):
    links = Link.objects.filter(article=article, state=State.SUGGESTED, live=True)
    return dict(links.values_list("span", "entity"))


def _decide_span(user, article, verb, number, other):
    spans = list(Span.objects.filter(article=article).order_by("pk"))
    if verb == "add":
        choice = Choice("add", start=number, end=number + 3, label="PERSON")
    else:
        span = spans[other % len(spans)]
        values = {"move": {"start": number, "end": number + 3 + other}, "relabel": {"label": "ORG"}}.get(verb, {})
        choice = Choice(verb, span.pk, span.revision, entity=_entities(article).get(span.pk), **values)
    decide(user=user, article=article, choices=[choice])


def _decide_link(user, corpus, article, verb, number, other, name):
    spans = list(Span.objects.filter(article=article).order_by("pk"))
    entities = list(Entity.objects.filter(corpus=corpus).order_by("pk"))
    links = list(Link.objects.filter(article=article).order_by("pk"))
    if verb in ("confirm links", "reject links"):
        shown = {link.pk: link.revision for link in links[number % 3 :]}
        (confirm_links if verb == "confirm links" else reject_links)(user=user, corpus=corpus, shown=shown)
        return
    span = spans[number % len(spans)]
    current = next((link for link in links if link.span_id == span.pk and link.state != State.REJECTED), None)
    revision = current.revision if current else None
    if verb == "new":
        choice = LinkChoice(span.pk, new=NewEntity(name, "PERSON"), revision=revision)
    elif entities:
        choice = LinkChoice(span.pk, entities[other % len(entities)].pk, verb=verb, revision=revision)
    else:
        return
    link_spans(user=user, corpus=corpus, choices=[choice])


def _decide_entity(user, corpus, verb, number, other, name):
    entities = list(Entity.objects.filter(corpus=corpus).order_by("pk"))
    if verb == "create" or not entities:
        create_entity(user=user, corpus=corpus, name=name, label="PERSON", identifiers=[("wikidata", f"Q{number}")])
        return
    one, two = entities[number % len(entities)], entities[other % len(entities)]
    who = {"user": user, "entity": one, "revision": one.revision}
    if verb == "rename":
        edit_entity(**who, name=name, label=("PERSON", "ORG")[other % 2])
    elif verb == "alias":
        add_alias(**who, name=name)
    elif verb == "drop alias":
        drop_alias(**who, name=name)
    elif verb == "identify":
        identify(**who, add=[("wikidata", f"Q{other}")])
    elif verb == "merge":
        revisions = {"source_revision": one.revision, "target_revision": two.revision}
        merge_entities(user=user, source=one, target=two, **revisions)
    elif verb == "distinct":
        mark_distinct(user=user, first=one, second=two)
    elif verb == "split":
        links = list(Link.objects.filter(entity=one).order_by("pk"))[other % 2 :]
        split_entity(**who, links={link.pk: link.revision for link in links}, name=name)
