"""A backup is restored with the same content, into an empty home and database only, and completely or not at all."""

import io
import json
import os
import threading

import pyrage
import pytest
from django.conf import settings as django_settings
from django.contrib.admin.models import LogEntry
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, connections
from procrastinate.contrib.django.models import ProcrastinateJob

from annotations.exports import store
from annotations.exports.models import Export
from annotations.feed.models import Webhook
from annotations.releases.models import Release
from annotations.releases.queries.files import check_release
from annotations.review.actions.labels import add_label
from annotations.review.models import Label
from annotations.suggestions.models import TrainedModel
from corpusapp.accounts.models import KeyedRequest
from corpusapp.articles.actions.uploads import work_off_upload
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.backup import archive, encryption, registry, snapshot
from corpusapp.backup.actions import restore, upgrade
from corpusapp.backup.actions.make import make_backup
from corpusapp.backup.actions.restore import RESTORING, ContentDiffers, restore_backup
from corpusapp.backup.content import Content
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict, Invalid
from tests import factories
from tests.api.client import Rest, refusal
from tests.backup.cast import empty_target, execute, in_schema
from tests.feed.copying import Follower
from tests.review.replay import decided, replayed


def backup(path, **options):
    with archive.writing(path, **options.pop("archive", {})) as writer:
        made = make_backup(writer=writer, **options)
    assert made.missing == ()
    return made


def is_empty(target):
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'")
        left = [path for path in target.home.path.rglob("*") if path.is_file() and "secrets" not in path.parts]
        return cursor.fetchone() == (0,) and left == []


def test_everything_is_restored(desk, target, tmp_path):
    made = backup(tmp_path / "one.tar")
    assert content_now().sha256 == made.content
    with target.entered():
        found, todo = restore_backup(path=tmp_path / "one.tar")
        assert found.sha256 == made.content == content_now().sha256
        assert todo == ["1 webhooks have no secret and are not sent: delete them and create them again"]
        for article in Article.objects.all():
            assert replayed(article) == decided(article)
        for release in Release.objects.all():
            assert check_release(release).state == "whole"
        export = Export.objects.get()
        assert store.file_in(export.folder, export.name).stat().st_size == export.size
        # Waiting jobs are restored too.
        assert ProcrastinateJob.objects.filter(task_name="import_upload", status="todo").count() == 1
        assert work_off_upload(batch=ImportBatch.objects.latest("pk")).added == 1
        add_label(user=factories.make_superuser(), corpus=Corpus.objects.get(), name="AFTERWARDS")


def test_the_private_key_can_be_read_from_a_pipe(desk, target, tmp_path):
    key = pyrage.x25519.Identity.generate()
    made = backup(tmp_path / "one.age", archive={"recipient": str(key.to_public())})
    os.mkfifo(tmp_path / "pipe")
    writing = threading.Thread(target=(tmp_path / "pipe").write_text, args=[str(key)])
    writing.start()
    with target.entered():
        assert restore_backup(path=tmp_path / "one.age", identity=tmp_path / "pipe")[0].sha256 == made.content
    writing.join()


def test_a_feed_cursor_from_after_the_backup_is_gone(desk, target, tmp_path):
    before, after = Follower(Rest(factories.make_superuser())), Follower(Rest(factories.make_superuser()))
    before.follow()
    backup(tmp_path / "one.tar")
    add_label(user=factories.make_superuser(), corpus=desk, name="LATER")
    after.follow()
    with target.entered():
        restore_backup(path=tmp_path / "one.tar")
        before.follow()
        refusal(Rest(factories.make_superuser()).get("changes/", after=after.cursor), 410, "after")


def test_secrets_are_included_on_request(desk, target, tmp_path):
    secret, key = Webhook.objects.get().secret, django_settings.HOME.secret("secret_key")
    backup(tmp_path / "without", archive={"folder": True})
    made = backup(tmp_path / "with", archive={"folder": True}, with_secrets=True)
    assert not (tmp_path / "without" / "secrets").exists()
    said = b"".join(path.read_bytes() for path in (tmp_path / "without").rglob("*") if path.is_file())
    assert secret.encode() not in said and key.encode() not in said
    with target.entered():
        found, todo = restore_backup(path=tmp_path / "with")
        assert (found.sha256, todo) == (made.content, [])
        assert Webhook.objects.get().secret == secret
        assert target.home.secret("secret_key") == key


