"""A full disk is answered by 507 at once, nothing is half done, and reads go on.

The disks are small ones in memory. Where none may be mounted, those tests are skipped.
"""

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from annotations.exports.actions.make import make_export
from annotations.exports.actions.order import order_export
from annotations.exports.models import Export
from annotations.releases.actions.make import make_release
from annotations.releases.actions.order import order_release
from annotations.releases.models import Release
from annotations.review.models import Comment
from corpusapp.articles.actions.uploads import receive_upload, work_off_upload
from corpusapp.articles.models import Article, ImportBatch, Role
from corpusapp.core.home import Home
from tests import factories
from tests.api.client import Rest, refusal
from tests.exports.cast import ANY

MEGABYTE = 2**20


def mounted(folder: Path, size: int) -> bool:
    options = f"size={size},mode=0755"
    return not subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", folder], capture_output=True).returncode


@pytest.fixture
def small_disk():
    """A disk of two megabytes, readable by the database's user."""
    folder = Path(tempfile.mkdtemp(prefix="small-disk-"))
    if not mounted(folder, 2 * MEGABYTE):
        folder.rmdir()
        pytest.skip("a small disk cannot be mounted here: that takes root")
    yield folder
    subprocess.run(["umount", "--lazy", folder], check=True)
    folder.rmdir()


@pytest.fixture
def small_home(small_disk, settings):
    """A home on the small disk, which keeps nothing free."""
    settings.HOME, settings.DISK_RESERVE_BYTES = Home(small_disk / "home"), 0
    return settings.HOME


@pytest.fixture
def manager(db):
    corpus = factories.make_corpus()
    factories.make_article(corpus, "Zarif arrived in Damascus.", suggest=False, spans=[[0, 5, "PERSON"]])
    return factories.make_member(corpus, Role.MANAGER, "keeper")


def browser(user) -> Client:
    visitor = Client(raise_request_exception=False)
    visitor.force_login(user)
    return visitor


def nothing_begun():
    """Beside the article that is there."""
    assert (Export.objects.count(), Release.objects.count(), ImportBatch.objects.count()) == (0, 0, 1)


def test_below_the_reserve_what_would_fill_the_disk_is_refused_and_all_else_goes_on(manager, settings, tmp_path):
    settings.DISK_RESERVE_BYTES = 2**62
    rest, visitor, path = Rest(manager), browser(manager), "/corpora/desk/"
    article = Article.objects.get()
    reported = refusal(rest.post("corpora/desk/exports/", {"format": "jsonl"}), 507)
    assert "are reserved for decisions" in reported["detail"]
    refusal(rest.post("corpora/desk/releases/", {}), 507)
    refusal(rest.post("articles/?corpus=desk", {"text": "Another."}), 507)
    refusal(rest.post("corpora/desk/models/", {}), 507)
    for size in (10, settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1):
        page = visitor.post(f"{path}import/", {"files": SimpleUploadedFile("a.txt", b"x" * size)})
        assert page.status_code == 507 and "reserved" in page.content.decode()
    assert visitor.post(f"{path}export/", {"format": "jsonl", "state": ["confirmed"]}).status_code == 507
    (tmp_path / "a.txt").write_text("Another.")
    with pytest.raises(CommandError, match="reserved"):
        call_command("import_articles", str(tmp_path / "a.txt"), "--corpus", "desk")
    nothing_begun()
    # What editors decide has its room, and everything can be read.
    assert rest.post(f"articles/{article.pk}/spans/", {"start": 17, "end": 25, "label": "GPE"}).status_code == 201
    assert rest.get(f"articles/{article.pk}/").status_code == 200
    assert visitor.get(f"{path}articles/{article.pk}/").status_code == 200
    assert rest.get("corpora/desk/export/?format=jsonl").status_code == 200


def test_a_job_that_meets_the_reserve_ends_with_the_reason(manager, settings):
    root, corpus = factories.make_superuser(), Article.objects.get().corpus
    files = [("a.jsonl", SimpleUploadedFile("a.jsonl", b'{"text": "One."}'))]
    batch = receive_upload(user=root, corpus=corpus, files=files, origin="form", suggest=False)
    export = order_export(user=root, corpus=corpus, format="jsonl", selection=ANY)
    release, _ = order_release(user=root, corpus=corpus, selection=ANY)
    settings.DISK_RESERVE_BYTES = 2**62
    work_off_upload(batch=batch)
    make_export(export_id=export.pk)
    make_release(release_id=release.pk)
    for job in (export, release):
        job.refresh_from_db()
        assert job.state == "failed" and "reserved" in job.reason
    assert (batch.state, batch.items) == ("failed", 0) and "reserved" in batch.reason


