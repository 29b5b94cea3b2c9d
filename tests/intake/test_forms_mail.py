"""Mails: the text part before the HTML part, any charset; attachments are counted."""

from datetime import date
from email.message import EmailMessage

from corpusapp.intake.limits import Limits
from tests.intake.forms import LONG, PAGE, only_failure, read


def mail(text=None, html=None, **headers):
    message = EmailMessage()
    message["From"] = "A. Writer <desk@example.org>"
    message["Subject"] = headers.get("subject", "Flüsse & Brücken")
    message["Date"] = "Mon, 03 Sep 2018 23:30:00 +0200"
    message["Message-ID"] = "<1@example.org>"
    if text is not None:
        message.set_content(text, charset=headers.get("charset", "utf-8"))
    if html is not None:
        (message.add_alternative if text is not None else message.set_content)(html, subtype="html")
    return message


def test_a_mail():
    message = mail(f"Été. {LONG}", PAGE, charset="iso-8859-1")
    message.add_attachment(b"\x89PNG", maintype="image", subtype="png", filename="a.png")
    (draft,) = read(message.as_bytes(), "a.eml")
    assert draft.text.startswith("Été. The river")
    assert (draft.title, draft.published_on) == ("Flüsse & Brücken", date(2018, 9, 3))
    assert draft.metadata["author"] == "A. Writer"
    assert (draft.external_id, draft.encoding, draft.form) == ("1@example.org", "iso-8859-1", "eml")
    assert draft.raw == message.as_bytes()
    assert "1 attachments are not read" in draft.notes


def test_html_alone_goes_through_the_seam():
    (draft,) = read(mail(html=PAGE).as_bytes(), "a.eml")
    assert "embankment" in draft.text and "<p>" not in draft.text
    assert draft.form == "eml"


def test_a_charset_that_lies():
    data = b"MIME-Version: 1.0\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
    (draft,) = read(data + ("La côte évacuée après la tempête. " * 3).encode("cp1252"), "a.eml")
    assert "côte évacuée" in draft.text
    (draft,) = read(b"Subject: x\nContent-Type: text/plain; charset=nonsense\n\nText", "a.eml")
    assert draft.text == "Text"


def test_refused():
    message = mail()
    message.add_attachment(b"x", maintype="image", subtype="png")
    assert "only attachments" in only_failure(message.as_bytes(), "a.eml").reason
    assert "empty" in only_failure(mail("").as_bytes(), "a.eml").reason
    assert "more than 100 bytes" in only_failure(mail(LONG).as_bytes(), "a.eml", limits=Limits(mail_bytes=100)).reason


def test_parts_nested_deep():
    data = b"Subject: x\nMIME-Version: 1.0\n"
    for n in range(800):
        data += b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n)
    assert "parts within parts" in only_failure(data + b"\n\ntext", "a.eml").reason
