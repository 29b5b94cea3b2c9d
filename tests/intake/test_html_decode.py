"""The encoding of a page: byte-order mark, declaration, and wrong declarations."""

import pytest

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html import extract
from corpusapp.intake.html.decode import decode

GERMAN = "Der Hafenrat von Süderhöft beschloß am Montag, den alten Fähranleger für größere Schiffe zu öffnen. "
RUSSIAN = "Городской совет решил расширить старый причал до лета, сообщила в понедельник газета порта. "


def declaring(encoding, text=GERMAN):
    return f'<html><head><meta charset="{encoding}"></head><body><p>{text * 5}</p></body></html>'


HTTP_EQUIV = f"<meta http-equiv='Content-Type' content='text/html; charset=KOI8-R'><p>{RUSSIAN}</p>"


@pytest.mark.parametrize(
    ("page", "encoding", "source"),
    [
        (declaring("utf-8").encode(), "utf-8", "declared"),
        (declaring("iso-8859-1").encode("cp1252"), "cp1252", "declared"),
        (declaring("windows-1251", RUSSIAN).encode("cp1251"), "cp1251", "declared"),
        (declaring("windows-1251", "Plain. ").encode(), "cp1251", "declared"),
        (HTTP_EQUIV.encode("koi8-r"), "koi8-r", "declared"),
        ("\ufeff".encode() + declaring("iso-8859-1").encode(), "utf-8", "mark"),
        ("\ufeff".encode("utf-16-le") + declaring("utf-8").encode("utf-16-le"), "utf-16-le", "mark"),
        (f"<p>{GERMAN}</p>".encode(), "utf-8", "valid UTF-8"),
    ],
)
def test_found(page, encoding, source):
    decoded = decode(page)
    assert (decoded.encoding, decoded.source) == (encoding, source)
    assert "\ufffd" not in decoded.text
    assert decoded.notes == ()


def test_utf_8_declared_as_latin_1_is_read_as_utf_8_and_noted():
    found = extract(declaring("iso-8859-1").encode())
    assert "Süderhöft beschloß" in found.text
    assert found.encoding == "utf-8"
    assert "declares cp1252" in found.notes[0]


def test_the_encoding_of_a_page_wrongly_declared_as_utf_8_is_detected():
    decoded = decode(declaring("utf-8", RUSSIAN * 3).encode("cp1251"))
    assert decoded.source == "guessed"
    assert "Городской совет решил" in decoded.text
    declared, detected = decoded.notes
    assert declared == "the page declares utf-8 but has another encoding"
    assert "the encoding was detected: cp1251" in detected


def test_one_invalid_byte_does_not_change_the_encoding():
    decoded = decode(declaring("utf-8").encode() + b"\xff")
    assert decoded.encoding == "utf-8"
    assert decoded.text.endswith("\ufffd")
    assert decoded.notes == ("bytes that are not valid utf-8 are replaced by U+FFFD",)


@pytest.mark.parametrize("name", ["klingon-1", "hex", "utf-99", "x" * 300])
def test_an_unknown_encoding_is_noted(name):
    decoded = decode(declaring(name).encode())
    assert decoded.encoding == "utf-8"
    assert "which is unknown" in decoded.notes[0]


def test_text_has_no_encoding():
    assert extract(declaring("iso-8859-1")).encoding == ""


def test_binary_is_refused():
    with pytest.raises(Unfit, match="encoding of the page was not detected"):
        decode(b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 50)


def test_undefined_bytes_of_a_windows_code_page_are_noted():
    decoded = decode(declaring("iso-8859-1").encode("cp1252").replace(b"Montag", b"Mon\x81tag", 1))
    assert "Mon\ufffdtag" in decoded.text and decoded.notes == (
        "1 bytes that are not valid cp1252 are replaced by U+FFFD",
    )
    assert decode(declaring("iso-8859-8-i", "שלום ").encode("iso8859-8")).text.count("שלום") == 5
