"""How imports end: done, failed with a reason, cancelled by a manager, or interrupted and continued."""

import io
import os
import signal
import subprocess
import sys
import threading

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DataError, InterfaceError, OperationalError, connection, connections
from django.test import Client
from procrastinate.contrib.django.models import ProcrastinateJob

from corpusapp.articles.actions import import_articles as importing
from corpusapp.articles.actions import import_state
from corpusapp.articles.actions.uploads import kept_files, receive_upload, work_off_upload
from corpusapp.articles.models import Article, ImportBatch, Role
from corpusapp.core import upkeep
from corpusapp.core.errors import Conflict, NotAllowed
from corpusapp.intake import files as reading
from corpusapp.intake.draft import draft_from_record
from tests import factories
from tests.processes import environment, wait_until

pytestmark = pytest.mark.django_db


def jsonl(count: int) -> bytes:
    return "\n".join(f'{{"text": "Text number {number} of this file."}}' for number in range(count)).encode()


def receive(corpus, **named: bytes) -> ImportBatch:
    opened = [(name.replace("_", "."), io.BytesIO(data)) for name, data in named.items()]
    root = factories.make_superuser()
    return receive_upload(user=root, corpus=corpus, files=opened, origin="form", suggest=False)


def give_up(batch: ImportBatch) -> None:
    """Give up the batch's job, as after too many attempts."""
    ProcrastinateJob.objects.filter(task_name="import_upload")._raw_delete("default")


@pytest.fixture
def corpus():
    return factories.make_corpus()


# unexpected errors only fail their item


def test_an_item_that_cannot_be_stored_fails_and_the_others_are_imported(corpus, monkeypatch):
    plain = importing.store

    def store(*, batch, completed):
        if any("number 3" in one.draft.text for one in completed):
            raise DataError("invalid input syntax")
        return plain(batch=batch, completed=completed)

    monkeypatch.setattr(importing, "store", store)
    batch = work_off_upload(batch=receive(corpus, a_jsonl=jsonl(6)))
    assert (batch.state, batch.added, batch.failed, batch.items) == ("done", 5, 1, 6)
    problem = batch.problems.get()
    assert (problem.item, problem.line) == ("a.jsonl", 4) and "invalid input syntax" in problem.reason
    # Its bytes are stored for a retry.
    assert problem.data is not None


def test_an_error_of_a_reader_fails_the_rest_of_its_file(corpus, monkeypatch):
    plain = reading.read_stream

    def read_stream(file, item, how):
        for number, found in enumerate(plain(file, item, how)):
            if item == "a.jsonl" and number == 2:
                raise AttributeError("a reader's fault")
            yield found

    monkeypatch.setattr(reading, "read_stream", read_stream)
    batch = work_off_upload(batch=receive(corpus, a_jsonl=jsonl(6), b_txt=b"Another text."))
    assert (batch.state, batch.added, batch.failed) == ("done", 3, 1)
    problem = batch.problems.get()
    assert problem.item == "a.jsonl" and "after 2 items (AttributeError: a reader's fault)" in problem.reason


def test_an_error_outside_of_items_fails_the_batch_with_its_reason(corpus, monkeypatch):
    monkeypatch.setattr(importing, "CHUNK", 2)
    batch = receive(corpus, a_jsonl=jsonl(6))

    def broken(batch):
        raise KeyError("the wrong place")

    work_off_upload(batch=batch, progress=broken)
    assert (batch.state, batch.former_state, batch.items) == ("failed", "finished", 2)
    assert "stopped by an error after 2 items (KeyError: 'the wrong place')" in batch.reason
    assert batch.finished_at is not None


def test_a_lost_connection_leaves_the_batch_to_the_next_attempt(corpus, monkeypatch):
    batch = receive(corpus, a_jsonl=jsonl(3))

    def lost(batch):
        raise OperationalError("the connection is lost")

    with pytest.raises(OperationalError):
        work_off_upload(batch=batch, progress=lost)
    batch.refresh_from_db()
    assert batch.state == "running"
    assert work_off_upload(batch=batch).state == "done"


