"""What all tests share."""

import os

import pytest

from tests import database

# Before the settings are read, by this line and by every process that a test starts.
_RUN = database.start()
os.environ["DJANGO_SETTINGS_MODULE"] = "corpusapp.settings"

from django.conf import settings  # noqa: E402

assert settings.HOME
# A password's real hash takes a third of a second on purpose; the tests make many people.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def _jobs_go_with_their_test(request: pytest.FixtureRequest):
    """The queue's tables are no models of ours, so the flush after a test with real transactions passes them over."""
    marker = request.node.get_closest_marker("django_db")
    if not ((marker and marker.kwargs.get("transaction")) or "transactional_db" in request.fixturenames):
        yield
        return
    request.getfixturevalue("transactional_db")
    yield
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE procrastinate_jobs, procrastinate_workers CASCADE")


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