def test_the_hash_depends_on_content_only(desk):
    before = content_now()
    factories.make_superuser()
    KeyedRequest.objects.all().delete()
    ProcrastinateJob.objects.all()._raw_delete("default")
    assert content_now().sha256 == before.sha256
    Label.objects.filter(name="PERSON").update(definition="People, also of fiction.")
    changed = content_now()
    assert {name for name in before.tables if before.tables[name] != changed.tables[name]} == {"review_label"}
    export = store.file_in(Export.objects.get().folder, Export.objects.get().name)
    export.write_bytes(export.read_bytes() + b"\n")
    again = content_now()
    assert again.tables == changed.tables and again.sha256 != changed.sha256


def test_missing_files_are_reported(desk, target, tmp_path):
    export = Export.objects.get()
    store.discard(export.folder)
    with archive.writing(tmp_path / "one.tar") as writer:
        made = make_backup(writer=writer)
    assert made.missing == (f"exports/{export.folder}",)
    assert archive.verified_manifest(tmp_path / "one.tar")["missing"] == [f"exports/{export.folder}"]
    with target.entered():
        _, todo = restore_backup(path=tmp_path / "one.tar")
        assert todo[0] == f"exports/{export.folder} was missing from the home when the backup was created"


def test_a_file_of_two_rows_is_backed_up_once(desk, tmp_path):
    """Such as the weights of two trainings with the same result."""
    folder = django_settings.HOME.folder("models") / ("a" * 64)
    folder.mkdir()
    (folder / "weights").write_text("0.5")
    kept_model = TrainedModel.State.KEPT
    TrainedModel.objects.bulk_create(TrainedModel(corpus=desk, state=kept_model, digest="a" * 64) for _ in range(2))
    made = backup(tmp_path / "one.tar")
    pieces = archive.verified_manifest(tmp_path / "one.tar")["pieces"]
    assert f"files/models/{'a' * 64}/weights" in pieces and made.content == content_now().sha256


def test_a_file_that_is_deleted_while_it_is_linked_is_missing(tmp_path):
    assert not snapshot._link(tmp_path / "gone", tmp_path / "held" / "gone")
    with pytest.raises(FileNotFoundError):
        (tmp_path / "held" / "gone").stat()


def test_files_are_not_deleted_while_a_backup_links_them(desk):
    export, gone = Export.objects.get(), threading.Event()

    def remove():
        store.discard(export.folder)
        gone.set()
        connections.close_all()

    with registry.nothing_removed():
        thread = threading.Thread(target=remove)
        thread.start()
        assert not gone.wait(0.5)
        assert store.file_in(export.folder, export.name).is_file()
    assert gone.wait(30)
    thread.join()


# Refused, without any change.


def test_a_target_that_is_not_empty_is_refused(desk, target, tmp_path):
    backup(tmp_path / "one.tar")
    before = content_now()
    with pytest.raises(Conflict, match=r"the database is not empty \(it has \d+ tables\)"):
        restore_backup(path=tmp_path / "one.tar")
    assert content_now() == before
    with target.entered():
        (target.home.folder("releases") / "a.jsonl.gz").write_text("somebody's")
        with pytest.raises(Conflict, match="the home is not empty"):
            restore_backup(path=tmp_path / "one.tar")
        assert [path.name for path in target.home.folder("releases").iterdir()] == ["a.jsonl.gz"]
        assert not (target.home.path / RESTORING).exists()


def altered(path, tmp_path, *, more="", tables=None, **values):
    """The same backup with another description, or one more piece."""
    found = tmp_path / "altered.tar"
    with archive.reading(path) as pieces, archive.writing(found) as writer:
        for name, file in pieces:
            data = file.read()
            if name == archive.MANIFEST:
                tables = json.loads(data)["tables"] | (tables or {})
                continue
            if name == archive.ABOUT:
                data = json.dumps(json.loads(data) | values).encode()
            writer.add(name, len(data), io.BytesIO(data))
        if more:
            writer.add(more, 4, io.BytesIO(b"more"))
        files = {
            name.removeprefix("files/"): piece["sha256"]
            for name, piece in writer.pieces.items()
            if name.startswith("files/")
        }
        writer.finish(content=Content(tables, files).sha256, tables=tables, missing=[])
    return found


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"postgresql": 99}, "the backup is from PostgreSQL 99, and the target is"),
        ({"migrations": ["articles.9999_later"]}, r"created by a newer version \(it has articles.9999_later\)"),
        ({"migrations": ["articles.0001_initial"]}, r"a version that is too old \(it lacks articles.0003_originals\)"),
    ],
)
def test_an_incompatible_backup_is_refused(desk, target, tmp_path, values, expected):
    backup(tmp_path / "one.tar")
    path = altered(tmp_path / "one.tar", tmp_path, **values)
    with target.entered():
        with pytest.raises(Invalid, match=expected):
            restore_backup(path=path)
        assert is_empty(target)