def test_an_item_that_crashes_its_process_is_found_and_fails(corpus, monkeypatch):
    """The process is not really ended here: the test sets the state that a crash leaves."""
    batch = receive(corpus, a_jsonl=jsonl(5))
    plain = importing.store

    def store(*, batch, completed):
        if any("number 2" in one.draft.text for one in completed):
            raise KeyboardInterrupt
        return plain(batch=batch, completed=completed)

    monkeypatch.setattr(importing, "store", store)
    with pytest.raises(KeyboardInterrupt):
        work_off_upload(batch=batch, attempts=3)
    batch.refresh_from_db()
    assert (batch.state, batch.items, batch.added) == ("running", 2, 2)
    work_off_upload(batch=batch, attempts=4)
    assert (batch.state, batch.items, batch.added, batch.failed) == ("done", 5, 4, 1)
    assert batch.problems.get().line == 3


# cancelled


def test_a_waiting_import_is_cancelled(corpus):
    batch = receive(corpus, a_jsonl=jsonl(3))
    manager = factories.make_member(corpus, Role.MANAGER, "keeper")
    ended = import_state.cancel_import(user=manager, batch=batch)
    assert (ended.state, ended.former_state) == ("cancelled", "finished") and "by keeper" in ended.reason
    assert (work_off_upload(batch=batch).state, Article.objects.count()) == ("cancelled", 0)
    assert not kept_files(batch)
    with pytest.raises(Conflict, match="it is cancelled"):
        import_state.cancel_import(user=manager, batch=batch)


@pytest.mark.parametrize("door", ["worker", "here"])
def test_cancelling_keeps_imported_articles(corpus, monkeypatch, door):
    monkeypatch.setattr(importing, "CHUNK", 2)
    root = factories.make_superuser()

    def stop(batch):
        import_state.cancel_import(user=root, batch=batch)

    if door == "worker":
        batch = work_off_upload(batch=receive(corpus, a_jsonl=jsonl(9)), progress=stop)
    else:
        drafts = [draft_from_record({"text": f"{number}."}) for number in range(9)]
        with pytest.raises(import_state.Cancelled, match="cancelled by"):
            importing.import_articles(
                user=root, corpus=corpus, items=drafts, origin="command", suggest=False, progress=stop
            )
        batch = ImportBatch.objects.get()
    assert (batch.state, batch.added, Article.objects.count()) == ("cancelled", 2, 2)


def test_cancelling_stops_between_two_items(corpus, monkeypatch):
    """A chunk of slow items is not read completely."""
    monkeypatch.setattr(importing, "_CHECK_SECONDS", 0)
    root, seen = factories.make_superuser(), []

    def slow():
        for number in range(9):
            seen.append(number)
            if number == 3:
                import_state.cancel_import(user=root, batch=ImportBatch.objects.get())
            yield draft_from_record({"text": f"{number}."})

    with pytest.raises(import_state.Cancelled):
        importing.import_articles(user=root, corpus=corpus, items=slow(), origin="command", suggest=False)
    assert seen == [0, 1, 2, 3]


def test_only_managers_cancel_in_every_interface(corpus, capsys):
    batch = receive(corpus, a_jsonl=jsonl(3))
    with pytest.raises(NotAllowed):
        import_state.cancel_import(user=factories.make_member(corpus, Role.EDITOR), batch=batch)
    page, visitor = f"/corpora/desk/imports/{batch.pk}/", Client()
    editor, nobody = factories.make_member(corpus, Role.EDITOR, "ed"), factories.make_user("nobody")
    for member, status in ((editor, 403), (nobody, 404)):
        visitor.force_login(member)
        assert visitor.post(f"{page}cancel/").status_code == status
    visitor.force_login(factories.make_member(corpus, Role.READER, "reads"))
    assert "Cancel import" not in visitor.get(page).content.decode()
    visitor.force_login(factories.make_member(corpus, Role.MANAGER, "keeper"))
    assert "Cancel import" in visitor.get(page).content.decode()
    answer = visitor.post(f"{page}cancel/", follow=True).content.decode()
    assert "Import cancelled. 0 added articles are kept." in answer
    assert "Cancelled by keeper" in answer and "Cancel import" not in answer
    other = receive(corpus, b_jsonl=jsonl(1))
    call_command("cancel_job", "import", str(other.pk))
    assert f"import {other.pk} is cancelled: 0 imported articles stay" in capsys.readouterr().out
    with pytest.raises(CommandError, match="has ended"):
        call_command("cancel_job", "import", str(other.pk))
    with pytest.raises(CommandError, match="is not an ID"):
        call_command("cancel_job", "import", "first")


