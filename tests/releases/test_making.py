"""The contents of a release, which never change, and its file, which is complete or absent."""

import gzip
import hashlib
import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.exports.actions import file_jobs
from annotations.exports.queries import records as export_queries
from annotations.exports.selection import Selection
from annotations.formats import jsonl
from annotations.formats.report import Report
from annotations.releases import store
from annotations.releases.actions import make
from annotations.releases.actions.order import MOST_OPEN, RELEASE_JOBS, cancel_release, order_release
from annotations.releases.models import Release
from annotations.releases.queries.files import check_release
from annotations.releases.queries.manifest import manifest_bytes
from annotations.review.actions.stages import finish
from annotations.review.models import Span
from corpusapp.articles.models import Article, Role
from corpusapp.core.errors import Conflict, Invalid, NotAllowed
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports.cast import ALL, ANY, make_desk
from tests.processes import environment, wait_until
from tests.releases import cast


@pytest.fixture
def corpus(db):
    return make_desk()


def files_here() -> set[str]:
    return {path.name for name in ("exports", "releases") for path in settings.HOME.folder(name).iterdir()}


def test_the_manifest_describes_the_file(corpus):
    release = cast.make(corpus, name="First", notes="By hand.", selection=ALL)
    manifest, lines = release.manifest, cast.lines(release)
    assert (manifest["number"], manifest["name"], manifest["notes"], manifest["agreement"]) == (
        1,
        "First",
        "By hand.",
        None,
    )
    counts = manifest["counts"]
    assert (counts["articles"], counts["spans"]) == (2, sum(len(line["spans"]) for line in lines)) == (2, 6)
    assert counts["states"] == {"confirmed": 4, "suggested": 1, "rejected": 1}
    assert counts["sources"] == {"SANA": {"articles": 1, "spans": 5}, "IRNA": {"articles": 1, "spans": 1}}
    assert {name: held["articles"] for name, held in counts["parts"].items()} == {
        part: [line["split"] for line in lines].count(part) for part in ("train", "dev", "test")
    }
    assert manifest["labels"][0]["name"] == "PERSON" and manifest["labels"][0]["definition"]
    assert manifest["filter"]["state"] == ["confirmed", "suggested", "rejected"]
    assert manifest["pipelines"] == [{"pipeline": "hand 1", "digests": ["hand"], "spans": 1}]
    assert manifest["versions"]["spacy"] and manifest["versions"]["pyarrow"]
    ((name, file),) = manifest["files"].items()
    packed = store.path_of(release.sha256).read_bytes()
    assert name == "desk-r1.jsonl.gz" and hashlib.sha256(packed).hexdigest() == file["sha256"] == release.sha256
    assert hashlib.sha256(gzip.decompress(packed)).hexdigest() == file["content_sha256"]
    assert manifest_bytes(release) == manifest_bytes(Release.objects.get())


def test_only_done_articles_and_the_number_of_others(corpus):
    finish(user=factories.make_superuser(), article=Article.objects.get(external_id="e-2"))
    release = cast.make(corpus, selection=Selection())
    (line,) = cast.lines(release)
    assert (line["external_id"], line["stage"], "decided" in line) == ("e-2", "done", False)
    assert line["finished_at"] and release.counts["stages"] == {"done": 1}
    assert release.manifest["left_out"] == {"articles": {"stage": 1}} and release.left_out_articles == 1
    assert release.manifest["filter"]["stage"] == ["done"]
    every = cast.make(corpus)
    assert [line["stage"] for line in cast.lines(every)] == ["suggested", "done"]
    assert every.manifest["left_out"] == {"articles": {}} and every.manifest["filter"]["stage"] == ["any"]


def test_a_stored_selection_without_stages_means_any_stage(corpus):
    """As stored by versions without stages."""
    shares = {"train": 80, "dev": 10, "test": 10}
    root = factories.make_superuser()
    waiting = Release.objects.create(corpus=corpus, user=root, number=1, selection={}, seed="1", **shares)
    make.make_release(release_id=waiting.pk)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.articles, str(waiting.chosen)) == ("made", 2, "confirmed · articles of any stage")


def test_equal_releases_have_equal_bytes_and_consecutive_numbers(corpus):
    first, second = cast.make(corpus), cast.make(corpus)
    assert (first.number, second.number, first.sha256) == (1, 2, second.sha256)
    beside = factories.make_corpus("beside")
    factories.make_article(beside)
    assert cast.make(beside).number == 1


