"""The progress of long commands."""

import io

from django.core.management.base import OutputWrapper

from corpusapp.core.progress import ByteCount, ProgressLine


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_without_a_terminal_each_call_writes_a_line():
    out, clock = io.StringIO(), iter([0.0, 2.0, 4.0])
    line = ProgressLine(OutputWrapper(out), "items", total=1000, clock=lambda: next(clock))
    line.say("200 added", items=200, done=500)
    line.say("400 added", items=400, done=1200)
    line.close()
    assert out.getvalue() == "50%, 200 added, 100 items/s\n100%, 400 added, 100 items/s\n"


def test_on_a_terminal_one_line_is_redrawn():
    out, clock = Terminal(), iter([0.0, 1.0])
    line = ProgressLine(OutputWrapper(out), "items", total=4, clock=lambda: next(clock))
    line.say("2 added", items=2, done=1)
    line.close()
    line.close()
    assert out.getvalue() == "\r[#####---------------] 25%  2 added  2 items/s\x1b[K\n"


def test_without_a_total_there_is_no_percentage():
    out, clock = Terminal(), iter([0.0, 1.0])
    ProgressLine(OutputWrapper(out), "items", clock=lambda: next(clock)).say("2 added", items=2)
    assert out.getvalue() == "\r2 added  2 items/s\x1b[K"


def test_bytes_are_counted_however_they_are_read(tmp_path):
    (tmp_path / "a").write_bytes(b"x" * 100_000)
    count = ByteCount()
    with count.open(tmp_path / "a") as file:
        assert len(file.read(10)) == 10
        assert len(file.read()) == 99_990
    assert count.bytes == 100_000
