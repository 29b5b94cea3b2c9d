"""Export files made by a worker."""

import hashlib
import json
import os
import signal
import subprocess
import sys
from dataclasses import replace
from datetime import timedelta

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.exports import sources, store
from annotations.exports.actions import file_jobs, make, order
from annotations.exports.models import Export
from annotations.exports.selection import Selection
from annotations.formats import report
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid
from tests import factories
from tests.api.client import Rest, linked, refusal
from tests.exports import cast
from tests.processes import environment, run, wait_until

PATH = "corpora/desk/exports/"


@pytest.fixture
def corpus(db):
    return cast.make_desk()


@pytest.fixture
def reader(corpus) -> Rest:
    return Rest(factories.make_member(corpus, Role.READER))


def folders() -> set[str]:
    return {path.name for path in settings.HOME.folder("exports").iterdir()}


def test_an_order_becomes_a_file(corpus, reader):
    cast.finish_all(corpus)
    response = reader.post(PATH, {"format": "conll", "filter": {"state": ["confirmed"], "source": "SANA"}})
    waiting = response.json()
    assert (response.status_code, waiting["job_state"], waiting["file"]) == (202, "waiting", None)
    assert response["Location"].endswith(waiting["url"])
    address = waiting["url"]
    assert refusal(reader.get(f"{address}file/"), 409, "state")
    make.make_export(export_id=waiting["id"])
    done = reader.get(address).json()
    assert (done["done"], done["percent"], done["articles"], done["total"]) == (True, 100, 1, 1)
    assert done["filter"] == {"stage": ["done"], "source": "SANA"}
    assert done["offsets"] == "none"
    body = b"".join(reader.get(f"{address}file/").streaming_content)
    assert (done["size"], done["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert reader.get(PATH).json()["results"] == [done]
    folder = settings.HOME.folder("exports") / Export.objects.get().folder
    assert {path.name for path in folder.iterdir()} == {"desk.conll", store.REPORT, store.LOSSES}


def test_the_report_has_the_counts_and_every_loss(corpus, reader, monkeypatch):
    monkeypatch.setattr(report, "EXAMPLES", 1)
    text = "Walid Muallem"
    spans = [[0, 13, "PERSON"], [6, 13, "PERSON"], [0, 5, "ORG"]]
    factories.make_article(corpus, text, external_id="e-3", spans=spans)
    cast.finish_all(corpus)
    factories.make_article(corpus, "Nobody looked at this.")
    export = cast.made(corpus, "conll", Selection())
    reported = reader.get(f"{PATH}{export.pk}/").json()["report"]
    assert reported["written"] == {"articles": 3, "spans": 4, "labels": {"EVENT": 1, "PERSON": 3}}
    assert reported["left_out"] == {"articles": {"stage": 1}, "spans": {"overlap": {"ORG": 1, "PERSON": 2}}}
    assert (reported["losses"], reported["notes"]["field title"]) == ({"overlap": 3}, 1)
    (example,) = reported["examples"]
    assert example["message"].startswith("e-1 [31, 44) PERSON: overlaps a longer span")
    address = reader.get(f"{PATH}{export.pk}/").json()["losses"]
    *losses, counts = [json.loads(line) for line in b"".join(reader.get(address).streaming_content).splitlines()]
    assert [(loss["where"], loss["label"]) for loss in losses] == [("e-1", "PERSON"), ("e-3", "PERSON"), ("e-3", "ORG")]
    assert counts["written"] == reported["written"] and "examples" not in counts
    assert reader.get(f"{PATH}{export.pk}/file/")["X-Left-Out-Articles"] == "1"
    waiting = cast.order_export(user=factories.make_superuser(), corpus=corpus, format="conll", selection=cast.ANY)
    refusal(reader.get(f"{PATH}{waiting.pk}/losses/"), 409)


def test_only_done_articles_unless_other_stages_are_selected(corpus, reader):
    """In streams and files, with the number of articles left out."""
    stream = reader.get("corpora/desk/export/")
    assert (b"".join(stream.streaming_content), stream["X-Left-Out-Articles"]) == (b"", "2")
    asked = reader.post(PATH, {"format": "jsonl"})
    assert (asked["X-Left-Out-Articles"], asked.json()["filter"]) == ("2", {"stage": ["done"]})
    everything = reader.get("corpora/desk/export/?stage=any")
    lines = [json.loads(line) for line in b"".join(everything.streaming_content).splitlines()]
    assert everything["X-Left-Out-Articles"] == "0"
    first, second = lines
    assert (first["stage"], first["finished_at"]) == ("suggested", None)
    # Three confirmed spans, two of them overlapping, and a rejected one within another.
    assert first["decided"] == [{"start": 21, "end": 26}, {"start": 31, "end": 56}]
    assert (second["stage"], second["decided"]) == ("new", [{"start": 0, "end": 8}])
    cast.finish_all(corpus)
    lines = b"".join(reader.get("corpora/desk/export/?finished_by=1").streaming_content).splitlines()
    assert [json.loads(line)["finished_by"] for line in lines] == ["root", "root"]
    done = json.loads(b"".join(reader.get("corpora/desk/export/").streaming_content).splitlines()[0])
    assert done["stage"] == "done" and done["finished_at"].endswith("Z") and "finished_by" not in done
    assert "decided" not in done
    refusal(reader.get("corpora/desk/export/?stage=some"), 400, "stage")


def test_a_stored_selection_without_stages_means_any_stage(corpus):
    """As stored by versions without stages."""
    export = order.order_export(user=factories.make_superuser(), corpus=corpus, format="jsonl", selection=Selection())
    assert export.selection == {"stages": ["done"]}
    Export.objects.filter(pk=export.pk).update(selection={"source": "SANA"})
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert (export.articles, export.chosen.stages, export.report["left_out"]["articles"]) == (1, ("any",), {})
    # And a report of such a version.
    old = {"articles": 1, "spans": 3, "losses": {}, "faults": {}, "notes": {}, "examples": []}
    Export.objects.filter(pk=export.pk).update(report=old)
    reader = Rest(factories.make_member(corpus))
    assert reader.get(f"{PATH}{export.pk}/").json()["report"] == old
    assert "X-Left-Out-Articles" not in reader.get(f"{PATH}{export.pk}/file/")


def test_a_strict_export_is_refused_with_its_losses(corpus, reader):
    export = cast.made(corpus, "conll", cast.ANY, strict=True)
    assert export.state == "refused" and "e-1: the article is not done" in export.reason
    assert export.report["left_out"]["articles"] == {"undecided": 2}
    cast.finish_all(corpus)
    export = cast.made(corpus, "conll", Selection(), strict=True)
    assert (export.state, export.size) == ("refused", None)
    document = refusal(reader.get(f"{PATH}{export.pk}/file/"), 409, "state")
    assert "e-1 [31, 44) PERSON: overlaps" in document["detail"]
    assert document["current"]["losses"] == {"overlap": 1}
    # The losses are kept as long as a file; the file is not.
    lost, counts = map(json.loads, b"".join(reader.get(f"{PATH}{export.pk}/losses/")).splitlines())
    assert (lost["kind"], lost["start"], counts["losses"]) == ("overlap", 31, {"overlap": 1})
    assert reader.get(f"{PATH}{export.pk}/").json()["losses"] == f"http://testserver/api/v1/{PATH}{export.pk}/losses/"
    Export.objects.filter(pk=export.pk).update(finished_at=timezone.now() - timedelta(days=15))
    order.clear_away()
    assert export.folder not in folders()
    refusal(reader.get(f"{PATH}{export.pk}/losses/"), 409, "state")
    assert cast.made(corpus, "jsonl-tokens", strict=True).state == "finished"


def test_a_strict_stream_refuses_before_its_first_byte(corpus, reader):
    factories.make_article(corpus, "One\x01two", spans=[[0, 3, "ORG"]])
    cast.finish_all(corpus)
    factories.make_article(factories.make_corpus("beside"), "Elsewhere.")
    streamed = reader.get("corpora/desk/export/?format=tei&strict=1")
    document = refusal(streamed, 409, "strict")
    assert "U+0001" in document["detail"] and document["current"]["losses"] == {"character": 1}
    whole = reader.get("corpora/desk/export/?format=jsonl&strict=1")
    assert b"".join(whole.streaming_content).count(b"\n") == 3
    lax = reader.get("corpora/desk/export/?format=tei")
    address = linked(lax)["describedby"]
    # The report is of this stream, and exists after its end.
    refusal(reader.get(address), 404)
    assert "�".encode() in b"".join(lax.streaming_content)
    factories.make_article(corpus, "Three\x01four")
    reported = reader.get(address).json()
    assert (reported["losses"], reported["written"]["articles"]) == ({"character": 1}, 3)
    lines = b"".join(reader.get(f"{address}losses/").streaming_content).splitlines()
    assert [json.loads(line).get("kind") for line in lines] == ["character", None]
    refusal(Rest(factories.make_user("stranger")).get(address), 404)
    refusal(Rest(factories.make_superuser()).get(address.replace("desk", "beside")), 404)
    refusal(reader.get("corpora/desk/export/reports/20260101-0123456789abcdef/"), 404)


@pytest.mark.parametrize("form", ["conll", "docbin", "jsonl-tokens", "parquet"])
def test_heavy_formats_cannot_be_streamed(reader, form):
    assert (
        "POST /api/v1/corpora/desk/exports/"
        in refusal(reader.get(f"corpora/desk/export/?format={form}"), 400, "format")["detail"]
    )


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "format"),
        ({"format": "csv"}, "format"),
        ({"format": "conll", "state": "confirmed"}, "state"),
        ({"format": "conll", "state": ["sure"]}, "state"),
        ({"format": "conll", "label": ["PORT"]}, "label"),
        ({"format": "conll", "published_from": "yesterday"}, "published_from"),
        ({"format": "conll", "updated_since": "yesterday"}, "updated_since"),
        ({"format": "conll", "offsets": "utf16"}, "offsets"),
        ({"format": "conll", "strict": 1}, "strict"),
        ({"format": "conll", "source": "\0"}, "source"),
    ],
)
def test_invalid_orders_are_refused(reader, body, field):
    refusal(reader.post(PATH, body), 400, field)
    assert not Export.objects.exists()