def test_a_file_read_again_is_the_same_file(corpus):
    release = cast.make(corpus, selection=ALL)
    again = b"".join(jsonl.JsonLines().chunks(store.records(release.sha256), Report()))
    assert again == b"".join(store.lines(release.sha256))


def test_invalid_options_are_refused(corpus):
    user = factories.make_superuser()

    def refused(match, **asked):
        with pytest.raises(Invalid, match=match):
            order_release(user=user, corpus=corpus, **asked)

    refused("add up to 90", shares={"train": 70, "dev": 10, "test": 10})
    refused("whole percentage", shares={"train": 110, "dev": -5, "test": -5})
    refused("no part 'valid'", shares={"train": 100, "valid": 0})
    refused("seed is empty", seed="")
    refused("the limit is 200", name="x" * 201)
    refused("matches no articles", selection=replace(ANY, source="Nobody"))
    refused("without a stage, it matches only done articles")
    refused("no label 'PORT'", selection=Selection(labels=("PORT",)))
    refused("code points", selection=Selection(offsets="utf16"))
    with pytest.raises(NotAllowed, match="manager"):
        order_release(user=factories.make_member(corpus, Role.EDITOR), corpus=corpus)
    assert not Release.objects.exists()
    for _ in range(MOST_OPEN):
        order_release(user=user, corpus=corpus, selection=ANY)
    with pytest.raises(Conflict, match="are waiting"):
        order_release(user=user, corpus=corpus, selection=ANY)


def test_the_database_refuses_every_change(corpus):
    release = cast.make(corpus)
    waiting, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)

    def refused(statement, **filters):
        with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
            statement(Release.objects.filter(**filters))

    refused(lambda rows: rows.update(notes="Better."), pk=release.pk)
    refused(lambda rows: rows.update(manifest={}), pk=release.pk)
    refused(lambda rows: rows.update(state="queued"), pk=release.pk)
    refused(lambda rows: rows.update(seed="2"), pk=waiting.pk)
    refused(lambda rows: rows._raw_delete("default"), pk=release.pk)
    refused(lambda rows: rows._raw_delete("default"), pk=waiting.pk)
    Release.objects.filter(pk=waiting.pk).update(state="making")


def test_an_error_leaves_a_reason_and_no_file(corpus, monkeypatch):
    before = files_here()
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)

    def full(path, sha256):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store, "keep", full)
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "failed" and "No space left" in release.reason
    assert files_here() == before


def test_a_corpus_emptied_meanwhile_fails_the_release(corpus):
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=replace(ANY, source="IRNA"))
    corpus.articles.update(withdrawn_at=release.created_at or "2026-01-01T00:00:00Z")
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert (release.state, release.reason) == ("failed", "no articles match the filter any more")


def test_changed_and_missing_files_are_detected(corpus):
    release = cast.make(corpus)
    path = store.path_of(release.sha256)
    assert check_release(release).state == "whole"
    path.chmod(0o600)
    whole = path.read_bytes()
    path.write_bytes(gzip.compress(gzip.decompress(whole).replace(b"Zarif", b"Assad"), mtime=0))
    assert check_release(release).state == "altered"
    with pytest.raises(store.Altered, match="has changed"):
        list(store.lines(release.sha256))
    path.write_bytes(whole[:-20])
    with pytest.raises(store.Altered, match="damaged"):
        list(store.lines(release.sha256))
    path.unlink()
    assert check_release(release).state == "missing"
    with pytest.raises(store.Altered, match="missing"):
        store.lines(release.sha256)


@pytest.mark.django_db(transaction=True)
def test_one_snapshot_under_a_writer(monkeypatch):
    """Decisions, imports and labels during the writing are not in the file."""
    corpus = make_desk()
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)

    def write():
        Span.objects.filter(corpus=corpus).update(state="rejected")
        factories.make_article(corpus, "Came in meanwhile.", spans=[[0, 4, "PERSON"]])
        corpus.labels.update(definition="Other.")
        connection.close()

    split = make._split

    def meanwhile(asked):
        records = split(asked)
        yield next(records)
        with ThreadPoolExecutor(1) as writer:
            writer.submit(write).result()
        yield from records

    # One article per chunk, so that later reads are tested.
    monkeypatch.setattr(export_queries, "CHUNK", 1)
    monkeypatch.setattr(make, "_split", meanwhile)
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert (release.counts["articles"], release.counts["spans"]) == (2, 4)
    assert all(label["definition"] != "Other." for label in release.manifest["labels"])
    assert corpus.articles.count() == 3


