"""COPY stores rows, and raises Django's errors."""

import pytest
from django.db import DataError, IntegrityError, OperationalError, connection

from corpusapp.core.copying import copying
from tests.processes import end_this_connection


@pytest.fixture
def numbers(transactional_db):
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE copied (number integer PRIMARY KEY)")
    yield
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE copied")


def copied():
    with connection.cursor() as cursor:
        cursor.execute("SELECT array_agg(number ORDER BY number) FROM copied")
        return cursor.fetchone()[0]


def copy(*values):
    with copying("COPY copied FROM STDIN") as rows:
        for value in values:
            rows.write_row([value])


def test_rows_are_stored(numbers):
    copy(1, 2)
    assert copied() == [1, 2]


@pytest.mark.parametrize(("values", "error"), [((1, 1), IntegrityError), (("one",), DataError)])
def test_a_wrong_row_is_an_error_of_django(numbers, values, error):
    with pytest.raises(error):
        copy(*values)
    assert copied() is None


def test_a_lost_connection_is_an_error_of_django(numbers):
    with pytest.raises(OperationalError), copying("COPY copied FROM STDIN") as rows:
        rows.write_row([1])
        end_this_connection()
    connection.close()
    assert copied() is None
