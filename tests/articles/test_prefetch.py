"""Reading ahead in a thread: the order, an error at its place, and an end in the middle."""

import threading

import pytest

from corpusapp.articles.actions.completing import ReadAhead


def test_all_items_come_in_their_order():
    with ReadAhead(iter(range(100))) as ahead:
        assert list(ahead) == list(range(100))


def test_an_error_is_raised_behind_the_items_before_it():
    def items():
        yield 1
        yield 2
        raise ValueError("the file broke off")

    seen = []
    with pytest.raises(ValueError, match="broke off"), ReadAhead(items()) as ahead:
        for item in ahead:
            seen.append(item)
    assert seen == [1, 2]


def test_leaving_in_the_middle_stops_the_reading():
    read = []

    def items():
        for number in range(10_000):
            read.append(number)
            yield number

    with ReadAhead(items()) as ahead:
        assert next(iter(ahead)) == 0
    assert len(read) < 10
    assert not any(thread.name == "read ahead" for thread in threading.enumerate())
