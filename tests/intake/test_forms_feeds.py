"""RSS and Atom: each entry is an article; nothing is fetched; broken feeds are read as far as possible."""

from datetime import date

import pytest

from corpusapp.intake.files import read_file
from corpusapp.intake.markup import words_of
from tests.intake.forms import LONG, PAGE, Unseekable, drafts, failures, only_failure, read

RSS = f"""<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel><title>River Wire</title><language>en</language><link>https://example.org/</link>
<item><title>Floods &amp; fears</title><link>https://example.org/1?a=1&amp;b=2</link>
<guid isPermaLink="false">id-1</guid>
<pubDate>Mon, 03 Sep 2018 10:00:00 GMT</pubDate><dc:creator>A. Writer</dc:creator>
<description>Short</description>
<content:encoded><![CDATA[<p>{LONG}</p><p>It was <b>late</b>.</p>]]></content:encoded></item>
<item><title>Two</title><description>&lt;p&gt;Caf&amp;eacute; reopens.&lt;/p&gt;</description></item>
<item><title>Three</title><link>https://example.org/3</link></item>
<item><title>Four</title><description>Plain &amp;amp; simple, 3 &lt; 4</description></item>
</channel></rss>"""

ATOM = f"""<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="de"><title>Der Fluss</title>
<entry><title type="html">Eins &amp;amp; zwei</title><link rel="self" href="https://example.org/self"/>
<link href="https://example.org/1"/><id>urn:1</id><author><name>B. Writer</name></author>
<published>2018-09-03T23:30:00+02:00</published><updated>2019-01-01T00:00:00Z</updated>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml"><p>{LONG}</p></div></content></entry>
<entry><title>Zwei</title><summary>Kurz.</summary></entry></feed>"""


def test_rss():
    items = read(RSS.encode(), "a.rss")
    one, two, four = drafts(items)
    assert LONG.split(".")[0] in one.text and "It was late." in one.text and "<p>" not in one.text
    assert (one.title, one.url, one.external_id) == ("Floods & fears", "https://example.org/1?a=1&b=2", "id-1")
    assert (one.source, one.language, one.published_on) == ("River Wire", "en", date(2018, 9, 3))
    assert one.metadata["author"] == "A. Writer"
    assert one.form == "feed" and one.raw.startswith(b"<item")
    assert two.text == "Café reopens."
    assert four.text == "Plain & simple, 3 < 4"
    (failure,) = failures(items)
    assert "no text" in failure.reason and failure.line == 10


def test_atom():
    one, two = read(ATOM.encode(), "a.xml")
    assert "embankment" in one.text
    assert (one.title, one.url, one.external_id) == ("Eins & zwei", "https://example.org/1", "urn:1")
    assert (one.source, one.language, one.published_on) == ("Der Fluss", "de", date(2018, 9, 3))
    assert two.text == "Kurz."


def test_a_whole_page_in_an_entry_goes_through_the_extractor():
    feed = f"<rss><channel><item><description><![CDATA[{PAGE}]]></description></item></channel></rss>"
    (draft,) = read(feed.encode(), "a.rss")
    assert "embankment" in draft.text and "All rights reserved" not in draft.text


def test_other_encodings():
    feed = (
        '<?xml version="1.0" encoding="windows-1251"?><rss><channel><item><description>Новый мост</description></item>'
    )
    (draft,) = read((feed + "</channel></rss>").encode("cp1251"), "a.rss")
    assert (draft.text, draft.encoding) == ("Новый мост", "cp1251")
    (draft,) = read((feed.replace("windows-1251", "utf-16") + "</channel></rss>").encode("utf-16"), "a.rss")
    assert (draft.text, draft.encoding, draft.notes) == ("Новый мост", "utf-16-le", ())