def test_an_upload_that_fills_the_disk_keeps_nothing(manager, small_home):
    visitor, before = browser(manager), sorted(small_home.folder("uploads").iterdir())
    answer = visitor.post("/corpora/desk/import/", {"files": SimpleUploadedFile("a.txt", b"x" * 3 * MEGABYTE)})
    assert answer.status_code == 507 and "disk is full" in answer.content.decode()
    lines = b'{"text": "x"}\n' * (3 * MEGABYTE // 14)
    address = "/api/v1/articles/?corpus=desk"
    reported = visitor.post(address, lines, content_type="application/x-ndjson")
    assert reported.status_code == 507 and reported["Content-Type"] == "application/problem+json"
    nothing_begun()
    assert sorted(small_home.folder("uploads").iterdir()) == before
    assert visitor.get("/corpora/desk/").status_code == 200


def test_an_export_and_a_release_that_fill_the_disk_fail_and_keep_nothing(manager, small_home):
    root, corpus = factories.make_superuser(), Article.objects.get().corpus
    factories.make_article(corpus, os.urandom(2 * MEGABYTE).hex(), suggest=False)
    export = order_export(user=root, corpus=corpus, format="jsonl", selection=ANY)
    release, _ = order_release(user=root, corpus=corpus, selection=ANY)
    make_export(export_id=export.pk)
    make_release(release_id=release.pk)
    for job in (export, release):
        job.refresh_from_db()
        assert job.state == "failed" and "disk is full" in job.reason
    assert [path for name in ("exports", "releases") for path in small_home.folder(name).iterdir()] == []


@pytest.mark.django_db(transaction=True)
def test_a_database_without_room_is_answered_and_reads_go_on(small_disk):
    """The table of comments lies on the small disk for a while."""
    corpus = factories.make_corpus()
    article = factories.make_article(corpus, "Zarif arrived in Damascus.", suggest=False)
    keeper = factories.make_member(corpus, Role.MANAGER, "keeper")
    with _superuser() as server:
        (data,) = server.execute("SHOW data_directory").fetchone()
        space = small_disk / "space"
        space.mkdir(mode=0o700)
        shutil.chown(space, Path(data).owner(), Path(data).group())
        server.execute(f"CREATE TABLESPACE small LOCATION '{space}'")
        # Without pages that have room left.
        server.execute("TRUNCATE review_comment")
        server.execute("ALTER TABLE review_comment SET TABLESPACE small")
    try:
        rest, visitor = Rest(keeper), browser(keeper)
        (small_disk / "filler").write_bytes(b"x" * shutil.disk_usage(small_disk).free)
        reported = refusal(rest.post(f"articles/{article.pk}/comments/", {"text": "Who?"}), 507)
        assert "disk is full" in reported["detail"]
        page = f"/corpora/desk/articles/{article.pk}/"
        answer = visitor.post(f"{page}comments/add/", {"text": "Who?"})
        assert answer.status_code == 507 and "disk is full" in answer.content.decode()
        assert not Comment.objects.exists()
        assert rest.get(f"articles/{article.pk}/").status_code == visitor.get(page).status_code == 200
    finally:
        (small_disk / "filler").unlink(missing_ok=True)
        with _superuser() as server:
            server.execute("ALTER TABLE review_comment SET TABLESPACE pg_default")
            server.execute("DROP TABLESPACE small")
    assert rest.post(f"articles/{article.pk}/comments/", {"text": "Who?"}).status_code == 201


def _superuser() -> psycopg.Connection:
    """A connection that may say where tables lie; only the embedded server's password is known here."""
    secret = settings.HOME.path.with_name("home") / "secrets" / "postgres_superuser"
    if not secret.exists():
        pytest.skip("the tables of another server than the embedded one cannot be moved to a small disk")
    values = connection.get_connection_params()
    place = {name: values[name] for name in ("host", "port", "dbname") if values.get(name)}
    return psycopg.connect(**place, user="postgres", password=secret.read_text(), autocommit=True)