def test_filters(corpus):
    def texts(**values):
        selection = replace(cast.ANY, **values)
        return [record.text[:4] for record in cast.export_records(corpus, selection)]

    def words(**values):
        found = cast.export_records(corpus, replace(cast.ANY, **values))
        return [record.text[span.start : span.end] for record in found for span in record.spans]

    day = cast.export_records(corpus, cast.ANY).__next__().meta["published_on"]
    assert day == "2018-09-03"
    assert texts(source="IRNA") == texts(stages=("new",)) == ["Khar"]
    assert texts(published_from=timezone.now().date()) == []
    assert texts(updated_since=timezone.now() + timedelta(hours=1)) == []
    assert len(texts(updated_since=timezone.now() - timedelta(hours=1))) == 2
    assert words(labels=("EVENT",)) == ["Muallem in Damascus"]
    assert words(states=("rejected", "suggested")) == ["DAMASCUS", "Damascus"]
    with pytest.raises(Invalid, match="no label 'PORT'"):
        texts(labels=("PORT",))


def test_an_equal_waiting_order_is_returned(corpus, reader):
    first = reader.post(PATH, {"format": "docbin"}).json()
    assert reader.post(PATH, {"format": "docbin"}).json()["id"] == first["id"]
    assert reader.post(PATH, {"format": "docbin", "strict": True}).json()["id"] != first["id"]
    for number in range(order.MOST_OPEN - 2):
        assert reader.post(PATH, {"format": "docbin", "filter": {"source": str(number)}}).status_code == 202
    refusal(reader.post(PATH, {"format": "docbin", "filter": {"source": "more"}}), 409)


