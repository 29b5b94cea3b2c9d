"""The cast of the API's tests, and one article whose words stand in all tables that can hold any."""

import pytest

from tests.api.conftest import corpus, editor, manager, quick_passwords, reader, stranger

__all__ = ["corpus", "editor", "manager", "quick_passwords", "reader", "stranger"]


@pytest.fixture
def story(corpus):
    """An article that was imported, failed, came in, was read, decided on, commented and logged."""
    from tests.erasing.world import make_told

    return make_told(corpus)
