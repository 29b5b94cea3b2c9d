"""The database backend sees without asking whether a connection is alive."""

import pytest
from django.db import OperationalError, ProgrammingError, connection, connections, transaction

pytestmark = pytest.mark.django_db(transaction=True)


def begin_request():
    """What Django does before the first query of a request on a connection that it kept."""
    connection.health_check_enabled, connection.health_check_done = True, False


def end_from_outside(pid):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    finally:
        other.close()


def backend():
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def last_statement_of(pid):
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute("SELECT query FROM pg_stat_activity WHERE pid = %s", [pid])
            return cursor.fetchone()[0]
    finally:
        other.close()


def test_a_living_connection_is_not_asked():
    first = backend()
    begin_request()
    connection.close_if_health_check_failed()
    assert connection.health_check_done and connection.is_usable()
    assert "pg_backend_pid" in last_statement_of(first)
    assert backend() == first


def test_a_connection_that_the_server_ended_is_replaced():
    first = backend()
    end_from_outside(first)
    assert not connection.is_usable()
    begin_request()
    assert backend() != first


def test_a_notice_that_came_unasked_does_not_end_a_connection():
    first = backend()
    with connection.cursor() as cursor:
        cursor.execute("LISTEN told")
    other = connections.create_connection("default")
    with other.cursor() as cursor:
        cursor.execute("NOTIFY told")
    other.close()
    assert connection.is_usable()
    begin_request()
    assert backend() == first


def test_a_connection_that_was_closed_is_not_usable():
    backend()
    connection.connection.close()
    assert not connection.is_usable()
    connection.close()
    assert not connection.is_usable()
    assert backend()


def test_a_query_in_a_transaction_that_the_server_ended_fails():
    first = backend()
    end_from_outside(first)
    with pytest.raises(OperationalError):
        backend()
    connection.close()


def test_a_connection_in_a_failed_transaction_is_not_usable():
    with pytest.raises(ProgrammingError), transaction.atomic():
        assert connection.is_usable()
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT * FROM no_such_table")
        finally:
            assert not connection.is_usable()
    assert connection.is_usable()
