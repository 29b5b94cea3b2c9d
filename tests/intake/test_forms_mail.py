"""Mails: text or HTML, all parts, flowed lines, forwarded mails, charsets, mailboxes."""

import base64
from datetime import date
from email.message import EmailMessage

import pytest

from corpusapp.intake.limits import Limits
from corpusapp.intake.readers import Reading
from tests.intake.forms import LONG, PAGE, drafts, only_failure, read


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
    assert (draft.external_id, draft.encoding, draft.form) == ("1@example.org", "cp1252", "eml")
    assert draft.raw == message.as_bytes()
    assert "1 attachments are ignored" in draft.notes


def test_html_without_text_goes_through_the_extractor():
    (draft,) = read(mail(html=PAGE).as_bytes(), "a.eml")
    assert "embankment" in draft.text and "<p>" not in draft.text
    assert draft.form == "eml"


def test_a_wrong_charset():
    data = b"MIME-Version: 1.0\nSubject: x\nContent-Type: text/plain; charset=utf-8\n\n"
    (draft,) = read(data + ("La côte évacuée après la tempête. " * 3).encode("cp1252"), "a.eml")
    assert "côte évacuée" in draft.text
    assert "declares utf-8 but has another encoding" in draft.notes[0] and "detected: cp1252" in draft.notes[1]
    (draft,) = read(b"Subject: x\nContent-Type: text/plain; charset=nonsense\n\nText", "a.eml")
    assert draft.text == "Text"


def test_headers_in_bytes_past_ascii():
    data = "From: Jörg Weiß <a@example.org>\nSubject: Größere Brücke für Köln\n\nText".encode("cp1252")
    (draft,) = read(data, "a.eml")
    assert (draft.title, draft.metadata["author"]) == ("Größere Brücke für Köln", "Jörg Weiß")
    (draft,) = read(data.decode("cp1252").encode(), "a.eml")
    assert draft.title == "Größere Brücke für Köln"


@pytest.mark.parametrize(
    "plain",
    ["\n", "This mail is in HTML. See it at https://example.org/" + "x" * 900, "Your program cannot show HTML.\n"],
)
def test_html_is_used_if_the_plain_part_says_little(plain):
    (draft,) = read(mail(plain, PAGE).as_bytes(), "a.eml")
    assert draft.text.startswith("The river authority") and "Home" not in draft.text


def test_the_plain_part_is_used_if_it_is_complete():
    (draft,) = read(mail(f"As it was typed. {LONG}", f"<p>As it was typed. {LONG}</p>").as_bytes(), "a.eml")
    assert draft.text.startswith("As it was typed. The river") and draft.text.endswith("\n")


def test_html_too_short_for_a_page():
    (draft,) = read(mail(html="<div>Zarif left.</div><div>Muallem stayed.</div>").as_bytes(), "a.eml")
    assert draft.text == "Zarif left.\n\nMuallem stayed."


def test_a_typed_mail_in_html_is_all_text():
    typed = "<p>Lena Moor met J&ouml;rg in Basel.</p><p>They spoke of the harbour, of ships and of the bridge.</p>"
    typed += "<ul><li>first point</li></ul><p>Regards<br>Max</p>"
    (draft,) = read(mail(html=typed).as_bytes(), "a.eml")
    assert draft.text.split("\n\n") == [
        "Lena Moor met Jörg in Basel.", "They spoke of the harbour, of ships and of the bridge.", "first point",
        "Regards\nMax",
    ]  # fmt: skip
    saved = mail(html=typed + "<p>Imprint</p>")
    saved["Content-Location"] = "https://example.org/a"
    assert "Imprint" not in read(saved.as_bytes(), "a.mht")[0].text
    (draft,) = read(mail(html=f"<ul>{'<li><a href=/x>Other news</a></li>' * 300}</ul>{PAGE}").as_bytes(), "a.eml")
    assert "Other news" not in draft.text and "were read as its main text" in draft.notes[-1]


def parts(*described, kind="mixed"):
    """A mail of (headers, body) parts."""
    body = "".join(f"--b1\n{headers}\n\n{text}\n" for headers, text in described)
    return (
        f'Subject: Parts\nMIME-Version: 1.0\nContent-Type: multipart/{kind}; boundary="b1"\n\n{body}--b1--\n'.encode()
    )


PLAIN, IMAGE = "Content-Type: text/plain; charset=utf-8", "Content-Type: image/png\nContent-Disposition: inline"
NOTES = 'Content-Type: text/plain\nContent-Disposition: attachment; filename="notes.txt"'


