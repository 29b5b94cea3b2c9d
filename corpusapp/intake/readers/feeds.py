"""Read RSS and Atom files: each entry is an article, with the text in the feed; nothing is fetched."""

import re
from collections.abc import Iterator
from dataclasses import replace
from html.entities import html5
from io import BufferedReader

from lxml import etree

from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.lenient_draft import draft_from_found
from corpusapp.intake.markup import is_html, words_of
from corpusapp.intake.readers.encodings import LineFile
from corpusapp.intake.readers.registry import Head, Items, Reader, Reading, Source
from corpusapp.intake.readers.streams import BlockReader, Broken, chunks_of, stream_of

_ROOT = re.compile(
    r"(?:<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^>\[]*(?:\[.*?\]\s*)?>|\s++)*+<(?:\w+:)?(rss|feed|RDF|item|entry)\b", re.S
)
_WHOLE_PAGE = re.compile(r"<(?:html|body)\b", re.I)
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([A-Za-z0-9._:-]+)")
_ENTRIES = ("item", "entry")
_TEXTS = ("encoded", "content", "description", "summary")
_DATES = ("pubDate", "published", "date", "issued", "updated", "modified")
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"


def _read(source: Source, reading: Reading) -> Items:
    feed_title = language = ""
    file = LineFile(source, reading.encoding, _encoding(source.stream.peek()[:200]))
    root = None
    for event, node in _parsed(file.stream):
        if root is None:
            root = node
            _no_entities(root)
            language = root.get(_LANG) or ""
        name = _name(node)
        if event == "start":
            continue
        if name == "title" and not feed_title and _name(node.getparent()) in ("channel", "feed"):
            feed_title = " ".join("".join(node.itertext()).split())
        elif name == "language" and _name(node.getparent()) == "channel":
            language = (node.text or "").strip()
        elif name in _ENTRIES and not _inside_entry(node):
            yield _entry(node, source.item, reading, file, source=feed_title, language=language)
            _free(node)


def _parsed(stream: BufferedReader) -> "etree.iterparse":
    """Start and end events of elements. The bytes are UTF-8, whatever they declare. Broken markup is repaired, entities
    are not resolved, and nothing is fetched.
    """
    try:
        yield from etree.iterparse(
            BlockReader(stream_of(repaired(stream))),
            events=("start", "end"),
            recover=True,
            resolve_entities=False,
            no_network=True,
            load_dtd=False,
            huge_tree=False,
            encoding="utf-8",
        )
    except etree.XMLSyntaxError as error:
        raise Broken(f"the XML cannot be read further: {error.msg}") from error


def _no_entities(root: etree._Element) -> None:
    dtd = root.getroottree().docinfo.internalDTD
    if dtd is not None and any(True for _ in dtd.iterentities()):
        raise Unfit("the XML declares its own entities, which are not allowed: replace them with their text")


def _name(node: etree._Element | None) -> str:
    """The local name. In broken feeds it includes a prefix that is not bound to a namespace."""
    tag = node.tag if node is not None and isinstance(node.tag, str) else ""
    return tag.rpartition("}")[2].rpartition(":")[2]


def _inside_entry(node: etree._Element) -> bool:
    return any(_name(parent) in _ENTRIES for parent in node.iterancestors())


def _free(node: etree._Element) -> None:
    """Free the memory of the entry and of all before it."""
    node.clear()
    parent = node.getparent()
    while parent is not None and node.getprevious() is not None:
        del parent[0]


def _entry(
    node: etree._Element, item: str, reading: Reading, file: LineFile, *, source: str, language: str
) -> Draft | Failure:
    line = node.sourceline
    raw = etree.tostring(node, encoding="utf-8", with_tail=False)
    try:
        fields = {"url": _link(node), "title": _plain(_child(node, "title")), "author": _author(node)}
        text = _text(node, reading, fields["url"], item)
        draft = draft_from_found(
            text,
            item=item,
            line=line,
            published=next((found for name in _DATES if (found := _plain(_child(node, name)))), ""),
            external_id=_plain(_child(node, "guid")) or _plain(_child(node, "id")),
            source=_plain(_child(node, "source")) or source,
            language=language,
            **fields,
        )
    except Unfit as unfit:
        return Failure(item, line, unfit.reason, unfit.field)
    return replace(draft, notes=(*draft.notes, *file.notes()), encoding=file.encoding, form="feed", raw=raw)


