"""The entities of the sample corpus, as a worker links them."""

import pytest
from django.core.management import call_command

from annotations.entities.actions.link_articles import link_marked
from annotations.entities.models import Alias, Entity, PendingLink
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.models import Run
from corpusapp.articles.models import Corpus

pytestmark = pytest.mark.django_db


def test_spellings_of_one_name_are_one_entity():
    call_command("load_sample")
    corpus = Corpus.objects.get(slug="sample")
    process_run(run=Run.objects.get(corpus=corpus))
    learn_from_decisions(corpus=corpus)
    while PendingLink.objects.filter(corpus=corpus).exists():
        link_marked(corpus=corpus)
    assert Entity.objects.filter(corpus=corpus, mentions__gt=1).count() > 20
    aliases = Alias.objects.filter(corpus=corpus, mentions__gt=0)
    for one, other in (("Idlib", "Idleb"), ("Mekdad", "Mikdad")):
        first, second = (
            set(aliases.filter(name__endswith=name).values_list("entity", flat=True)) for name in (one, other)
        )
        assert first & second, (one, other)
