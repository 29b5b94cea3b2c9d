"""The database backend starts the server, with UTF-8 in any locale."""

import pytest
from django.conf import settings
from django.db import connection

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif("EMBEDDED" not in settings.DATABASES["default"], reason="DATABASE_URL names another server"),
]


def _value(query: str) -> object:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return cursor.fetchone()[0]


def test_case_conversion_beyond_ascii():
    assert _value("SELECT lower('É')") == "é"


def test_full_text_search_splits_words_at_curly_quotes_and_dashes():
    assert _value("SELECT to_tsvector('simple', '“Köln” —Bonn—')") == "'bonn':2 'köln':1"


def test_the_encoding_is_utf8():
    assert _value("SHOW server_encoding") == "UTF8"


def test_the_server_listens_on_no_network_address():
    assert _value("SHOW listen_addresses") == ""


def test_the_application_role_is_not_a_superuser():
    assert _value("SELECT rolsuper FROM pg_roles WHERE rolname = current_user") is False


def test_the_server_is_version_18():
    assert connection.pg_version // 10000 == 18
