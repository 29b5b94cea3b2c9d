"""Requests to URLs of users have one deadline, and go to public addresses only."""

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
    """The port of a server that answers each connection with these pieces, and then with `forever` repeatedly."""
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
def test_a_slow_response_is_cut_off_at_the_deadline(pieces, forever):
    """In any part of the response, even though each byte comes before a socket timeout."""
    with answering(*pieces, forever=forever, pause=0.02) as port, pytest.raises(TooSlow):
        exchange("POST", f"http://127.0.0.1:{port}/", body=b"{}", most=1_000_000, **QUICK)


def test_an_endless_tls_handshake_is_cut_off():
    with answering(forever=b"\x16\x03\x01", pause=0.02) as port, pytest.raises(OSError):
        exchange("GET", f"https://127.0.0.1:{port}/", **QUICK)


def test_a_slow_name_resolution_is_cut_off(monkeypatch):
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: time.sleep(30))
    with pytest.raises(TooSlow):
        exchange("GET", "http://slow.example/", **QUICK)


def test_a_response_and_its_limit():
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


def test_a_host_is_resolved_once_and_the_checked_address_is_connected_to(monkeypatch):
    """A name may resolve to a public address first, and to a private one later (DNS rebinding)."""
    found = iter([["93.184.215.14"], ["127.0.0.1"], ["93.184.215.14", "10.0.0.1"]])
    monkeypatch.setattr(outbound, "_addresses", lambda host, port: next(found))
    connected: list[tuple[str, int]] = []

    def connect(address, timeout):
        connected.append(address)
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(socket, "create_connection", connect)
    for error in (ConnectionRefusedError, NotAllowed, NotAllowed):
        with pytest.raises(error):
            exchange("GET", "http://rebinding.example/", headers={}, seconds=20)
    assert connected == [("93.184.215.14", 80)]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1",
     "::", "::1", "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::10.0.0.1", "::127.0.0.1",
     "64:ff9b::10.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::8.8.8.8", "2002:0a00:0001::", "2002:7f00:1::1", "2001:db8::1",
     "2001:0:53aa:64c:0:fbff:f5ff:fffe"],
)  # fmt: skip
def test_private_addresses(address):
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::1"]
)
def test_public_addresses(address):
    assert is_public(address)
