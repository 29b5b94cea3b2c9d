"""Read any supported file as drafts: `read_stream` for a file, `Reading.reread` for a stored original.

Pages, mails and documents are read in a child process, since their libraries may hang on malicious bytes. Archives and
other streams are read in this process.
"""

from collections.abc import Callable
from dataclasses import replace
from io import BytesIO
from typing import Any, BinaryIO, TypeVar

from corpusapp.intake.child import Stopped, call
from corpusapp.intake.columns import checked_mapping
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.encoding.names import checked_encoding
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.documents import DOCX, PDF, TEXT
from corpusapp.intake.readers.feeds import FEED
from corpusapp.intake.readers.json_forms import JSON, JSONL
from corpusapp.intake.readers.mail import EML, MBOX
from corpusapp.intake.readers.pages import HTML, ExtractHtml, html_extractor, page_draft
from corpusapp.intake.readers.recognise import recognise
from corpusapp.intake.readers.registry import Items, Reader, Registry, Source
from corpusapp.intake.readers.streams import Broken, chunks_of, stream_of
from corpusapp.intake.readers.tables import CSV
from corpusapp.intake.readers.tar_gzip import GZIP, TAR
from corpusapp.intake.readers.warc import WARC
from corpusapp.intake.readers.zips import ZIP

Result = TypeVar("Result")

READERS = Registry()
# Forms that begin with known bytes first; plain text, which accepts anything readable, last.
for _reader in (PDF, GZIP, DOCX, ZIP, TAR, WARC, FEED, HTML, JSON, JSONL, MBOX, EML, CSV, TEXT):
    READERS.register(_reader)


# Forms whose originals are the unchanged bytes of a file; other originals are stored as UTF-8.
_UNCHANGED = ("txt", "html", "eml")


class Reading:
    """Reads one file and everything in it, with one set of limits, mapping and HTML extractor for all levels.

    With an HTML extractor given, no child processes are used.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        mapping: dict[str, str] | None = None,
        extract_html: ExtractHtml | None = None,
        encoding: str = "",
    ) -> None:
        """`encoding` is for files that declare none; empty to detect it."""
        self.limits = limits or Limits()
        self.mapping = checked_mapping(mapping or {})
        self.encoding = checked_encoding(encoding)
        self._extract = extract_html
        self._unpacked = 0

    def page(self, data: bytes, *, url: str, item: str, charset: str = "", line: int | None = None) -> Draft:
        """The draft of one page, by the HTML extractor; raises `Unfit`."""
        given: dict[str, Any] = {"url": url, "item": item, "charset": charset, "line": line}
        if self._extract:
            return page_draft(self._extract, data, **given, named=self.encoding)
        return replace(self._in_child(_page, self.limits.seconds, data, given), raw=data)

    def unpacked(self, size: int) -> None:
        """Count unpacked bytes of all levels; raises `Broken` past the limit."""
        self._unpacked += size
        if self._unpacked > self.limits.unpacked_bytes:
            raise Broken(f"it unpacks to more than {self.limits.unpacked_bytes} bytes: the rest is not read")

    def read(self, source: Source) -> Items:
        """The drafts of one file of any form; an error that stops it becomes a failure of `source`."""
        try:
            reader = recognise(source.stream.peek(), source.name, READERS)
            empty = True
            for item in self._items(reader, source):
                empty = False
                yield item
            if empty:
                yield Failure(source.item, None, "it contains no articles")
        except Unfit as unfit:
            yield Failure(source.item, None, unfit.reason, unfit.field)
        except RecursionError:
            yield Failure(source.item, None, "it is nested too deep to be read")
        except OSError as error:
            yield Failure(source.item, None, f"the file cannot be read: {error.strerror or error}")
        except Broken as broken:
            if not broken.reported:
                broken.reported = True
                yield Failure(source.item, None, broken.reason)

    def _items(self, reader: Reader, source: Source) -> Items:
        if not reader.max_bytes or self._extract:
            yield from reader.read(source, self)
            return
        # One byte more than allowed: the reader refuses it.
        data = source.stream.read(reader.max_bytes(self.limits) + 1)
        fields = {name: getattr(source, name) for name in ("item", "name", "depth", "url", "charset")}
        self._unpacked, items = self._in_child(_whole, reader.seconds(self.limits), reader.form, data, fields)
        for item, whole in items:
            yield replace(item, raw=data) if whole else item

    def _in_child(self, function: Callable[..., Result], seconds: int, *values: Any) -> Result:
        try:
            return call(function, self, *values, seconds=seconds, memory=self.limits.memory)
        except Stopped as stopped:
            raise Unfit(f"it {stopped} while it was read: split it, or remove what is not text") from stopped

    def within_child(self) -> "Reading":
        """This reading in the child process: it uses the extractor directly."""
        self._extract = html_extractor()
        return self

    def reread(self, raw: bytes, form: str, *, item: str = "", url: str = "", charset: str = "") -> Draft | Failure:
        """The draft of one original (`Draft.raw`, `Draft.form`), read with the current readers."""
        stream = stream_of([raw] if raw else [])
        if form not in _UNCHANGED:
            self.encoding = ""
        source = Source(item, item, stream, file=BytesIO(raw), url=url, charset=charset)
        try:
            found = next(self._items(READERS.form(form), source), None)
        except (Unfit, Broken) as refused:
            return Failure(item, None, refused.reason)
        return found or Failure(item, None, "the original contains no articles")


def _page(reading: Reading, data: bytes, given: dict[str, Any]) -> Draft:
    """Runs in the child: the draft of a page, without its bytes."""
    return replace(reading.within_child().page(data, **given), raw=None)


def _whole(
    reading: Reading, form: str, data: bytes, fields: dict[str, Any]
) -> tuple[int, list[tuple[Draft | Failure, bool]]]:
    """Runs in the child: (bytes unpacked, items) of a file. An item flagged True has the whole file as its original."""
    source = Source(**fields, stream=stream_of([data] if data else []), file=BytesIO(data))
    try:
        items = list(READERS.form(form).read(source, reading.within_child()))
    except (Unfit, Broken, OSError, RecursionError, MemoryError):
        raise
    except Exception as error:  # Libraries may raise anything on malformed bytes: only this item fails.
        raise Unfit(f"it cannot be read: {type(error).__name__}") from error
    return reading._unpacked, [(replace(item, raw=None), True) if item.raw == data else (item, False) for item in items]


def read_stream(file: BinaryIO, item: str, reading: Reading) -> Items:
    """The drafts of one open file. `item` is its name without the server's folders."""
    seekable = file if hasattr(file, "seekable") and file.seekable() else None
    yield from reading.read(Source(item, item, stream_of(chunks_of(file)), file=seekable))