def test_all_texts_around_an_image_are_read_and_attached_ones_counted():
    page = ("Content-Type: text/html", "<p>Third.</p>")
    (draft,) = read(parts((PLAIN, "First."), (IMAGE, "x"), (PLAIN, "Second."), page, (NOTES, "Not this.")), "a.eml")
    assert draft.text == "First.\n\nSecond.\n\nThird."
    assert "2 attachments are ignored" in draft.notes


def test_a_signature_is_not_an_attachment():
    (draft,) = read(parts((PLAIN, "Signed."), ("Content-Type: application/pgp-signature", "x"), kind="signed"), "a.eml")
    assert (draft.text, draft.notes) == ("Signed.", ())
    assert "encrypted" in only_failure(parts((PLAIN, "x"), kind="encrypted"), "a.eml").reason


FLOWED = "Content-Type: text/plain; charset=utf-8; format=flowed"


@pytest.mark.parametrize(
    ("headers", "lines", "text"),
    [
        (FLOWED, ["The ", "harbour ", "stays open.", "", "Next."], "The harbour stays open.\n\nNext."),
        (FLOWED, [" From here ", "to there.", "  indented"], "From here to there.\n indented"),
        (FLOWED, ["Own ", "> quoted ", "> words", ">> deeper"], "Own\n> quoted words\n> > deeper"),
        (FLOWED, ["Bye. ", "-- ", "The desk ", "of Porto"], "Bye.\n-- \nThe desk of Porto"),
        (f"{FLOWED}; delsp=yes", ["新しい ", "橋を開通させる。"], "新しい橋を開通させる。"),
        (f"{FLOWED}; DelSp=Yes", ["two  ", "words"], "two words"),
        (PLAIN, ["not ", "flowed"], "not \nflowed"),
    ],
)
def test_flowed_lines_are_joined_to_paragraphs(headers, lines, text):
    (draft,) = read(f"Subject: x\nMIME-Version: 1.0\n{headers}\n\n".encode() + "\n".join(lines).encode(), "a.eml")
    assert draft.text.removesuffix("\n") == text


DAY = "Mon, 05 Feb 2024 10:00:00 +0100"
INNER = f"From: Mira Holm <mira@example.org>\nDate: {DAY}\nSubject: Harbour\n\nThe harbour stays open."


def test_a_forwarded_mail_alone_is_the_article():
    (draft,) = read(parts((PLAIN, ""), ("Content-Type: message/rfc822", INNER)), "a.eml")
    assert (draft.text.strip(), draft.title, draft.published_on) == (
        "The harbour stays open.",
        "Harbour",
        date(2024, 2, 5),
    )
    assert draft.metadata["author"] == "Mira Holm"


def test_a_forwarded_mail_follows_the_text():
    (draft,) = read(parts((PLAIN, "For the desk."), ("Content-Type: message/rfc822", INNER)), "a.eml")
    assert draft.text == (f"For the desk.\n\nFrom: Mira Holm\nDate: {DAY}\nSubject: Harbour\n\nThe harbour stays open.")
    assert draft.title == "Parts"


@pytest.mark.parametrize(
    ("begin", "names"),
    [
        ("---------- Forwarded message ---------", ("From", "Date", "Subject", "To")),
        ("Begin forwarded message:\n", ("> From", "> Date", "> Subject", "> To")),
        ("-------- Weitergeleitete Nachricht --------", ("Von", "Datum", "Betreff", "An")),
        ("-----Original Message-----", ("From", "Sent", "Subject", "To")),
    ],
)
def test_a_mail_forwarded_within_the_text_is_the_article(begin, names):
    values = ("Mira Holm <mira@example.org>", "Mon, 5 Feb 2024 10:00:00 +0100", "Harbour", "desk@example.org")
    head = "\n".join(f"{name}: {value}" for name, value in zip(names, values, strict=True))
    (draft,) = read(mail(f"{begin}\n{head}\n\nThe harbour stays open.\n", subject="Fwd: Harbour").as_bytes(), "a.eml")
    assert (draft.text, draft.title, draft.published_on) == ("The harbour stays open.\n", "Harbour", date(2024, 2, 5))
    assert (draft.metadata["author"], draft.metadata["forwarded_by"]) == ("Mira Holm", "A. Writer")
    (draft,) = read(mail(f"See below.\n\n{begin}\n{head}\n\nThe harbour stays open.\n").as_bytes(), "a.eml")
    assert draft.text.startswith("See below.") and "Mira Holm" in draft.text and draft.title == "Flüsse & Brücken"


