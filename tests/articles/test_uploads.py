"""Uploads are stored, read by a worker, and continued after a killed one."""

import errno
import io
import os
import signal
import subprocess
import sys
import threading
import zipfile

import pytest
from django.conf import settings as django_settings
from django.db import connections

from corpusapp.articles import projects
from corpusapp.articles.actions import import_articles as importing
from corpusapp.articles.actions.reread import compare_reading
from corpusapp.articles.actions.uploads import kept_files, receive_upload, work_off_upload
from corpusapp.articles.models import Article, ImportBatch, Role
from corpusapp.core.errors import Invalid, NoRoom, NotAllowed
from corpusapp.core.home import Home
from tests import factories
from tests.intake.forms import hanging
from tests.processes import environment, wait_until


def files(**texts):
    return [(name.replace("_", "."), io.BytesIO(text.encode())) for name, text in texts.items()]


def receive(corpus, named, **options):
    return receive_upload(user=factories.make_superuser(), corpus=corpus, files=named, origin="form", **options)


def jsonl(count, start=0):
    return "\n".join(f'{{"text": "Text number {number} of this upload."}}' for number in range(start, start + count))


@pytest.mark.django_db
def test_a_worker_reads_the_uploaded_files():
    corpus = factories.make_corpus()
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("in/one.txt", "One text in an archive.")
    packed.seek(0)
    batch = receive(corpus, [("../../etc/all.zip", packed), *files(two_txt="Another text.")], source="Wire")
    assert (batch.state, batch.percent, batch.files) == ("waiting", 0, ["all.zip", "two.txt"])
    done = work_off_upload(batch=batch)
    assert (done.state, done.former_state, done.added, done.failed) == ("done", "finished", 2, 0)


@pytest.mark.django_db
def test_articles_are_imported_with_source_and_original():
    corpus = factories.make_corpus()
    batch = receive(corpus, files(a_jsonl=jsonl(3), b_txt="A text."), source="Wire", suggest=False)
    batch = work_off_upload(batch=batch)
    assert (batch.added, batch.failed, batch.items, batch.percent) == (4, 0, 4, 100)
    assert {article.source.name for article in Article.objects.all()} == {"Wire"}
    assert Article.objects.filter(original__isnull=True).count() == 0
    assert kept_files(batch) == []


@pytest.mark.django_db
def test_uncommon_columns_are_mapped():
    corpus = factories.make_corpus()
    named = files(a_csv="Meldung,Kopf\nEin Text.,Ein Titel\n")
    batch = receive(corpus, named, columns={"Meldung": "text", "Kopf": "title"}, suggest=False)
    work_off_upload(batch=batch)
    assert list(Article.objects.values_list("text", "title")) == [("Ein Text.", "Ein Titel")]
    with pytest.raises(Invalid) as refused:
        receive(corpus, files(a_csv="x"), columns={"Meldung": "no such key"})
    assert refused.value.field == "columns"


@pytest.mark.django_db
def test_an_encoding_can_be_chosen():
    corpus = factories.make_corpus()
    batch = receive(corpus, [("a.txt", io.BytesIO("Łódź".encode("cp852")))], encoding="IBM852", suggest=False)
    assert (work_off_upload(batch=batch).added, batch.options["encoding"]) == (1, "cp852")
    article = Article.objects.get()
    assert (article.text, article.original.encoding) == ("Łódź", "cp852")
    assert compare_reading(user=batch.user, article=article).same_text
    for encoding, options in (("klingon", {}), ("cp1252", {"project": "doccano"})):
        with pytest.raises(Invalid) as refused:
            receive(corpus, files(a_txt="x"), encoding=encoding, **options)
        assert refused.value.field == "encoding"


