"""The cast of the API's tests, which the feed's share."""

from tests.api.conftest import article, corpus, editor, manager, quick_passwords, reader, stranger

__all__ = ["article", "corpus", "editor", "manager", "quick_passwords", "reader", "stranger"]