def test_a_mailbox_is_its_mails():
    first = mail(f">From here on. {LONG}", subject="One").as_bytes()
    second = mail(f"Two\n\nFrom the river. {LONG}", subject="Two").as_bytes()
    large, empty = mail("x" * 20_000).as_bytes(), b"Subject: Four\n\n"
    begin = b"From writer@example.org Mon Feb  5 10:00:00 2024\n"
    data = b"".join(begin + message + b"\n\n" for message in (first, second, large, empty))
    for name in ("a.mbox", "inbox", "a.eml"):
        items = read(data, name, limits=Limits(mail_bytes=10_000))
        assert [item.title for item in drafts(items)] == ["One", "Two"]
        assert drafts(items)[0].text.startswith("From here on. The river")
        assert drafts(items)[1].text.startswith("Two\n\nFrom the river.")
        assert [item.item for item in items] == [f"{name}#{number}" for number in (1, 2, 3, 4)]
        assert ["more than 10000 bytes" in items[2].reason, items[3].reason] == [True, "the text is empty"]
    # The original of each is a separate mail.
    again = Reading().reread(drafts(items)[1].raw, drafts(items)[1].form)
    assert again.text == drafts(items)[1].text


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


@pytest.mark.parametrize(
    ("label", "data", "text"),
    [
        ("windows-874", "ทดสอบ".encode("cp874"), "ทดสอบ"),
        ("iso-8859-8-i", "שלום רב".encode("iso8859-8"), "שלום רב"),
        ("x-sjis", "東京①".encode("cp932"), "東京①"),
        ("ks_c_5601-1987", "똠방".encode("cp949"), "똠방"),
        ("windows-949", "똠방".encode("cp949"), "똠방"),
        ("x-mac-roman", "Ängström".encode("mac_roman"), "Ängström"),
        ("X-CP1251", "Анна".encode("cp1251"), "Анна"),
        ("big5", "家裏恒春‧".encode("cp950"), "家裏恒春‧"),
        ("big5", "你哋嘅".encode("big5hkscs"), "你哋嘅"),
        ("iso-2022-jp", b"\x1b$BEl5~\x2d\x21\x1b(B a \x1b(I1\x1b(J.", "東京① a ｱ."),
        ("iso-2022-jp", "東京〜".encode("iso2022_jp"), "東京〜"),
    ],
)
def test_labels_of_browsers_and_what_windows_added_to_an_encoding(label, data, text):
    head = f"Subject: x\nMIME-Version: 1.0\nContent-Type: text/plain; charset={label}\n\n"
    (draft,) = read(head.encode() + data, "a.eml")
    assert draft.text == text and not [note for note in draft.notes if "declares" in note or "detected" in note]


def test_invalid_escapes_of_iso_2022_jp_are_noted():
    (draft,) = read(b"Subject: x\nContent-Type: text/plain; charset=iso-2022-jp\n\nA \x1b$Bx\x1b(B b", "a.eml")
    assert "declares iso-2022-jp but has another encoding" in draft.notes[0]


def encoded(text, charset, codec):
    return f"=?{charset}?B?{base64.b64encode(text.encode(codec)).decode()}?="


@pytest.mark.parametrize(
    ("header", "text"),
    [
        (encoded("朱镕基抵達", "gb2312", "gb18030"), "朱镕基抵達"),
        (encoded("“Zitat” – 5 €", "iso-8859-1", "cp1252"), "“Zitat” – 5 €"),
        (encoded("שלום", "iso-8859-8-i", "iso8859-8"), "שלום"),
        (encoded("裏恒", "big5", "cp950"), "裏恒"),
        ("=?iso-2022-jp?B?GyRCRWw1fi0hGyhC?=", "東京①"),
        ("=?utf-8*en?Q?K=C3=B6ln?= am =?UTF-8?q?Rhein=2C_?=\n =?utf-8?q?_oben?=", "Köln am Rhein, oben"),
        ("=?utf-8?B?5LqU?= =?utf-8?B?5Lo=?=\n =?utf-8?B?lA==?=", "五五"),
        (encoded("Köln im März", "utf-8", "cp1252"), "Köln im März"),
        ("=?x-none?Q?Stra=DFe_in_M=FCnchen?=", "Straße in München"),
        ("=?utf-8?B?A?= plain", "=?utf-8?B?A?= plain"),
        ("Plain words (=) and =?", "Plain words (=) and =?"),
    ],
)
def test_encoded_words_of_a_header(header, text):
    data = f"Subject: {header}\nFrom: {header} <a@example.org>\nDate: Mon, 4 Mar 2024 10:00:00 +0100\n\nText\n"
    (draft,) = read(data.encode(), "a.eml")
    assert draft.title == text
    assert text.startswith(("=?", "Plain")) or draft.metadata["author"] == text
    (draft,) = read(f'From: "{header}" <a@example.org>, b@example.org\n\nText\n'.encode(), "a.eml")
    assert text.startswith(("=?", "Plain")) or draft.metadata["author"] == text
