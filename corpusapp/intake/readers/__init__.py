"""Any supported file -> drafts. `read_stream` recognises and reads; `reread` makes a draft of its original again."""

from io import BytesIO
from typing import BinaryIO

from corpusapp.intake.columns import checked_mapping
from corpusapp.intake.draft import Draft, Failure, Unfit
from corpusapp.intake.limits import Limits
from corpusapp.intake.readers.docx import DOCX
from corpusapp.intake.readers.feeds import FEED
from corpusapp.intake.readers.gzips import GZIP
from corpusapp.intake.readers.html_seam import html_extractor
from corpusapp.intake.readers.json_forms import JSON, JSONL
from corpusapp.intake.readers.mail import EML
from corpusapp.intake.readers.pages import HTML, ExtractHtml, page_draft
from corpusapp.intake.readers.pdf import PDF
from corpusapp.intake.readers.recognise import recognise
from corpusapp.intake.readers.registry import Items, Registry, Source
from corpusapp.intake.readers.streams import Broken, chunks_of, stream_of
from corpusapp.intake.readers.tables import CSV
from corpusapp.intake.readers.tars import TAR
from corpusapp.intake.readers.text import TEXT
from corpusapp.intake.readers.warc import WARC
from corpusapp.intake.readers.zips import ZIP

READERS = Registry()
# Those that begin with known bytes first; text, which anything readable is, last.
for _reader in (PDF, GZIP, DOCX, ZIP, TAR, WARC, FEED, HTML, JSON, JSONL, EML, CSV, TEXT):
    READERS.register(_reader)

SUFFIXES = READERS.suffixes()


class Reading:
    """One file being read, with all that it unpacks to: limits, mapping and HTML seam for every level of it."""

    def __init__(
        self,
        limits: Limits | None = None,
        mapping: dict[str, str] | None = None,
        extract_html: ExtractHtml | None = None,
    ) -> None:
        self.limits = limits or Limits()
        self.mapping = checked_mapping(mapping or {})
        self._extract = extract_html or html_extractor()
        self._unpacked = 0

    def page(self, data: bytes, *, url: str, item: str, charset: str = "", line: int | None = None) -> Draft:
        """The draft of one page, by the HTML seam; raises `Unfit`."""
        return page_draft(self._extract, data, url=url, item=item, charset=charset, line=line)

    def unpacked(self, size: int) -> None:
        """Count what comes out of archives, all levels together; raises `Broken` past the limit."""
        self._unpacked += size
        if self._unpacked > self.limits.unpacked_bytes:
            raise Broken(f"it unpacks to more than {self.limits.unpacked_bytes} bytes: the rest is not read")

    def read(self, source: Source) -> Items:
        """The drafts of one file of any form; whatever stops it becomes a failure of `source`."""
        try:
            reader = recognise(source.stream.peek(), source.name, READERS)
            empty = True
            for item in reader.read(source, self):
                empty = False
                yield item
            if empty:
                yield Failure(source.item, None, "it holds nothing that could be an article")
        except Unfit as unfit:
            yield Failure(source.item, None, unfit.reason, unfit.field)
        except RecursionError:
            yield Failure(source.item, None, "it is nested too deep to be read")
        except OSError as error:
            yield Failure(source.item, None, f"the file cannot be read: {error.strerror or error}")
        except Broken as broken:
            if not broken.told:
                broken.told = True
                yield Failure(source.item, None, broken.reason)

    def reread(self, raw: bytes, form: str, *, item: str = "", url: str = "", charset: str = "") -> Draft | Failure:
        """The draft of one original (`Draft.raw`, `Draft.form`), read again as it would be today."""
        stream = stream_of([raw] if raw else [])
        source = Source(item, item, stream, file=BytesIO(raw), url=url, charset=charset)
        try:
            found = next(READERS.form(form).read(source, self), None)
        except (Unfit, Broken) as refused:
            return Failure(item, None, refused.reason)
        return found or Failure(item, None, "the original holds no article")


def read_stream(file: BinaryIO, item: str, reading: Reading) -> Items:
    """The drafts of one open file. `item` is its name, without the server's folders."""
    seekable = file if hasattr(file, "seekable") and file.seekable() else None
    yield from reading.read(Source(item, item, stream_of(chunks_of(file)), file=seekable))
