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


def pytest_unconfigure(config: pytest.Config) -> None:
    if _RUN is not None:
        _RUN.end()