def test_who_can_see_download_and_remove(corpus, reader):
    export = cast.made(corpus, "jsonl")
    other = factories.make_corpus("other")
    for stranger, status in ((Rest(), 401), (Rest(factories.make_member(other, Role.MANAGER)), 404)):
        for path in (PATH, f"{PATH}{export.pk}/", f"{PATH}{export.pk}/file/", "corpora/desk/export/report/"):
            refusal(stranger.get(path), status)
        refusal(stranger.post(PATH, {"format": "jsonl"}), status)
        refusal(stranger.delete(f"{PATH}{export.pk}/"), status)
    # Nor by the slug of a visible corpus.
    refusal(Rest(factories.make_superuser()).get(f"corpora/other/exports/{export.pk}/"), 404)
    assert reader.get(f"{PATH}{export.pk}/file/").status_code == 200
    refusal(reader.delete(f"{PATH}{export.pk}/"), 403)


def test_removing_an_export_deletes_its_file(corpus, django_capture_on_commit_callbacks):
    export = cast.made(corpus, "jsonl")
    assert export.folder in folders()
    manager = Rest(factories.make_member(corpus, Role.MANAGER))
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.delete(f"{PATH}{export.pk}/").status_code == 204
    refusal(manager.get(f"{PATH}{export.pk}/"), 404)
    assert export.folder not in folders()


