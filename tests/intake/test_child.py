"""Child processes: limits of time and memory, crashes, and the next call."""

import io
import json
import os
import re
import threading
import time

import pytest

from corpusapp.intake import child
from corpusapp.intake.child import Stopped, call, stream
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers import Reading, read_stream
from corpusapp.intake.readers.pages import Article
from tests.intake.forms import LONG, PAGE, zipped

pytestmark = pytest.mark.processes

PLENTY = {"seconds": 20, "memory": 2_000_000_000}
held = []
# Takes very long; Python handles no signals within it.
ENDLESS = ("(a+)+b", "a" * 60)


def double(number):
    return 2 * number


def refuse(reason):
    raise Unfit(reason, "text")


def fill(size):
    return len(bytearray(size))


def hold(size):
    held.append(b"x" * size)


def crash():
    os.abort()


def unsendable():
    return threading.Lock()


def pid():
    return os.getpid()


def test_a_child_answers_and_is_reused():
    first = call(pid, **PLENTY)
    assert first != os.getpid()
    assert call(double, 21, **PLENTY) == 42
    assert call(pid, **PLENTY) == first


def test_a_child_of_a_large_process_is_reused_too():
    large = bytearray(b"x" * (child._MAX_REUSE_BYTES + 100_000_000))
    child._reset_after_fork()
    first = call(pid, **PLENTY)
    del large
    assert call(pid, **PLENTY) == first


def test_a_child_with_too_much_memory_is_not_reused():
    first = call(pid, **PLENTY)
    call(hold, child._MAX_REUSE_BYTES, **PLENTY)
    assert call(pid, **PLENTY) != first


def test_errors_of_the_function_are_raised():
    with pytest.raises(Unfit) as found:
        call(refuse, "too long", **PLENTY)
    assert (found.value.reason, found.value.field) == ("too long", "text")
    with pytest.raises(RuntimeError, match="cannot be sent"):
        call(unsendable, **PLENTY)


@pytest.mark.parametrize(
    ("function", "values", "limits", "reason"),
    [
        (re.fullmatch, ENDLESS, {"seconds": 0.2, "memory": 2_000_000_000}, "took more than"),
        (fill, (900_000_000,), {"seconds": 20, "memory": 500_000_000}, "needs more than 500000000 bytes"),
        (crash, (), PLENTY, "broke the program"),
    ],
)
def test_a_call_that_does_not_end_is_stopped(function, values, limits, reason):
    with pytest.raises(Stopped, match=reason):
        call(function, *values, **limits)
    assert call(double, 4, **PLENTY) == 8


def test_a_sleeping_call_is_ended_by_wall_clock_time(monkeypatch):
    monkeypatch.setattr(child, "_EXTRA_SECONDS", 0.1)
    with pytest.raises(Stopped, match="took more than"):
        call(time.sleep, 60, seconds=0.1, memory=PLENTY["memory"])
    assert call(double, 4, **PLENTY) == 8


def test_a_child_that_ended_while_idle_is_replaced():
    first = call(pid, **PLENTY)
    os.kill(first, 15)
    with pytest.raises(Stopped):
        call(double, 4, **PLENTY)
    assert call(double, 4, **PLENTY) == 8


