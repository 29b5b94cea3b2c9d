import pytest


@pytest.fixture
def cast(db, settings):
    """Two corpora with all that can stand in one, and one person of every standing."""
    # The cast has many passwords, and none of them is tried.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # This file is read before Django is set up.
    from tests.admin.people import make_cast

    return make_cast()
