"""Exports that a worker makes into files."""

import hashlib
import os
import signal
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.management import call_command
from django.db import connection, transaction
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.exports import files, progress
from annotations.exports.actions import make, order
from annotations.exports.models import Export
from annotations.exports.selection import Selection
from corpusapp.articles.models import Role
from corpusapp.refusals import Invalid
from tests import factories
from tests.api.client import Rest, refusal
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


def test_from_the_order_to_the_file(corpus, reader):
    response = reader.post(PATH, {"format": "conll", "state": ["confirmed"], "stage": ["suggested"]})
    waiting = response.json()
    assert (response.status_code, waiting["state"], waiting["file"]) == (202, "waiting", None)
    assert response["Location"].endswith(waiting["url"])
    address = waiting["url"].removeprefix("/api/v1/")
    assert refusal(reader.get(f"{address}file/"), 409, "state")
    make.make_export(export_id=waiting["id"])
    done = reader.get(address).json()
    assert (done["state"], done["percent"], done["articles"], done["total"]) == ("finished", 100, 1, 1)
    assert done["filters"] == {"stage": ["suggested"]}
    assert done["offsets"] == "none"
    body = b"".join(reader.get(f"{address}file/").streaming_content)
    assert (done["size"], done["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert reader.get(PATH).json()["results"] == [done]
    folder = settings.HOME.folder("exports") / Export.objects.get().folder
    assert {path.name for path in folder.iterdir()} == {"desk.conll", files.REPORT}


def test_the_report_names_what_was_left_out_and_why(corpus, reader):
    export = cast.made(corpus, "conll", Selection())
    report = reader.get(f"{PATH}{export.pk}/").json()["report"]
    assert report["losses"] == {"overlap": 1}
    (told,) = [entry["message"] for entry in report["examples"] if entry["kind"] == "overlap"]
    assert told.startswith("e-1 [31, 44) PERSON: overlaps a longer span")


def test_strict_refuses_instead_and_names_the_losses(corpus, reader):
    export = cast.made(corpus, "conll", Selection(), strict=True)
    assert (export.state, export.size) == ("refused", None)
    document = refusal(reader.get(f"{PATH}{export.pk}/file/"), 409, "state")
    assert "e-1 [31, 44) PERSON: overlaps" in document["detail"]
    assert document["current"]["losses"] == {"overlap": 1}
    assert export.folder not in folders()
    assert cast.made(corpus, "jsonl-tokens", strict=True).state == "finished"


def test_a_strict_stream_refuses_before_its_first_byte(corpus, reader):
    factories.make_article(corpus, "One\x01two", spans=[[0, 3, "ORG"]])
    streamed = reader.get("corpora/desk/export/?format=tei&strict=1")
    document = refusal(streamed, 409, "strict")
    assert "U+0001" in document["detail"] and document["current"]["losses"] == {"character": 1}
    whole = reader.get("corpora/desk/export/?format=jsonl&strict=1")
    assert b"".join(whole.streaming_content).count(b"\n") == 3
    lax = reader.get("corpora/desk/export/?format=tei")
    assert "�".encode() in b"".join(lax.streaming_content)
    report = lax["Link"].split(">")[0].removeprefix("</api/v1/")
    assert reader.get(report).json()["losses"] == {"character": 1}


@pytest.mark.parametrize("form", ["conll", "docbin", "jsonl-tokens", "parquet"])
def test_a_stream_sends_heavy_formats_to_the_worker(reader, form):
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
def test_what_cannot_be_ordered_is_refused(reader, body, field):
    refusal(reader.post(PATH, body), 400, field)
    assert not Export.objects.exists()


def test_filters(corpus):
    def texts(**values):
        return [record.text[:4] for record in cast.export_records(corpus, Selection(**values))]

    def words(**values):
        found = cast.export_records(corpus, Selection(**values))
        return [record.text[span.start : span.end] for record in found for span in record.spans]

    day = cast.export_records(corpus, Selection()).__next__().meta["published_on"]
    assert day == "2018-09-03"
    assert texts(source="IRNA") == texts(stages=("new",)) == ["Khar"]
    assert texts(published_from=order.timezone.now().date()) == []
    assert texts(updated_since=order.timezone.now() + order.timedelta(hours=1)) == []
    assert len(texts(updated_since=order.timezone.now() - order.timedelta(hours=1))) == 2
    assert words(labels=("EVENT",)) == ["Muallem in Damascus"]
    assert words(states=("rejected", "suggested")) == ["DAMASCUS", "Damascus"]
    with pytest.raises(Invalid, match="no label 'PORT'"):
        texts(labels=("PORT",))


def test_an_equal_order_that_waits_is_the_same(corpus, reader):
    first = reader.post(PATH, {"format": "docbin"}).json()
    assert reader.post(PATH, {"format": "docbin"}).json()["id"] == first["id"]
    assert reader.post(PATH, {"format": "docbin", "strict": True}).json()["id"] != first["id"]
    for number in range(order.MOST_OPEN - 2):
        assert reader.post(PATH, {"format": "docbin", "source": str(number)}).status_code == 202
    refusal(reader.post(PATH, {"format": "docbin", "source": "more"}), 409)


def test_who_may_see_take_and_remove(corpus, reader):
    export = cast.made(corpus, "jsonl")
    other = factories.make_corpus("other")
    for stranger, status in ((Rest(), 401), (Rest(factories.make_member(other, Role.MANAGER)), 404)):
        for path in (PATH, f"{PATH}{export.pk}/", f"{PATH}{export.pk}/file/", "corpora/desk/export/report/"):
            refusal(stranger.get(path), status)
        refusal(stranger.post(PATH, {"format": "jsonl"}), status)
        refusal(stranger.delete(f"{PATH}{export.pk}/"), status)
    # Nor by the name of a corpus that one may see.
    refusal(Rest(factories.make_superuser()).get(f"corpora/other/exports/{export.pk}/"), 404)
    assert reader.get(f"{PATH}{export.pk}/file/").status_code == 200
    refusal(reader.delete(f"{PATH}{export.pk}/"), 403)


def test_a_removed_export_takes_its_file_along(corpus, django_capture_on_commit_callbacks):
    export = cast.made(corpus, "jsonl")
    assert export.folder in folders()
    manager = Rest(factories.make_member(corpus, Role.MANAGER))
    with django_capture_on_commit_callbacks(execute=True):
        assert manager.delete(f"{PATH}{export.pk}/").status_code == 204
    refusal(manager.get(f"{PATH}{export.pk}/"), 404)
    assert export.folder not in folders()


def test_old_files_and_more_than_are_kept_are_cleared_away(
    corpus, reader, settings, django_capture_on_commit_callbacks
):
    settings.EXPORTS_KEPT = 2
    with django_capture_on_commit_callbacks(execute=True):
        first, second, third = (cast.made(corpus, name) for name in ("jsonl", "doccano", "brat"))
    assert {second.folder, third.folder} <= folders() and first.folder not in folders()
    assert reader.get(f"{PATH}{first.pk}/").json()["state"] == "cleared"
    assert "cleared away" in refusal(reader.get(f"{PATH}{first.pk}/file/"), 409)["detail"]
    settings.EXPORT_DAYS = 0
    refusal(reader.get(f"{PATH}{third.pk}/file/"), 409)


def test_what_breaks_leaves_the_reason_and_no_file(corpus, monkeypatch):
    before = folders()
    export = order.order_export(user=factories.make_superuser(), corpus=corpus, format="jsonl", selection=Selection())

    def broken(corpus, selection):
        yield from ()
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(make, "export_records", broken)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "failed" and "No space left" in export.reason
    assert folders() == before


def test_what_nobody_foresaw_names_the_article(corpus, monkeypatch):
    plain = make.export_records

    def records(corpus, selection):
        for number, record in enumerate(plain(corpus, selection)):
            yield record
            if number == 1:
                raise AttributeError("a format's fault")

    monkeypatch.setattr(make, "export_records", records)
    before, export = folders(), order_one(corpus)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    last = corpus.articles.latest("pk").pk
    assert (export.state, export.job_state, folders()) == ("failed", "failed", before)
    assert f"it broke off at article {last} (AttributeError: a format's fault)" in export.reason


def test_an_export_whose_job_is_gone_fails(corpus):
    export = order_one(corpus)
    assert order.end_lost_exports() == 0
    ProcrastinateJob.objects.filter(task_name="make_export")._raw_delete("default")
    assert order.end_lost_exports() == 1
    export.refresh_from_db()
    assert export.state == "failed" and "ask again" in export.reason


def test_its_maker_and_the_managers_cancel_an_export_by_each_door(corpus, capsys):
    maker = factories.make_member(corpus, Role.READER, "maker")
    export = order_one(corpus, maker)
    other = Rest(factories.make_member(corpus, Role.EDITOR, "ed"))
    refusal(other.post(f"{PATH}{export.pk}/cancel/", {}), 403)
    told = Rest(maker).post(f"{PATH}{export.pk}/cancel/", {}).json()
    assert (told["state"], told["job_state"]) == ("failed", "cancelled") and "by maker" in told["reason"]
    refusal(Rest(maker).post(f"{PATH}{export.pk}/cancel/", {}), 409)
    refusal(Rest(maker).get(f"{PATH}{export.pk}/file/"), 409)
    make.make_export(export_id=export.pk)
    export.refresh_from_db()
    assert export.state == "cancelled"
    export, visitor = order_one(corpus, maker), Client()
    visitor.force_login(factories.make_member(corpus, Role.MANAGER, "keeper"))
    assert "Cancel it" in visitor.get("/corpora/desk/export/").content.decode()
    page = visitor.post(f"/corpora/desk/exports/{export.pk}/cancel/", follow=True).content.decode()
    assert "Cancelled by keeper" in page and "Cancel it" not in page
    call_command("cancel_job", "export", str(order_one(corpus).pk))
    assert "no file was kept" in capsys.readouterr().out


def order_one(corpus, user=None):
    user = user or factories.make_superuser()
    return order.order_export(user=user, corpus=corpus, format="jsonl", selection=Selection())


PROGRAM = """
import sys, time
import django; django.setup()
from annotations.exports.actions import make
if __name__ == "__main__":
    slowly = make.export_records
    def records(corpus, selection):
        for record in slowly(corpus, selection):
            yield record
            time.sleep(60)
    make.export_records = records
    make.make_export(export_id=int(sys.argv[1]))
"""


@pytest.mark.django_db(transaction=True)
def test_one_that_is_taken_away_while_it_is_made_leaves_nothing(monkeypatch):
    corpus, user = cast.make_desk(), factories.make_superuser()
    before = folders()
    with transaction.atomic():
        export = order.order_export(user=user, corpus=corpus, format="jsonl", selection=Selection())

    def records(corpus, selection):
        order.remove_export(user=user, export=export)
        yield from cast.export_records(corpus, selection)

    monkeypatch.setattr(progress, "SAY_SECONDS", 0)
    monkeypatch.setattr(make, "export_records", records)
    make.make_export(export_id=export.pk)
    assert not Export.objects.exists() and folders() == before


@pytest.mark.django_db(transaction=True)
def test_one_that_is_cancelled_while_it_is_made_leaves_nothing(monkeypatch):
    corpus, user = cast.make_desk(), factories.make_superuser()
    before = folders()
    with transaction.atomic():
        export = order_one(corpus, user)

    def records(corpus, selection):
        order.cancel_export(user=user, export=export)
        yield from cast.export_records(corpus, selection)

    monkeypatch.setattr(progress, "SAY_SECONDS", 0)
    monkeypatch.setattr(make, "export_records", records)
    make.make_export(export_id=export.pk)
    assert Export.objects.get().state == "cancelled" and folders() == before


@pytest.mark.django_db(transaction=True)
def test_the_worker_of_exports_makes_it():
    corpus, user = cast.make_desk(), factories.make_superuser()
    with transaction.atomic():
        export = order.order_export(user=user, corpus=corpus, format="conll", selection=Selection())
    done = run("run_worker", "--queues", order.QUEUE, "--until-idle")
    export.refresh_from_db()
    assert (export.state, export.articles) == ("finished", 2), done.stderr


@pytest.mark.django_db(transaction=True)
def test_a_kill_leaves_nothing_half_made_and_another_worker_makes_it_anew():
    corpus = cast.make_desk()
    before = folders()
    with transaction.atomic():
        export = order.order_export(
            user=factories.make_superuser(), corpus=corpus, format="jsonl", selection=Selection()
        )
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