def test_each_thread_has_its_own_child():
    found = []
    threads = [threading.Thread(target=lambda: found.append(call(pid, **PLENTY))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4 and all(isinstance(one, int) for one in found)


def count_down(first):
    yield from range(first, 0, -1)
    raise Unfit("no number is left", "text")


def then_stick(*numbers):
    yield from numbers
    yield re.fullmatch(*ENDLESS)


def wait_often(count, seconds):
    for _ in range(count):
        end = time.process_time() + seconds
        while time.process_time() < end:
            pass
        yield pid()


def test_items_are_yielded_one_by_one_and_the_child_is_reused():
    first = call(pid, **PLENTY)
    assert set(stream(wait_often, 3, 0, **PLENTY)) == {first}
    assert call(pid, **PLENTY) == first


def test_errors_of_a_generator_are_raised_after_its_items():
    found = stream(count_down, 2, **PLENTY)
    assert [next(found), next(found)] == [2, 1]
    with pytest.raises(Unfit, match="no number is left"):
        next(found)
    assert call(double, 4, **PLENTY) == 8


def test_the_time_limit_is_per_item():
    assert len(list(stream(wait_often, 4, 0.3, seconds=0.6, memory=PLENTY["memory"]))) == 4
    found = stream(then_stick, 1, 2, seconds=0.2, memory=PLENTY["memory"])
    assert [next(found), next(found)] == [1, 2]
    with pytest.raises(Stopped, match="took more than"):
        next(found)
    assert call(double, 4, **PLENTY) == 8


def test_time_of_the_consumer_is_not_counted():
    found = stream(wait_often, 200, 0.002, seconds=0.5, memory=PLENTY["memory"])
    next(found)
    time.sleep(1.2)
    assert len(list(found)) == 199


def test_a_child_whose_items_are_not_consumed_is_ended():
    first = call(pid, **PLENTY)
    found = stream(count_down, 10**9, **PLENTY)
    assert next(found) == 10**9
    found.close()
    assert call(pid, **PLENTY) != first


class Sticking(Reading):
    """A reading that hangs on pages with the word HANG."""

    def within_child(self):
        self._extract = lambda data, url: re.fullmatch(*ENDLESS) if b"HANG" in data else Article(LONG)
        return self


def items(data, name):
    return list(read_stream(io.BytesIO(data), name, Sticking(Limits(seconds=3))))


MAIL = b"From: a@example.org\nSubject: Floods\nContent-Type: text/html\n\n"
STICKS = PAGE.replace("Floods feared", "HANG").encode()


def test_only_a_page_that_hangs_fails():
    """In an archive, as a mail, as a column of lines: the items before and after it are imported."""
    packed = zipped({"a.html": PAGE.encode(), "b.html": STICKS, "c.eml": MAIL + STICKS, "d.txt": LONG.encode()})
    lines = [json.dumps({"html": page.decode()}) for page in (STICKS, PAGE.encode())]
    found = items(packed, "a.zip") + items("\n".join(lines).encode(), "a.jsonl")
    assert [type(item) for item in found] == [Draft, Failure, Failure, Draft, Failure, Draft]
    assert [(item.item, item.line) for item in found if isinstance(item, Failure)] == [
        ("a.zip/b.html", None), ("a.zip/c.eml", None), ("a.jsonl", 1),
    ]  # fmt: skip
    assert all("took more than" in item.reason for item in found if isinstance(item, Failure))
    assert found[0].raw == PAGE.encode() and found[5].text == found[0].text


@pytest.mark.parametrize("form", ['a{}="x"', "a{}", "a{}='>'"])
def test_a_page_of_300000_attributes_is_refused_before_it_is_parsed(form):
    attributes = " ".join(form.format(number) for number in range(300_000))
    page = PAGE.replace("<article>", f"<article {attributes}>").encode()
    entry = f"<item><description><![CDATA[<p {attributes}>{LONG}</p>]]></description></item>"
    feed = f"<rss><channel>{entry}</channel></rss>".encode()
    line = json.dumps({"html": page.decode()}).encode()
    for data, name in ((page, "a.html"), (line, "a.jsonl"), (feed, "a.xml")):
        (failure,) = list(read_stream(io.BytesIO(data), name, Reading()))
        assert "more than 2000 attributes" in failure.reason
    sound = PAGE.replace("<article>", f"<article {' '.join(form.format(number) for number in range(1900))}>").encode()
    assert isinstance(next(read_stream(io.BytesIO(sound), "a.html", Reading())), Draft)


def test_scripts_and_comments_have_no_attributes():
    noise = "if (a<b && c == 'it) " * 3000
    page = PAGE.replace("<nav>", f"<!-- <p {noise} --><script>{noise}</script><nav>").encode()
    assert isinstance(next(read_stream(io.BytesIO(page), "a.html", Reading())), Draft)


def test_texts_have_a_limit_of_lines():
    (failure,) = list(read_stream(io.BytesIO(b"a\n" * 1_000_002), "a.txt", Reading()))
    assert "1000002 lines" in failure.reason