def test_a_pooler_is_refused(desk, tmp_path, settings):
    backup(tmp_path / "one.tar")
    settings.POOLED = True
    for refused in (lambda: backup(tmp_path / "two.tar"), lambda: restore_backup(path=tmp_path / "one.tar")):
        with pytest.raises(Invalid, match="is a pooler"):
            refused()


def test_a_database_that_is_not_utf8_is_refused(desk, tmp_path):
    backup(tmp_path / "one.tar")
    bytes_alone = "ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'"
    with empty_target(tmp_path / "third", "third", bytes_alone) as third, third.entered():
        with pytest.raises(Invalid, match="encoding is SQL_ASCII, and UTF8 is needed"):
            restore_backup(path=tmp_path / "one.tar")
        with pytest.raises(Invalid, match="encoding is SQL_ASCII, and UTF8 is needed"):
            upgrade.upgrade()


def test_a_damaged_backup_is_refused(desk, target, tmp_path):
    path = tmp_path / "one.tar"
    backup(path)
    data = path.read_bytes()
    with target.entered():
        third = len(data) // 3
        for damage in (data[:third], data[:third] + b"damaged" + data[third + 7 :]):
            path.write_bytes(damage)
            with pytest.raises(Invalid):
                restore_backup(path=path)
            assert is_empty(target)


def test_a_restore_with_other_content_fails(desk, target, tmp_path):
    backup(tmp_path / "one.tar")
    path = altered(tmp_path / "one.tar", tmp_path, tables={"review_label": "0" * 64})
    with target.entered():
        with pytest.raises(ContentDiffers, match="the restored data differs from the backup"):
            restore_backup(path=path)
        for again in (lambda: restore_backup(path=path), upgrade.upgrade):
            with pytest.raises(Conflict, match="is running or was interrupted"):
                again()


def test_an_error_of_the_database_undoes_the_restore(desk, target, tmp_path):
    """The files are restored before the rows, and are deleted again, so that the restore can be repeated."""
    # More than the pipes can buffer: a program that has ended must not be waited for.
    root = factories.make_superuser()
    LogEntry.objects.create(user=root, action_flag=1, change_message=os.urandom(2_000_000).hex())
    made = backup(tmp_path / "one.tar")
    with target.entered():
        execute("CREATE VIEW articles_article AS SELECT 1")
        with pytest.raises(Exception, match=r"psql failed: .*already exists"):
            restore_backup(path=tmp_path / "one.tar")
        assert is_empty(target)
        execute("DROP VIEW articles_article")
        assert restore_backup(path=tmp_path / "one.tar")[0].sha256 == made.content


def test_a_failure_after_the_rows_leaves_the_home_incomplete(desk, target, tmp_path, monkeypatch):
    backup(tmp_path / "one.tar")

    def broken_off(**options):
        raise KeyboardInterrupt

    with target.entered():
        monkeypatch.setattr(restore, "content_now", broken_off)
        with pytest.raises(KeyboardInterrupt):
            restore_backup(path=tmp_path / "one.tar")
        for command in ("backup -", "content_hash", "run_worker --until-idle", f"restore {tmp_path / 'one.tar'}"):
            with pytest.raises(CommandError, match="is running or was interrupted"):
                call_command(*command.split())


@pytest.mark.parametrize("name", ["files/uploads//tmp/more", "files/uploads/a/../../more", "files/elsewhere/more"])
def test_a_piece_outside_of_the_home_is_refused(desk, target, tmp_path, name):
    backup(tmp_path / "one.tar")
    path = altered(tmp_path / "one.tar", tmp_path, more=name)
    with target.entered():
        with pytest.raises(encryption.Damaged, match="does not belong in a home"):
            restore_backup(path=path)
        assert is_empty(target)


