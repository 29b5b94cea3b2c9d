"""The base class of formats, and what they know about the corpus."""

import copy
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, ClassVar, Self

from annotations.formats.records import CONFIRMED, Record, labels_of
from annotations.formats.report import Report
from annotations.formats.utf16 import CODE_POINTS
from corpusapp.text.wellformed import fault, fault_within

# The fields of a record besides its text and the offsets and labels of its spans.
ARTICLE_FIELDS = (
    "id", "external_id", "title", "language", "meta", "zones", "split", "stage", "finished_at", "finished_by", "decided"
)  # fmt: skip
SPAN_FIELDS = ("state", "score", "pipeline", "id", "revision", "entity")
EVERYTHING = frozenset(ARTICLE_FIELDS) | {f"span.{name}" for name in SPAN_FIELDS}


@dataclass(frozen=True, slots=True)
class Context:
    """The corpus, and options of a file.

    `labels` are names with definitions. `licence` is an SPDX id, a URL or text. `release` is the number of the release,
    and `published` its ISO date, or that of the file. A format without states writes the spans in `plain_states`.
    `base` begins the identifiers in linked data. `offsets` is the unit of offsets, for formats with a choice. `scratch`
    is a folder for temporary files; default: that of the system.
    """

    name: str = "corpus"
    title: str = ""
    description: str = ""
    licence: str = ""
    version: str = ""
    citation: str = ""
    contact: str = ""
    release: str = ""
    published: str = ""
    language: str = "en"
    labels: Mapping[str, str] = field(default_factory=dict)
    plain_states: frozenset[str] = frozenset({CONFIRMED})
    base: str = "urn:corpusapp:"
    offsets: str = CODE_POINTS
    scratch: str | None = None

    @property
    def of_people(self) -> bool:
        """Whether a format without states writes spans that people confirmed, and not only suggestions."""
        return CONFIRMED in self.plain_states


class Format(ABC):
    """A format of labelled articles. Instances have no state, and records are streamed.

    `carries` are the fields of records and spans (`span.state`) that a file preserves. A format that
    `marks_whole_texts` tags every word, and cannot mark what is undecided. With `any_encoding`, files do not declare
    their encoding: it is detected, unless `encoding` names it.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    media_type: ClassVar[str]
    extension: ClassVar[str]
    needs_tokens: ClassVar[bool] = False
    writes: ClassVar[bool] = True
    reads: ClassVar[bool] = True
    carries: ClassVar[frozenset[str]] = EVERYTHING
    marks_whole_texts: ClassVar[bool] = False
    any_encoding: ClassVar[bool] = False
    encoding = ""

    def chunks(self, records: Iterable[Record], report: Report, context: Context | None = None) -> Iterator[bytes]:
        """The file in chunks. Raises `Strict` if the report is strict and something would be left out."""
        context = context or Context()
        return self._chunks(self._admitted(records, report, context), report, context)

    def write(
        self, records: Iterable[Record], out: IO[bytes], *, strict: bool = False, context: Context | None = None
    ) -> Report:
        report = Report(strict=strict)
        for chunk in self.chunks(records, report, context):
            out.write(chunk)
        return report

    def with_columns(self, columns: Mapping[str, str]) -> "Format":
        """The format with the meaning of columns ({name or number: meaning}). Raises ValueError if it has none."""
        raise ValueError(f"{self.title} has no columns that could be named")

    def with_encoding(self, encoding: str) -> Self:
        """The format with the encoding of files that declare none. Raises ValueError if there is no choice."""
        if not self.any_encoding:
            raise ValueError(f"{self.title} is UTF-8, or says what it is: name no encoding for it")
        configured = copy.copy(self)
        configured.encoding = encoding
        return configured

    def read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        """The articles of a file. What cannot be read is reported with its place, and skipped."""
        for record in self._read(source, report):
            report.admit(record)
            yield record

    @abstractmethod
    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]: ...

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        raise NotImplementedError(f"{self.title} is written only")

    def _admitted(self, records: Iterable[Record], report: Report, context: Context) -> Iterator[Record]:
        """The records that UTF-8 and this format can hold. Fields that it cannot hold are noted."""
        for record in records:
            if reason := record_fault(record):
                report.leave_out("text", f"the article {reason}", record)
            elif self.marks_whole_texts and context.of_people and record.decided is not None:
                reason = f"the article is not done, and {self.title} cannot mark what is undecided"
                report.leave_out("undecided", reason, record)
            else:
                self._note_fields(record, report)
                report.admit(record)
                yield record

    def _note_fields(self, record: Record, report: Report) -> None:
        if self.carries is EVERYTHING:
            return
        for name in ARTICLE_FIELDS:
            if name not in self.carries and getattr(record, name) not in (None, "", (), {}):
                report.note(f"field {name}", f"{self.title} has no place for an article's {name}", record.name)
        for name in SPAN_FIELDS:
            if name == "state" or f"span.{name}" in self.carries:
                continue
            if any(getattr(span, name) is not None for span in record.spans):
                report.note(f"field span.{name}", f"{self.title} has no place for a span's {name}", record.name)


def record_fault(record: Record) -> str | None:
    """Why no format can hold the record: a lone surrogate or NUL in a text. None if there is no fault."""
    if reason := fault(record.text):
        return reason
    if _is_plain(record):
        return None
    values: dict[str, Any] = {
        "external_id": record.external_id,
        "title": record.title,
        "id": record.id,
        "meta": dict(record.meta),
        "labels": list(dict.fromkeys(labels_of(record.spans))),
    }
    found = fault_within(values)
    return f"{found[1]} (in {found[0]})" if found else None


def _is_plain(record: Record) -> bool:
    """Whether all metadata are strings and nothing but the text can be at fault, found out by one search."""
    labels, meta = set(labels_of(record.spans)), record.meta
    try:
        strings = "".join([str(record.id), record.external_id, record.title, *meta, *meta.values(), *labels])
    except TypeError:
        return False
    return fault(strings) is None
