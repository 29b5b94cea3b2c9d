"""The weights of the evidence follow the house style of a corpus."""

import pytest
from django.db import transaction

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.stages import finish, reopen
from annotations.review.models import Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.adapt import adapt_if_due
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import CorpusAdaptation
from annotations.suggestions.queries.runs import changes_of, propagation
from corpusapp.articles.actions.erase import erase_articles
from tests import factories

pytestmark = pytest.mark.django_db
CLUBS = ["Mor Rovers", "Tal Rovers", "Ven Rovers", "Kas Rovers", "Bel Rovers", "Rud Rovers"]


class Shop:
    """A suggester that takes every club for a product."""

    name, version, digest = "shop", "1", "shop"

    def propose(self, texts):
        for source in texts:
            yield [
                Proposal(start, start + len(name), "PRODUCT")
                for name in CLUBS
                if (start := source.text.find(name)) >= 0
            ]


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def editor(corpus):
    return factories.make_member(corpus)


def suggested(corpus, editor):
    """An article for each club."""
    articles = [factories.make_article(corpus, f"On Monday the {name} left the hall of the town.") for name in CLUBS]
    run = start_run(user=editor, corpus=corpus, article_ids=[article.pk for article in articles])
    process_pending(run=run, reader=NewsReader(Shop()))
    learn_from_decisions(corpus=corpus)
    return articles


def relabel_and_finish(editor, article):
    for span in Span.objects.filter(article=article, state="suggested", label__name="PRODUCT"):
        decide(
            user=editor, article=article, choices=[Choice("relabel", span=span.pk, revision=span.revision, label="ORG")]
        )
    finish(user=editor, article=article)
    learn_from_decisions(corpus=article.corpus)


def labels(article):
    return set(Span.objects.filter(article=article, state="suggested").values_list("label__name", flat=True))


def test_a_style_that_done_articles_show_applies_to_names_that_nobody_decided(corpus, editor):
    *done, other = suggested(corpus, editor)
    assert labels(other) == {"PRODUCT"}
    for article in done[:2]:
        relabel_and_finish(editor, article)
    assert not CorpusAdaptation.objects.exists(), "two articles are not enough"
    assert labels(other) == {"PRODUCT"}
    for article in done[2:]:
        relabel_and_finish(editor, article)
    assert CorpusAdaptation.objects.get().articles == 5
    assert labels(other) == {"ORG"}
    assert propagation(corpus.pk).idle


def test_the_changes_depend_on_the_decisions_alone(corpus, editor):
    *done, _ = suggested(corpus, editor)
    for article in done:
        relabel_and_finish(editor, article)
    digest = CorpusAdaptation.objects.get().digest
    CorpusAdaptation.objects.all().delete()
    adapt_if_due(corpus=corpus)
    assert CorpusAdaptation.objects.get().digest == digest
    assert adapt_if_due(corpus=corpus) == 0, "nothing has changed since"
    other = factories.make_corpus("other")
    their = factories.make_member(other)
    *again, _ = suggested(other, their)
    for article in reversed(again):
        relabel_and_finish(their, article)
    assert CorpusAdaptation.objects.get(corpus=other).digest == digest


def test_reopened_articles_are_forgotten(corpus, editor):
    *done, other = suggested(corpus, editor)
    for article in done:
        relabel_and_finish(editor, article)
    for article in done[:3]:
        reopen(user=editor, article=article)
    learn_from_decisions(corpus=corpus)
    assert CorpusAdaptation.objects.get().articles == 2
    assert not changes_of(corpus.pk)
    assert labels(other) == {"PRODUCT"}


def test_erasing_an_article_forgets_what_was_fitted_to_it(corpus, editor):
    *done, _ = suggested(corpus, editor)
    for article in done:
        relabel_and_finish(editor, article)
    erase_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[done[0].pk])
    assert not CorpusAdaptation.objects.exists()


def test_a_kill_before_the_end_leaves_all_to_the_next_turn(corpus, editor, monkeypatch):
    *done, other = suggested(corpus, editor)
    for article in done[:2]:
        relabel_and_finish(editor, article)

    def killed(**_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("annotations.suggestions.actions.adapt.mark_stale", killed)
        with pytest.raises(KeyboardInterrupt), transaction.atomic():
            relabel_and_finish(editor, done[2])
    assert not CorpusAdaptation.objects.exists()
    for article in done[2:]:
        relabel_and_finish(editor, article)
    assert CorpusAdaptation.objects.get().articles == 5
    assert labels(other) == {"ORG"}


def test_corpora_have_styles_of_their_own(corpus, editor):
    for article in suggested(corpus, editor):
        relabel_and_finish(editor, article)
    other = factories.make_corpus("other")
    assert changes_of(corpus.pk) and not changes_of(other.pk)


def test_the_models_page_and_the_api_say_what_was_adapted(corpus, editor, client):
    client.force_login(editor)
    address = f"/corpora/{corpus.slug}/pipelines/"
    assert "Adapted to" not in client.get(address).content.decode()
    for article in suggested(corpus, editor):
        relabel_and_finish(editor, article)
    row = CorpusAdaptation.objects.get()
    page = " ".join(client.get(address).content.decode().split())
    assert "Adapted to 6 done articles" in page and row.digest in page
    shown = client.get(f"/api/v1/corpora/{corpus.slug}/suggester/").json()["adaptation"]
    assert (shown["articles"], shown["digest"]) == (6, row.digest)