def test_an_altered_manifest_or_description_is_refused(desk, target, tmp_path):
    backup(tmp_path / "one", archive={"folder": True})
    for name, before, after in (
        ("manifest.json", b'"review_label": "', b'"review_label": "0'),
        ("manifest.json", b'"content": "', b'"contend": "'),
        ("manifest.json", b'"tables"', b'"tablez"'),
        ("manifest.json", b'"pieces"', b'"piecez"'),
        ("about.json", b'"postgresql"', b'"postgresqm"'),
        ("about.json", b'"migrations"', b'"migrationz"'),
    ):
        path = tmp_path / "one" / name
        whole = path.read_bytes()
        assert before in whole
        path.write_bytes(whole.replace(before, after))
        with target.entered():
            with pytest.raises(encryption.Damaged):
                restore_backup(path=tmp_path / "one")
            assert is_empty(target)
        path.write_bytes(whole)


def test_a_database_without_our_tables_is_refused(target, tmp_path):
    with target.entered(), pytest.raises(Conflict, match="there is nothing to save"):
        backup(tmp_path / "one.tar")


def test_other_schemas_and_extensions_are_not_backed_up(desk, target, tmp_path):
    """Our tables are in their own schema, next to objects that the target does not have."""
    secret = Webhook.objects.get().secret
    backup(tmp_path / "one.tar", with_secrets=True)
    with empty_target(tmp_path / "third", "third") as third:
        with target.entered():
            restore_backup(path=tmp_path / "one.tar")
            execute('ALTER SCHEMA public RENAME TO "My desk"')
            execute("CREATE SCHEMA other CREATE TABLE somebodys (name text)")
            execute('CREATE PUBLICATION somebodys FOR TABLE "My desk".review_label')
            execute('CREATE TABLE "My desk".of_extension (); ALTER EXTENSION pg_trgm ADD TABLE "My desk".of_extension')
        with in_schema("My desk"):
            with target.entered():
                made = backup(tmp_path / "two", archive={"folder": True})
            said = b"".join(path.read_bytes() for path in (tmp_path / "two").rglob("*") if path.is_file())
            assert secret.encode() not in said
            with third.entered():
                with pytest.raises(Invalid, match="the backup has the schema My desk, and the target has none"):
                    restore_backup(path=tmp_path / "two")
                execute('CREATE SCHEMA "My desk"')
                assert restore_backup(path=tmp_path / "two")[0].sha256 == made.content
                with connection.cursor() as cursor:
                    cursor.execute("SELECT relname FROM pg_class WHERE relname IN ('somebodys', 'of_extension')")
                    assert cursor.fetchall() == []
                    cursor.execute("SELECT pubname FROM pg_publication")
                    assert cursor.fetchall() == []


# Commands.


def test_the_commands(desk, target, tmp_path, capsys):
    path = tmp_path / "one.tar"
    call_command("backup", str(path), "--json")
    made = json.loads(capsys.readouterr().out)
    call_command("content_hash")
    assert capsys.readouterr().out.strip() == made["content"]
    with pytest.raises(CommandError, match="already exists"):
        call_command("backup", str(path))
    with target.entered():
        call_command("restore", str(path))
        assert f"content {made['content']}" in capsys.readouterr().out
        with pytest.raises(CommandError, match="the database is not empty"):
            call_command("restore", str(path))


def test_an_upgrade_creates_a_backup_first(desk, target, tmp_path, settings):
    settings.BACKUP_FOLDER = tmp_path / "saved"
    said = []
    assert upgrade.upgrade(say=said.append) is None and said == []
    with target.entered():
        settings.BACKUP_FOLDER = tmp_path / "saved"
        assert upgrade.upgrade(say=said.append) is None, "nothing was there to be saved"
        call_command("migrate", "review", "0001", verbosity=0)
        saved = upgrade.upgrade(say=said.append)
        assert archive.verified_manifest(saved)["content"] and said[-1].startswith("Updating the database")
        with connection.cursor() as cursor:
            cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('review', '9999_x', now())")
        with pytest.raises(Conflict, match=r"a newer version of corpusapp \(it has review.9999_x\)"):
            upgrade.upgrade()