def test_old_and_surplus_files_are_deleted(corpus, reader, settings, django_capture_on_commit_callbacks):
    settings.EXPORTS_KEPT = 2
    with django_capture_on_commit_callbacks(execute=True):
        first, second, third = (cast.made(corpus, name) for name in ("jsonl", "doccano", "brat"))
    assert {second.folder, third.folder} <= folders() and first.folder not in folders()
    assert reader.get(f"{PATH}{first.pk}/").json()["state"] == "cleared"
    assert "was deleted" in refusal(reader.get(f"{PATH}{first.pk}/file/"), 409)["detail"]
    settings.EXPORT_DAYS = 0
    refusal(reader.get(f"{PATH}{third.pk}/file/"), 409)


def test_an_error_leaves_a_reason_and_no_file(corpus, monkeypatch):
    before = folders()
    export = order.order_export(user=factories.make_superuser(), corpus=corpus, format="jsonl", selection=Selection())

    def broken(corpus, selection, report):
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(sources, "export_records", broken)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "failed" and "No space left" in export.reason
    assert folders() == before


def test_an_unexpected_error_names_the_article(corpus, monkeypatch):
    plain = sources.export_records

    def records(*asked):
        for number, record in enumerate(plain(*asked)):
            yield record
            if number == 1:
                raise AttributeError("a format's fault")

    monkeypatch.setattr(sources, "export_records", records)
    before, export = folders(), order_one(corpus)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    last = corpus.articles.latest("pk").pk
    assert (export.state, export.job_state, folders()) == ("failed", "failed", before)
    assert f"the worker failed at article {last} (AttributeError: a format's fault)" in export.reason


def test_an_export_without_its_job_fails(corpus):
    export = order_one(corpus)
    assert order.EXPORT_JOBS.fail_lost() == 0
    ProcrastinateJob.objects.filter(task_name="make_export")._raw_delete("default")
    assert order.EXPORT_JOBS.fail_lost() == 1
    export.refresh_from_db()
    assert export.state == "failed" and "try again" in export.reason


