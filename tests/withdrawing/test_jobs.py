"""What waits for a worker waits while its corpus is withdrawn, and goes on when it is restored."""

import io

import pytest
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.models import Export
from annotations.releases.actions.make import make_release
from annotations.releases.actions.order import order_release
from annotations.suggesters.reader import NewsReader
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_pending
from annotations.suggestions.actions.run_training import begin_training, run_training
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.actions.train_model import train_model
from annotations.suggestions.models import PendingUpdate, RunItem, TrainedModel
from corpusapp.articles.actions.import_articles import Withdrawn, import_articles
from corpusapp.articles.actions.uploads import receive_upload
from corpusapp.articles.actions.withdraw import restore_corpus, withdraw_corpus
from corpusapp.articles.models import Article, ImportBatch
from corpusapp.intake.draft import draft_from_record
from tests import factories
from tests.erasing.world import Lookup
from tests.exports.cast import ANY

pytestmark = pytest.mark.django_db


def hide(corpus) -> None:
    withdraw_corpus(user=factories.make_superuser(), corpus=corpus)


def asked_on_restoring(corpus) -> set[str]:
    """The jobs that restoring asks for."""
    ProcrastinateJob.objects.all()._raw_delete("default")
    restore_corpus(user=factories.make_superuser(), corpus=corpus)
    return set(ProcrastinateJob.objects.values_list("task_name", flat=True))


def test_an_upload(corpus):
    files = [("two.jsonl", io.BytesIO(b'{"text": "One."}\n{"text": "Two."}\n'))]
    root = factories.make_superuser()
    receive_upload(user=root, corpus=corpus, files=files, origin=ImportBatch.Origin.FORM, suggest=False)
    hide(corpus)
    batch = factories.work_off()
    assert (batch.finished_at, batch.items, Article.objects.count()) == (None, 0, 0)
    assert asked_on_restoring(corpus) == {"import_upload"}
    assert factories.work_off().added == Article.objects.count() == 2


def test_an_import_stops_between_two_chunks(corpus, monkeypatch):
    monkeypatch.setattr("corpusapp.articles.actions.import_articles.CHUNK", 1)
    drafts = [draft_from_record({"text": f"{number}."}) for number in range(3)]
    with pytest.raises(Withdrawn, match="restore it"):
        import_articles(
            user=factories.make_superuser(),
            corpus=corpus,
            items=drafts,
            origin=ImportBatch.Origin.COMMAND,
            suggest=False,
            progress=lambda batch: hide(corpus),
        )
    assert Article.objects.count() == 1


def test_a_run_and_what_is_to_be_heeded(article, corpus, editor):
    run = start_run(user=factories.make_superuser(), corpus=corpus, article_ids=[article.pk])
    editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "NORP"})
    hide(corpus)
    assert process_pending(run=run, reader=NewsReader(Lookup())) == 0
    learn_from_decisions(corpus=corpus)
    assert RunItem.objects.get().state == "pending" and PendingUpdate.objects.exists()
    assert asked_on_restoring(corpus) == {"suggest", "heed_decisions", "link_articles"}
    assert process_pending(run=run, reader=NewsReader(Lookup())) == 1
    learn_from_decisions(corpus=corpus)
    assert not PendingUpdate.objects.exists()


def test_a_training(article, corpus, editor, monkeypatch):
    editor.post(f"articles/{article.pk}/spans/", {"start": 0, "end": 5, "label": "NORP"})
    learn_from_decisions(corpus=corpus)
    model = train_model(user=factories.make_superuser(), corpus=corpus)
    hide(corpus)
    begun = []
    monkeypatch.setattr("subprocess.run", lambda *asked, **_: begun.append(asked) or 1 / 0)
    run_training(model_id=model.pk)
    assert not begun and TrainedModel.objects.get().state == "queued"
    assert asked_on_restoring(corpus) == {"train_model", "link_articles"}
    assert begin_training(model_id=model.pk, base="hand")


def test_exports_and_releases(article, corpus):
    root = factories.make_superuser()
    export = order_export(user=root, corpus=corpus, format="jsonl", selection=ANY)
    release, _ = order_release(user=root, corpus=corpus, selection=ANY)
    hide(corpus)
    make_export(export_id=export.pk)
    make_release(release_id=release.pk)
    assert Export.objects.get().state == "waiting"
    release.refresh_from_db()
    assert release.state == "queued"
    assert asked_on_restoring(corpus) == {"make_export", "make_release", "link_articles"}
    make_export(export_id=export.pk)
    make_release(release_id=release.pk)
    release.refresh_from_db()
    assert (Export.objects.get().state, release.state) == ("finished", "made")
