"""Backups from earlier versions: the current code restores and upgrades each, with all its data."""

import threading
from pathlib import Path

import pytest
from django.db import connection, connections
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from annotations.exports import store
from annotations.exports.models import Export
from annotations.releases.models import Release
from annotations.releases.queries.files import check_release
from annotations.review.models import Change, Comment, Decision, Review, Stage
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import readers, weights
from corpusapp import health
from corpusapp.accounts.models import User
from corpusapp.articles.models import Article, Corpus
from corpusapp.backup.actions import upgrade
from corpusapp.backup.actions.restore import restore_backup
from corpusapp.backup.snapshot import content_now
from corpusapp.core.errors import Conflict
from corpusapp.core.locks import separate_transaction
from tests.api.client import Rest
from tests.backup.cast import empty_target, execute
from tests.processes import wait_until
from tests.review.replay import decided, replayed

# The backups, with the tables that later migrations change, and why.
DESKS: dict[str, dict[str, str]] = {
    "desk-2026-11.tar": {
        "articles_corpus": "a corpus has a licence, a version, a citation and a contact, and may link entities",
        "articles_invitation": "people are invited by links",
        "accounts_notice": "people are told what concerns them",
        "review_comment": "comments have replies",
        "review_decision": "decisions say how many actions their possible spans spared, and which labels they merge",
        "review_label": "labels have a key and examples, and may be hidden or merged",
        "review_review": "articles are assigned to people",
        "review_assignment": "articles are assigned to people",
        "review_savedfilter": "filters of the article list are saved",
        "review_setaside": "people set articles aside",
        "review_change": "changes name their corpus and layer",
        **dict.fromkeys(
            [
                "entities_alias",
                "entities_aliaskey",
                "entities_distinct",
                "entities_entity",
                "entities_entitychange",
                "entities_entityweek",
                "entities_identifier",
                "entities_knowledgeanswer",
                "entities_knowledgeservice",
                "entities_link",
                "entities_linkchange",
                "entities_pendinglink",
                "entities_possibleduplicate",
                "entities_unlinked",
            ],
            "names are linked to entities",
        ),
        "feed_event": "a row may stand for several events of a decision",
        "feed_waiting": "a row may stand for several events of a decision",
        "suggestions_corpussuggester": "whether names in bylines are suggested is a setting",
        "suggestions_corpusadaptation": "the weights are adapted to done articles",
        "suggestions_possiblespans": "less likely spans are stored",
    }
}


@pytest.fixture
def target(transactional_db, tmp_path):
    with empty_target(tmp_path / "target") as found:
        yield found


@pytest.fixture
def kept_desk(target, settings, tmp_path):
    with target.entered():
        settings.BACKUP_FOLDER = tmp_path / "saved"
        restore_backup(path=Path(__file__).parent / "desk-2026-11.tar")


def test_every_kept_backup_is_tested():
    assert {path.name for path in Path(__file__).parent.glob("*.tar")} == set(DESKS)


@pytest.mark.parametrize("name", DESKS)
def test_a_kept_backup_is_upgraded_with_all_its_data(target, settings, tmp_path, name):
    with target.entered():
        settings.BACKUP_FOLDER = tmp_path / "saved"
        before, _ = restore_backup(path=Path(__file__).parent / name)
        upgrade.upgrade()
        after = content_now()
        changed = {
            table
            for table in before.tables.keys() | after.tables.keys()
            if before.tables.get(table) != after.tables.get(table)
        }
        assert changed == DESKS[name].keys()
        assert after.files == before.files
        _require_unchanged()


def test_a_database_of_a_version_that_is_too_old_is_refused(target, kept_desk):
    """Whose migrations are gone from the code: another version has to apply them."""
    with target.entered():
        execute("DELETE FROM django_migrations WHERE app = 'review' AND name = '0003_presence'")
        with pytest.raises(Conflict, match=r"too old \(it lacks review.0003_presence\)"):
            upgrade.upgrade()


def test_squashed_migrations_count_as_applied_where_all_that_they_replace_is(target, kept_desk):
    with target.entered():
        assert health.checks()["migrations"]["pending"] == 25, "twenty-five came after this desk"
        assert upgrade.upgrade() is not None
        applied = MigrationRecorder(connection).applied_migrations()
        assert ("review", "0002_squashed_guards") in applied and ("review", "0001_initial") in applied
        assert not health.checks()["migrations"]["problem"] and upgrade.upgrade() is None


def test_a_waiting_upgrade_does_not_block_create_index_concurrently(transactional_db):
    said = []
    with separate_transaction() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('upgrade'), 0)")
        waiting = threading.Thread(target=_upgrade_in_a_thread, args=[said])
        waiting.start()
        wait_until(lambda: said)
        execute("SET statement_timeout = '20s'")
        try:
            execute("CREATE INDEX CONCURRENTLY waited_for ON articles_source (id)")
        finally:
            execute("RESET statement_timeout")
            execute("DROP INDEX IF EXISTS waited_for")
        assert waiting.is_alive()
    waiting.join(60)
    assert said == ["Another process is updating the database: waiting …", "done"]


def _upgrade_in_a_thread(said):
    try:
        upgrade.upgrade(say=said.append)
        said.append("done")
    finally:
        connections.close_all()


def _require_unchanged():
    corpus = Corpus.objects.get(slug="sample")
    assert Article.objects.filter(corpus=corpus).count() == 14
    assert (
        Decision.objects.filter(corpus=corpus).values("user").distinct().count() == 2 and Comment.objects.count() == 1
    )
    assert Review.objects.filter(stage=Stage.DONE).count() == 1 and Change.objects.count() > 30
    for article in Article.objects.all():
        assert replayed(article) == decided(article)
    assert check_release(Release.objects.get()).state == "whole"
    export, model = Export.objects.get(), TrainedModel.objects.get()
    assert store.file_in(export.folder, export.name).stat().st_size == export.size
    assert weights.package_file(model.digest) and readers.reader_of(corpus.pk).base.name == "spacy en_tiny"
    root, browser = Rest(User.objects.get(username="root")), Client()
    browser.force_login(User.objects.get(username="anna"))
    article = Article.objects.filter(corpus=corpus).earliest("pk")
    assert browser.get(f"/corpora/sample/articles/{article.pk}/").status_code == 200
    span = root.get("spans/", corpus="sample", state="rejected").json()["results"][0]
    done = root.patch(f"spans/{span['id']}/", {"state": "confirmed"}, if_match=f'"{span["revision"]}"')
    assert done.status_code == 200 and done.json()["state"] == "confirmed"
    assert root.get("changes/", corpus="sample").json()["results"]