# interrupted and continued


def run_import(path, *more):
    call_command("import_articles", str(path), "--corpus", "desk", "--no-suggest", *more)


def run_project(path):
    call_command("import_project", str(path), "--corpus", "desk", "--format", "jsonl")


@pytest.mark.parametrize("run_import", [run_import, run_project])
def test_a_stopped_command_continues_its_import(corpus, tmp_path, monkeypatch, run_import):
    monkeypatch.setattr(importing, "CHUNK", 2)
    (tmp_path / "a.jsonl").write_bytes(jsonl(9))
    plain, stored = importing.store, []

    def store(*, batch, completed):
        stored.append(len(completed))
        if len(stored) == 3:
            raise KeyboardInterrupt
        return plain(batch=batch, completed=completed)

    with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
        patched.setattr(importing, "store", store)
        run_import(tmp_path / "a.jsonl")
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.former_state, batch.items) == ("interrupted", "finished", 4)
    run_import(tmp_path / "a.jsonl")
    batch.refresh_from_db()
    assert (batch.state, batch.reason, batch.items) == ("done", "", 9)
    assert (batch.added, batch.duplicates, Article.objects.count()) == (9, 0, 9)
    # After the end, the same command is a new import.
    run_import(tmp_path / "a.jsonl")
    assert ImportBatch.objects.count() == 2 and Article.objects.count() == 9


def test_other_files_or_options_start_another_import(corpus, tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("One.")
    for number, more in enumerate([(), (), ("--source", "Wire")], 1):
        run_import(path, *more)
        assert ImportBatch.objects.count() == number
        ImportBatch.objects.update(state="interrupted")
        if number == 1:
            path.write_text("Another one.")


PROGRAM = """
import sys
import django; django.setup()
from django.core.management import call_command
from corpusapp.articles.actions import import_articles
import_articles.CHUNK = 20
if __name__ == "__main__":
    call_command("import_articles", sys.argv[1], "--corpus", "desk", "--no-suggest")
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_a_killed_command_is_interrupted_and_repeating_it_stores_nothing_twice(tmp_path):
    factories.make_corpus()
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(600))
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(path)],
        cwd=settings.BASE_DIR,
        env=environment(DJANGO_SETTINGS_MODULE="corpusapp.settings"),
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    wait_until(lambda: Article.objects.count() > 0)
    # While it reads, no other process ends it.
    assert import_state.end_lost_imports() == 0
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    # The server releases the lock of the killed process after a while.
    wait_until(lambda: import_state.end_lost_imports() == 1)
    batch = ImportBatch.objects.get()
    assert batch.state == "interrupted" and 0 < batch.items < 600
    assert "start the same import again" in batch.reason
    run_import(path)
    batch.refresh_from_db()
    assert (batch.state, batch.added, batch.duplicates) == ("done", 600, 0)
    assert Article.objects.count() == 600


# the database goes away


@pytest.fixture
def ended_by_copy(transactional_db):
    """End the connection when rows are copied into the table that the test names, until it calls `back`."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION go_away() RETURNS trigger LANGUAGE plpgsql AS "
            "'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END'"
        )

    def go_away(table):
        with connection.cursor() as cursor:
            cursor.execute(
                f"CREATE TRIGGER go_away BEFORE INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION go_away()"
            )

    yield go_away
    back()


def back():
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS go_away CASCADE")


@pytest.mark.parametrize("table", ["articles_sketchband", "articles_article", "review_span", "review_change"])
def test_an_upload_that_loses_the_database_continues_when_it_is_back(table, ended_by_copy):
    corpus = factories.make_corpus()
    lines = b"\n".join(
        b'{"text": "Text number %d of this file, said Ann.", "spans": [{"start": 0, "end": 4, "label": "PERSON"}]}'
        % number
        for number in range(3)
    )
    batch = receive(corpus, a_jsonl=lines)
    ended_by_copy(table)
    with pytest.raises((OperationalError, InterfaceError)):
        work_off_upload(batch=batch)
    back()
    batch.refresh_from_db()
    assert (batch.state, batch.reason, batch.finished_at, batch.items) == ("running", "", None, 0)
    batch = work_off_upload(batch=batch)
    assert (batch.state, batch.added, batch.failed, Article.objects.count()) == ("done", 3, 0, 3)


