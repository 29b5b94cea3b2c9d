"""Fixtures of the API tests."""

from tests.api.conftest import article, corpus, editor, manager, quick_passwords, reader, stranger

__all__ = ["article", "corpus", "editor", "manager", "quick_passwords", "reader", "stranger"]
