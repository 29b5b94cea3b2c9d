"""One exchange with an address that somebody gave: bounded as a whole, and only with what is public."""

import contextlib
import socket
import threading
import time

import pytest

from corpusapp.core import outbound
from corpusapp.core.outbound import NotAllowed, TooLarge, TooSlow, exchange, is_public

QUICK = {"headers": {}, "seconds": 0.5, "private": True}


@contextlib.contextmanager
def answering(*pieces: bytes, pause: float = 0.0, forever: bytes = b""):
    """The port of a receiver that answers each connection with these pieces, then `forever` again and again."""
    server = socket.create_server(("127.0.0.1", 0))
    over = threading.Event()

    def answer(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            for piece in pieces:
                connection.sendall(piece)
            while forever and not over.wait(pause):
                connection.sendall(forever)

    def run() -> None:
        with contextlib.suppress(OSError):
            while True:
                threading.Thread(target=answer, args=[server.accept()[0]], daemon=True).start()

    threading.Thread(target=run, daemon=True).start()
    yield server.getsockname()[1]
    over.set()
    server.close()


@pytest.mark.parametrize(
    ("pieces", "forever"),
    [
        ([], b"H"),
        ([b"HTTP/1.1 200 OK\r\n"], b"X: y\r\n"),
        ([], b"HTTP/1.1 100 Continue\r\n\r\n"),
        ([b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n"], b" "),
        ([b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"], b"1\r\nx\r\n"),
    ],
)
def test_who_drips_is_cut_off_at_the_deadline(pieces, forever):
    """At any point of an answer, each byte of which comes long before a time-out of its own would pass."""
    with answering(*pieces, forever=forever, pause=0.02) as port, pytest.raises(TooSlow):
        exchange("POST", f"http://127.0.0.1:{port}/", body=b"{}", most=1_000_000, **QUICK)


def test_who_shakes_hands_without_end_is_cut_off():
    with answering(forever=b"\x16\x03\x01", pause=0.02) as port, pytest.raises(OSError):
        exchange("GET", f"https://127.0.0.1:{port}/", **QUICK)


def test_a_name_that_is_never_found_is_given_up(monkeypatch):
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: time.sleep(30))
    with pytest.raises(TooSlow):
        exchange("GET", "http://slow.example/", **QUICK)


def test_an_answer_and_what_is_too_much_of_it():
    whole = b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX-A: b\r\n\r\nhello"
    with answering(whole) as port:
        url = f"http://127.0.0.1:{port}/"
        reply = exchange("GET", url, most=5, headers={}, seconds=20, private=True)
        assert (reply.status, reply.headers["x-a"], reply.body) == (200, "b", b"hello")
        assert exchange("GET", url, headers={}, seconds=20, private=True).body == b""
        with pytest.raises(TooLarge):
            exchange("GET", url, most=4, headers={}, seconds=20, private=True)
        with pytest.raises(NotAllowed):
            exchange("GET", url, most=5, headers={}, seconds=20)


def test_what_was_looked_at_is_what_is_connected_to(monkeypatch):
    """A name that leads to a public address the first time, and within the second."""
    found = iter([["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]])
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: next(found))
    asked: list[tuple[str, int]] = []

    def connect(address, timeout):
        asked.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    for error in (ConnectionRefusedError, NotAllowed, NotAllowed):
        with pytest.raises(error):
            exchange("GET", "http://rebinding.example/", headers={}, seconds=20)
    assert asked == [("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1",
     "::", "::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "::127.0.0.1",
     "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "2002:0a00:0001::", "2002:7f00:1::1", "2001:db8::1",
     "2001:0:53aa:64c:0:fbff:f5ff:fffe"],
)  # fmt: skip
def test_addresses_within(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_addresses_in_the_world(address):
    assert is_public(address)
