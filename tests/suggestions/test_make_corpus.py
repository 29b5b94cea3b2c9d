"""The command that creates a synthetic corpus."""

import pytest
from django.core.management import CommandError, call_command

from annotations.entities.models import Alias, Entity, EntityWeek, Link, Unlinked
from annotations.review.models import Review, Span
from corpusapp.articles.models import Article
from tests import factories

pytestmark = pytest.mark.django_db


def test_articles_have_suggestions_inside_their_text():
    call_command("make_corpus", "synthetic", articles=3, spans=5, words=60)
    assert Article.objects.filter(corpus__slug="synthetic").count() == 3
    assert Review.objects.filter(corpus__slug="synthetic", stage="suggested").count() == 3
    spans = Span.objects.select_related("article")
    assert len(spans) == 15
    assert all(span.article.text[span.start : span.end].strip() for span in spans)


def test_names_are_linked_to_as_many_entities_as_are_asked_for():
    call_command("make_corpus", "synthetic", articles=4, spans=30, words=300, entities=20)
    entities = list(Entity.objects.filter(corpus__slug="synthetic"))
    assert len(entities) == 20 and all(one.aliases.filter(name=one.name).exists() for one in entities)
    links = Link.objects.select_related("span__article", "alias")
    assert len(links) + Unlinked.objects.count() == 120
    for link in links:
        assert link.span.article.text[link.span.start : link.span.end] == link.alias.name
    assert sum(one.mentions for one in entities) == len(links)
    assert sum(Alias.objects.values_list("mentions", flat=True)) == len(links)
    assert sum(EntityWeek.objects.values_list("mentions", flat=True)) == len(links)


def test_a_slug_that_is_taken_is_refused():
    factories.make_corpus("taken")
    with pytest.raises(CommandError):
        call_command("make_corpus", "taken", articles=1)