def test_a_command_that_loses_the_database_is_interrupted_and_can_be_continued(ended_by_copy, tmp_path):
    factories.make_corpus()
    path = tmp_path / "a.jsonl"
    path.write_bytes(jsonl(3))
    ended_by_copy("articles_sketchband")
    with pytest.raises(CommandError, match=r"the database did not answer .*: start the same import again"):
        run_import(path)
    back()
    import_state.end_lost_imports()
    assert ImportBatch.objects.get().state == "interrupted"
    run_import(path)
    batch = ImportBatch.objects.get()
    assert (batch.state, batch.added, Article.objects.count()) == ("done", 3, 3)


def test_a_project_that_loses_the_database_is_reported_and_imported_by_the_same_command(ended_by_copy, tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Ann rested", "spans": [{"start": 0, "end": 3, "label": "PERSON"}]}')
    ended_by_copy("review_span")
    with pytest.raises(CommandError, match=r"the database did not answer .*: start the same import again"):
        run_project(path)
    back()
    run_project(path)
    assert [(article.text, article.spans.count()) for article in Article.objects.all()] == [("Ann rested", 1)]


# given up


def test_an_upload_without_a_job_is_queued_again_while_it_makes_progress(corpus):
    batch = receive(corpus, a_jsonl=jsonl(3))
    assert upkeep.end_lost_jobs() == 0
    give_up(batch)
    assert import_state.end_lost_imports() == 0
    assert ProcrastinateJob.objects.filter(task_name="import_upload", status="todo").count() == 1
    give_up(batch)
    assert import_state.end_lost_imports() == 1
    batch.refresh_from_db()
    assert batch.state == "failed" and "item 1 of a.jsonl" in batch.reason
    assert import_state.end_lost_imports() == 0


@pytest.mark.django_db(transaction=True)
def test_an_upload_that_a_thread_still_reads_is_not_ended():
    """A worker lost its connection to the queue; the repeated job found the upload claimed, and is done."""
    batch = receive(factories.make_corpus(), a_jsonl=jsonl(3))
    reading, read = threading.Event(), threading.Event()

    def claim_it():
        with import_state.claimed(batch) as is_claimed:
            assert is_claimed
            reading.set()
            read.wait(60)
        connection.close()

    thread = threading.Thread(target=claim_it)
    thread.start()
    assert reading.wait(60)
    give_up(batch)
    assert [import_state.end_lost_imports() for _ in range(3)] == [0, 0, 0]
    batch.refresh_from_db()
    assert batch.state == "waiting"
    assert not ProcrastinateJob.objects.filter(task_name="import_upload", status="todo").exists()
    read.set()
    thread.join()
    wait_until(lambda: import_state.end_lost_imports() == 0 and ProcrastinateJob.objects.filter(status="todo").exists())


@pytest.mark.django_db(transaction=True)
def test_a_cancel_waits_for_the_chunk_that_is_being_stored(monkeypatch):
    corpus, root = factories.make_corpus(), factories.make_superuser()
    batch = receive(corpus, a_jsonl=jsonl(40))
    monkeypatch.setattr(importing, "CHUNK", 10)
    began, plain = threading.Event(), importing._store_chunk

    def store_chunk(*args):
        plain(*args)
        began.set()

    monkeypatch.setattr(importing, "_store_chunk", store_chunk)

    def work():
        work_off_upload(batch=ImportBatch.objects.select_related("corpus", "user").get(pk=batch.pk))
        connections.close_all()

    thread = threading.Thread(target=work)
    thread.start()
    began.wait(60)
    try:
        import_state.cancel_import(user=root, batch=batch)
    except Conflict:
        # The whole chunk was read first.
        assert ImportBatch.objects.get().state == "done"
    stood = Article.objects.count()
    thread.join()
    batch.refresh_from_db()
    assert batch.added == batch.items == Article.objects.count() == stood
    assert connection.in_atomic_block is False