def test_the_creator_and_managers_cancel_an_export_in_every_interface(corpus, capsys):
    maker = factories.make_member(corpus, Role.READER, "maker")
    export = order_one(corpus, maker)
    other = Rest(factories.make_member(corpus, Role.EDITOR, "ed"))
    refusal(other.post(f"{PATH}{export.pk}/cancel/", {}), 403)
    reported = Rest(maker).post(f"{PATH}{export.pk}/cancel/", {}).json()
    assert (reported["state"], reported["job_state"]) == ("failed", "cancelled") and "by maker" in reported["reason"]
    refusal(Rest(maker).post(f"{PATH}{export.pk}/cancel/", {}), 409)
    refusal(Rest(maker).get(f"{PATH}{export.pk}/file/"), 409)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "cancelled"
    export, visitor = order_one(corpus, maker), Client()
    visitor.force_login(factories.make_member(corpus, Role.MANAGER, "keeper"))
    assert "Cancel export" in visitor.get("/corpora/desk/export/").content.decode()
    page = visitor.post(f"/corpora/desk/exports/{export.pk}/cancel/", follow=True).content.decode()
    assert "Cancelled by keeper" in page and "Cancel export" not in page
    call_command("cancel_job", "export", str(order_one(corpus).pk))
    assert "no file was kept" in capsys.readouterr().out


def order_one(corpus, user=None):
    user = user or factories.make_superuser()
    return order.order_export(user=user, corpus=corpus, format="jsonl", selection=cast.ANY)


PROGRAM = """
import sys, time
import django; django.setup()
from annotations.exports import sources
from annotations.exports.actions import make
if __name__ == "__main__":
    slowly = sources.export_records
    def records(*asked):
        for record in slowly(*asked):
            yield record
            time.sleep(60)
    sources.export_records = records
    make.make_export(export_id=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_removing_a_running_export_leaves_no_file(monkeypatch):
    corpus, user = cast.make_desk(), factories.make_superuser()
    before = folders()
    with transaction.atomic():
        export = order.order_export(user=user, corpus=corpus, format="jsonl", selection=cast.ANY)

    def records(*asked):
        order.remove_export(user=user, export=export)
        yield from cast.export_records(*asked)

    monkeypatch.setattr(file_jobs, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr(sources, "export_records", records)
    make.make_export(export_id=export.pk)
    assert not Export.objects.exists() and folders() == before


@pytest.mark.django_db(transaction=True)
def test_cancelling_a_running_export_leaves_no_file(monkeypatch):
    corpus, user = cast.make_desk(), factories.make_superuser()
    before = folders()
    with transaction.atomic():
        export = order_one(corpus, user)

    def records(*asked):
        order.cancel_export(user=user, export=export)
        yield from cast.export_records(*asked)

    monkeypatch.setattr(file_jobs, "PROGRESS_SECONDS", 0)
    monkeypatch.setattr(sources, "export_records", records)
    make.make_export(export_id=export.pk)
    assert Export.objects.get().state == "cancelled" and folders() == before


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_the_worker_of_exports_makes_the_file():
    corpus, user = cast.make_desk(), factories.make_superuser()
    with transaction.atomic():
        export = order.order_export(user=user, corpus=corpus, format="jsonl-tokens", selection=cast.ANY)
    done = run("run_worker", "--queues", order.EXPORT_JOBS.queue, "--until-idle")
    export.refresh_from_db()
    assert (export.state, export.articles) == ("finished", 2), done.stderr


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_killed_worker_leaves_no_partial_file_and_another_one_starts_again():
    corpus = cast.make_desk()
    before = folders()
    with transaction.atomic():
        export = order.order_export(user=factories.make_superuser(), corpus=corpus, format="jsonl", selection=cast.ANY)
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(export.pk)],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="corpusapp.settings"),
        start_new_session=True,
    )
    wait_until(lambda: folders() - before)
    assert all(name.startswith(".making-") for name in folders() - before)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    export.refresh_from_db()
    assert export.state == "making"
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert (export.state, folders() - before) == ("finished", {export.folder})
    assert connection.in_atomic_block is False