def _encoding(head: bytes) -> str:
    """The encoding of the XML declaration, empty if there is none. A UTF-16 that is readable as ASCII is UTF-8."""
    found = _DECLARED.search(head)
    label = found[1].decode("ascii").lower() if found else ""
    return "utf-8" if label.startswith("utf-16") else label


def _child(node: etree._Element, name: str) -> etree._Element | None:
    return next((child for child in node if _name(child) == name), None)


def _plain(node: etree._Element | None) -> str:
    """The text of an element in one line, without HTML."""
    text = _inner(node)
    return " ".join((words_of(text) if is_html(text) or "&" in text else text).split())


def _inner(node: etree._Element | None) -> str:
    """The content of an element: text, escaped HTML as HTML, inline XHTML unchanged."""
    if node is None:
        return ""
    pieces = [node.text or ""]
    for child in node:
        if isinstance(child.tag, str):
            etree.cleanup_namespaces(child)
            pieces.append(etree.tostring(child, encoding="unicode", with_tail=True))
    return "".join(pieces)


def _link(node: etree._Element) -> str:
    links = [child for child in node if _name(child) == "link"]
    for child in sorted(links, key=lambda link: link.get("rel", "alternate") != "alternate"):
        if found := (child.get("href") or child.text or "").strip():
            # Some feeds have &amp;amp;, or &amp; within CDATA.
            return found.replace("&amp;", "&")
    guid = _child(node, "guid")
    text = (guid.text or "").strip() if guid is not None and guid.get("isPermaLink") != "false" else ""
    return text if text.startswith(("http://", "https://")) else ""


def _author(node: etree._Element) -> str:
    author = _child(node, "creator")
    if author is None:
        author = _child(node, "author")
    name = _child(author, "name") if author is not None else None
    return _plain(author if name is None else name)


def _text(node: etree._Element, reading: Reading, url: str, item: str) -> str:
    """The longest text of the entry.

    A fragment of HTML is taken as a whole; a complete page goes through the HTML extractor.
    """
    found = max((_inner(_child(node, name)) for name in _TEXTS), key=len)
    if not found.strip():
        raise Unfit("the entry has no text, only a URL: import the page itself", "text")
    if _WHOLE_PAGE.search(found):
        return reading.page(found.encode("utf-8", "replace"), url=url, item=item, charset="utf-8").text
    return words_of(found) if is_html(found) or "&" in found else found.strip()


def _recognises(head: Head, named: bool) -> bool:
    return bool(_ROOT.match(head.text)) or (named and "<rss" in head.text)


FEED = Reader("feed", (".rss", ".atom", ".xml", ".rdf"), _recognises, _read)


_TOKEN = re.compile(rb"<!\[CDATA\[|\]\]>|&(?:#\d{1,7};|#x[0-9a-fA-F]{1,6};|([A-Za-z][A-Za-z0-9]{0,31});)?")
_LONGEST = 40
_XML = (b"amp", b"lt", b"gt", b"quot", b"apos")


def repaired(stream: BufferedReader) -> Iterator[bytes]:
    """The bytes of an XML file, with ampersands outside CDATA escaped; UTF-16 and UTF-32 do not change."""
    if b"\0" in stream.peek()[:64]:
        yield from chunks_of(stream)
        return
    rest, within = b"", False
    for data in chunks_of(stream):
        data = rest + data
        out, rest, within = _repair(data, len(data) - _LONGEST, within)
        if out:
            yield out
    out, _, _ = _repair(rest, len(rest), within)
    if out:
        yield out


def _repair(data: bytes, until: int, within: bool) -> tuple[bytes, bytes, bool]:
    """(repaired bytes, rest, within CDATA); tokens that begin at `until` or later are left for the next chunk."""
    pieces: list[bytes] = []
    kept = 0
    for match in _TOKEN.finditer(data):
        if match.start() >= until:
            break
        token = match[0]
        if not token.startswith(b"&"):
            within = token.startswith(b"<")
        elif not within:
            pieces += (data[kept : match.start()], _reference(token, match[1]))
            kept = match.end()
    end = max(kept, until, 0)
    return b"".join((*pieces, data[kept:end])), data[end:], within


def _reference(token: bytes, name: bytes | None) -> bytes:
    if token == b"&":
        return b"&amp;"
    characters = html5.get(f"{name.decode()};") if name and name not in _XML else None
    return "".join(f"&#{ord(character)};" for character in characters).encode() if characters else token