@pytest.mark.parametrize(
    ("label", "codec", "note"),
    [
        ("utf-8", "cp1252", "it declares utf-8 but has another encoding"),
        ("", "cp1252", "the encoding was detected: cp1252"),
        ("iso-8859-15", "utf-8", "it is declared as iso-8859-15 and is valid UTF-8, as which it was read"),
        ("x-none", "cp1252", "it declares x-none but has another encoding"),
    ],
)
def test_a_wrong_declaration(label, codec, note):
    head = f'<?xml version="1.0" encoding="{label}"?>' if label else ""
    items = "".join(f"<item><description>{text}</description></item>" for text in ("Jörg grüßt Köln", "Für Zoë"))
    first, second = read(f"{head}<rss><channel>{items}</channel></rss>".encode(codec), "a.rss")
    assert (first.text, second.text, first.encoding) == ("Jörg grüßt Köln", "Für Zoë", codec)
    assert any(one.startswith(note) for one in first.notes) and not second.notes


BOMB = """<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa">{}]>
<rss><channel><item><title>x</title><description>&l9; text</description></item></channel></rss>"""
LAYERS = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10 if n else "a" * 10}">' for n in range(10))


@pytest.mark.parametrize(
    "declared",
    [
        LAYERS,
        '<!ENTITY l9 SYSTEM "file:///etc/passwd">',
        '<!ENTITY l9 SYSTEM "http://127.0.0.1:9/x">',
        '<!ENTITY % p SYSTEM "http://127.0.0.1:9/x"> %p;',
    ],
)
def test_declared_entities_are_refused(declared):
    assert "entities" in only_failure(BOMB.format(declared).encode(), "a.rss").reason


def test_nothing_is_fetched(monkeypatch):
    import socket

    def refuse(*args, **options):
        raise AssertionError("a network address was asked for")

    monkeypatch.setattr(socket, "socket", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    feed = (
        '<!DOCTYPE rss PUBLIC "-//x//DTD" "http://127.0.0.1:9/rss.dtd"><?xml-stylesheet href="http://127.0.0.1:9/x"?>'
        '<rss><channel><item><description>&lt;img src="http://127.0.0.1:9/a.png"&gt; One '
        "&lt;a href='http://127.0.0.1:9/'&gt;two&lt;/a&gt; words here</description>"
        '<enclosure url="http://127.0.0.1:9/"/></item></channel></rss>'
    )
    (draft,) = read(feed.encode(), "a.rss")
    assert draft.text == "One two words here"


def test_invalid_markup_of_a_feed_is_repaired():
    feed = "<rss><channel><item><title>A & B</title><description>One&nbsp;text</description></item><item>"
    items = read((feed + "<description>Two</description></item></channel></rss>").encode(), "a.rss")
    assert [draft.title for draft in drafts(items)] == ["A & B", ""]
    assert items[1].text == "Two"


def test_an_unbound_prefix():
    first = RSS[RSS.index("<channel>") : RSS.index("<item><title>Two")]
    (draft,) = read(f"<rss>{first}</channel></rss>".encode(), "a.rss")
    assert "embankment" in draft.text


def test_a_truncated_feed():
    cut = RSS.encode()[: RSS.index("<title>Four")]
    assert [draft.title for draft in drafts(read(cut, "a.rss"))] == ["Floods & fears", "Two"]


def test_a_feed_nested_deep():
    feed = f"<rss><channel><item><description>{'<b>' * 10_000}x{'</b>' * 10_000}</description></item></channel></rss>"
    assert all(item for item in read(feed.encode(), "a.rss"))


def test_entries_are_read_lazily():
    def endless():
        yield b"<rss><channel><title>x</title>"
        while True:
            yield f"<item><description>{LONG}</description></item>".encode() * 100

    items = read_file(Unseekable(endless()), "a.rss")
    assert [next(items).text for _ in range(3)] == [LONG.strip()] * 3


def test_ruby_is_removed_from_an_entry():
    assert (
        words_of("<p><ruby>港湾<rp>(</rp><rt>こうわん</rt><rp>)</rp></ruby>委員会\u200bは</p>") == "港湾委員会\u200bは"
    )