@pytest.mark.django_db
@pytest.mark.processes
def test_a_project_article_that_hangs_only_ends_its_file(settings, monkeypatch):
    monkeypatch.setitem(projects._readers, "lines", ("Lines", hanging))
    settings.IMPORT_MAX_SECONDS = 1
    named = files(a_txt="One.\nTwo.\nHANG\nFour.", b_txt="Five.")
    batch = work_off_upload(batch=receive(factories.make_corpus(), named, project="lines", suggest=False))
    assert sorted(Article.objects.values_list("text", flat=True)) == ["Five.", "One.", "Two."]
    (problem,) = batch.problems.all()
    assert (batch.state, batch.failed, problem.item) == ("done", 1, "a.txt")
    assert problem.reason == "reading it took more than 1 seconds, after 2 items: these came in; send the rest in parts"


@pytest.mark.django_db
def test_upload_needs_a_manager_and_has_a_size_limit(settings, own_home):
    corpus = factories.make_corpus()
    before = kept_folders()
    with pytest.raises(NotAllowed):
        editor = factories.make_member(corpus, Role.EDITOR)
        receive_upload(user=editor, corpus=corpus, files=files(a_txt="x"), origin="form")
    settings.IMPORT_MAX_UPLOAD_BYTES = 10
    with pytest.raises(Invalid, match="more than 10 bytes"):
        receive(corpus, files(a_txt="12345678901"))
    with pytest.raises(Invalid, match="no file"):
        receive(corpus, [])
    assert not ImportBatch.objects.exists()
    assert kept_folders() == before


@pytest.fixture
def own_home(settings, tmp_path):
    """A home of its own: other tests store uploads in the shared home at the same time."""
    settings.HOME = Home(tmp_path / "home")


def kept_folders():
    return set((django_settings.HOME.path / "uploads").glob("*"))


class FullDisk(io.BytesIO):
    """A stream that fails because the disk is full."""

    def read(self, size=-1):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.django_db
def test_nothing_is_stored_if_the_disk_is_full(own_home):
    before = kept_folders()
    with pytest.raises(NoRoom, match="disk is full"):
        receive(factories.make_corpus(), [*files(a_txt="One."), ("b.txt", FullDisk())])
    assert not ImportBatch.objects.exists()
    assert kept_folders() == before


@pytest.mark.django_db
def test_the_rest_of_an_upload_is_read(monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 4)
    batch = receive(factories.make_corpus(), files(a_jsonl=jsonl(10), b_txt="Last."), suggest=False)

    def stop(batch):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        work_off_upload(batch=batch, progress=stop)
    batch.refresh_from_db()
    assert (batch.state, batch.former_state, batch.items, batch.added) == ("running", "reading", 4, 4)
    batch = work_off_upload(batch=batch)
    assert (batch.added, batch.duplicates, batch.items) == (11, 0, 11)


@pytest.mark.django_db(transaction=True)
def test_two_uploads_of_one_file_at_once():
    corpus = factories.make_corpus()
    batches = [receive(corpus, files(a_jsonl=jsonl(40)), suggest=False) for _ in range(2)]

    def work(batch):
        work_off_upload(batch=batch)
        connections.close_all()

    threads = [threading.Thread(target=work, args=[batch]) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for batch in batches:
        batch.refresh_from_db()
    assert Article.objects.count() == 40
    assert sum(batch.added for batch in batches) == sum(batch.duplicates for batch in batches) == 40


PROGRAM = """
import django; django.setup()
from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.actions import import_articles
from corpusapp.core.home import Home
from corpusapp.articles.models import ImportBatch
import_articles.CHUNK = 20
if __name__ == "__main__":
    work_off_upload(batch=ImportBatch.objects.get())
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_batch_of_a_killed_process_ends_with_each_article_once():
    batch = receive(factories.make_corpus(), files(a_jsonl=jsonl(600)), suggest=False)
    variables = environment(DJANGO_SETTINGS_MODULE="corpusapp.settings")
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM], cwd=django_settings.BASE_DIR, env=variables, start_new_session=True
    )
    wait_until(lambda: Article.objects.count() > 0)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # The server releases the lock of the killed process after a while.
    wait_until(lambda: work_off_upload(batch=batch).finished_at is not None)
    assert (batch.added, batch.duplicates, Article.objects.count()) == (600, 0, 600)