@pytest.mark.django_db(transaction=True)
def test_concurrent_orders_get_consecutive_numbers():
    corpus, user = make_desk(), factories.make_superuser()

    def order(number):
        try:
            return order_release(user=user, corpus=corpus, selection=ANY, client_key=f"k-{number // 2}")
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as askers:
        made = [(release.number, repeated) for release, repeated in askers.map(order, range(4))]
    assert sorted(made) == [(1, False), (1, True), (2, False), (2, True)]


def test_an_unexpected_error_names_the_article(corpus, monkeypatch):
    plain = jsonl.encode_record

    def written(record):
        if record.text.startswith("Kharrazi"):
            raise AttributeError("a format's fault")
        return plain(record)

    monkeypatch.setattr(jsonl, "encode_record", written)
    before, release = files_here(), order(corpus)
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    last = corpus.articles.latest("pk").pk
    assert (release.state, release.job_state, files_here()) == ("failed", "failed", before)
    assert f"the worker failed at article {last} (AttributeError: a format's fault)" in release.reason


def test_managers_cancel_a_release_in_every_interface_and_its_number_is_not_reused(corpus, capsys):
    keeper = factories.make_member(corpus, Role.MANAGER, "keeper")
    release, path = order(corpus), "corpora/desk/releases/{}/cancel/"
    refusal(Rest(factories.make_member(corpus, Role.EDITOR)).post(path.format(1), {}), 403)
    reported = Rest(keeper).post(path.format(1), {}).json()
    assert (reported["state"], reported["job_state"]) == ("failed", "cancelled") and "by keeper" in reported["reason"]
    refusal(Rest(keeper).post(path.format(1), {}), 409)
    refusal(Rest(keeper).get("corpora/desk/releases/1/file/"), 409)
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "cancelled"
    with pytest.raises(DatabaseError, match="immutable"), transaction.atomic():
        Release.objects.update(state="queued")
    visitor, page = Client(), f"/corpora/desk/releases/{order(corpus).number}/"
    visitor.force_login(keeper)
    assert "Cancel release" in visitor.get(page).content.decode()
    said = visitor.post(f"{page}cancel/", follow=True).content.decode()
    assert "Cancelled by keeper" in said and "Cancel release" not in said
    call_command("cancel_job", "release", f"desk/{order(corpus).number}")
    assert "its number is not reused" in capsys.readouterr().out
    assert order(corpus).number == 4
    # A cancelled release can be erased, like a failed one.
    assert Rest(keeper).delete("corpora/desk/releases/1/").status_code == 204


@pytest.mark.django_db(transaction=True)
def test_cancelling_a_running_release_leaves_no_file(monkeypatch):
    corpus, before = make_desk(), files_here()
    release, plain = order(corpus), make.export_chunks

    def cancel():
        cancel_release(user=factories.make_superuser(), release=release)
        connection.close()

    def chunks(corpus, selection):
        # In another connection, because this one is in a read-only snapshot.
        with ThreadPoolExecutor(1) as elsewhere:
            elsewhere.submit(cancel).result()
        yield from plain(corpus, selection)

    monkeypatch.setattr(file_jobs, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr(make, "export_chunks", chunks)
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert release.state == "cancelled" and files_here() == before


def test_a_release_without_its_job_fails(corpus):
    release = order(corpus)
    assert RELEASE_JOBS.fail_lost() == 0
    ProcrastinateJob.objects.filter(task_name="make_release")._raw_delete("default")
    assert RELEASE_JOBS.fail_lost() == 1
    release.refresh_from_db()
    assert release.state == "failed" and "try again" in release.reason


def order(corpus) -> Release:
    return order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)[0]


PROGRAM = """
import sys, time
import django; django.setup()
from annotations.releases.actions import make
if __name__ == "__main__":
    split = make._split
    def slowly(release):
        for record in split(release):
            yield record
            time.sleep(60)
    make._split = slowly
    make.make_release(release_id=int(sys.argv[1]))
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_partial_file_and_another_one_starts_again():
    """Slow, because the killed process loads Django."""
    corpus = make_desk()
    before = files_here()
    release, _ = order_release(user=factories.make_superuser(), corpus=corpus, selection=ANY)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(release.pk)],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="corpusapp.settings"),
        start_new_session=True,
    )
    wait_until(lambda: files_here() - before)
    assert all(name.startswith(".making-") for name in files_here() - before)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    release.refresh_from_db()
    assert (release.state, release.sha256) == ("making", "")
    make.make_release(release_id=release.pk)
    release.refresh_from_db()
    assert (release.state, files_here() - before) == ("made", {f"{release.sha256}{store.SUFFIX}"})
