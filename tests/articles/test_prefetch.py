"""Prefetching in a thread: order, errors, leaving early."""

import threading

import pytest

from corpusapp.articles.actions.completing import Prefetch


def test_items_are_in_order():
    with Prefetch(iter(range(100))) as ahead:
        assert list(ahead) == list(range(100))


def test_an_error_is_raised_after_the_items_before_it():
    def items():
        yield 1
        yield 2
        raise ValueError("the file broke off")

    seen = []
    with pytest.raises(ValueError, match="broke off"), Prefetch(items()) as ahead:
        for item in ahead:
            seen.append(item)
    assert seen == [1, 2]


def test_leaving_early_stops_the_thread():
    read = []

    def items():
        for number in range(10_000):
            read.append(number)
            yield number

    with Prefetch(items()) as ahead:
        assert next(iter(ahead)) == 0
    assert len(read) < 10
    assert not any(thread.name == "read ahead" for thread in threading.enumerate())
