"""What all tests share."""

import gc
import os
from pathlib import Path

import pytest

from tests import database

# Before the settings are read, by this line and by every process that a test starts.
_RUN = database.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "corpusapp.settings"
# Where the services of the tests are.
os.environ["SERVICE_HOSTS"] = "127.0.0.1,localhost"

from django.conf import settings  # noqa: E402

database.separate_files()
database.copy_the_migrated_database()
# A password's real hash takes a third of a second on purpose; the tests make many people.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


# Folders of tests that start processes, nearly all of them.
_OF_PROCESSES = {"backup", "browser", "client", "desk", "docs", "embedded", "upgrade"}
# Files of few tests that take long: begun first, so that at the end no process waits for another.
_LONG = (
    "docs", "backup/test_newer_server", "client", "desk", "suggestions/test_training_process",
    "suggestions/test_worker", "browser/test_every_page", "browser", "embedded", "suggestions/test_services", "safety",
    "intake/test_child", "withdrawing", "upgrade", "suggesters/test_training", "suggesters/test_spacy_ner",
    "suggestions", "releases",
)  # fmt: skip


def pytest_itemcollected(item: pytest.Item) -> None:
    if item.path.relative_to(Path(__file__).parent).parts[0] in _OF_PROCESSES:
        item.add_marker("processes")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    tests = Path(__file__).parent

    def rank(item: pytest.Item) -> int:
        path = str(item.path.relative_to(tests))
        return next((number for number, name in enumerate(_LONG) if path.startswith(name)), len(_LONG))

    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """Let no garbage collection look again at what was imported and collected, which lives as long as the run."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def _quick_django():
    from django.test import TransactionTestCase

    from tests import static_files
    from tests.emptying import empty_tables

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: empty_tables())
        static_files.list_once(patch)
        yield


@pytest.fixture(scope="module")
def rows_of_the_module(django_db_setup, django_db_blocker):
    """A transaction around all tests of a module, for rows that are made once; each test takes back what it adds.

    Not for a module with tests that commit.
    """
    from django.db import transaction

    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN is not None:
        _RUN.end()
