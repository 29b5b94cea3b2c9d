"""Records of another tool's project as drafts of articles, with notes on what could not be imported."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import IO, Any

from annotations.formats.protocol import Format
from annotations.formats.records import CONFIRMED, SUGGESTED, EntityRecord, Record, SpanRecord, reading_order
from annotations.formats.report import UNSEEN, Entry, Report
from corpusapp.intake.draft import LENGTHS, MAX_NAME, Draft, Failure, Unfit, draft_from_record
from corpusapp.text.zones import KINDS

# Kinds of faults in a part of an article: the rest is imported. Any other fault leaves the article out.
_PARTIAL = {
    "offsets", "label", "state", "spans", "zones", "answer", "annotation", "target", "tag", "stage", "decided"
}  # fmt: skip
# Kinds of losses that do not change the spans of an article.
_NOT_OF_SPANS = {
    "zones", "zone", "stage", "decided", "relations", "comments", "events", "attributes", "normalizations", "notes",
    "labels of texts", "relations between spans",
}  # fmt: skip
_METADATA_FIELDS = ("source", "url")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}\Z", re.ASCII)
_LABEL_LENGTH = 64


@dataclass(slots=True)
class ImportReport(Report):
    """A report that also collects all entries of the current article."""

    fresh: list[tuple[bool, Entry]] = field(default_factory=list)
    # Whether spans of the current article were left out or moved by a guess, or nobody has looked for any.
    unsure: bool = False

    def lose(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        # A dataclass with slots is a new class, in which super() fails.
        Report.lose(self, kind, reason, where, span)
        self.unsure |= kind not in _NOT_OF_SPANS
        self._collect(False, kind, reason, where, span=span)

    def refuse(self, kind: str, reason: str, where: str, field: str = "") -> None:
        Report.refuse(self, kind, reason, where, field)
        self.unsure |= kind not in _NOT_OF_SPANS
        self._collect(kind not in _PARTIAL, kind, reason, where, field)

    def note(self, kind: str, reason: str, where: str = "", span: SpanRecord | None = None) -> None:
        Report.note(self, kind, reason, where, span)
        self.unsure |= kind in ("moved", UNSEEN)
        self._collect(False, kind, reason, where, span=span)

    def take(self) -> tuple[list[Entry], tuple[str, ...]]:
        """The entries since the last call: (faults that leave an article out, notes on an article)."""
        fresh, self.fresh, self.unsure = self.fresh, [], False
        return [entry for fatal, entry in fresh if fatal], tuple(str(entry) for fatal, entry in fresh if not fatal)

    def _collect(
        self, fatal: bool, kind: str, reason: str, where: str, field: str = "", span: SpanRecord | None = None
    ) -> None:
        entry = Entry(kind, reason, where, field)
        if span is not None:
            entry = replace(entry, start=span.start, end=span.end, label=span.label)
        self.fresh.append((fatal, entry))


def project_items(
    source: IO[bytes], name: str, form: Format, report: ImportReport | None = None
) -> Iterator[Draft | Failure]:
    """The drafts of a file, in its order. `name` is the name of the file in reports."""
    report = ImportReport() if report is None else report
    for number, record in enumerate(form.read(source, report), 1):
        item = f"{name}: {record.name or number}"
        prepared, unsure = _prepared(record, report), report.unsure
        broken, notes = report.take()
        yield from (_failure(name, entry) for entry in broken)
        try:
            yield replace(_draft(record, prepared, item, notes), spans_unsure=unsure)
        except Unfit as unfit:
            yield Failure(item, None, unfit.reason, unfit.field)
    broken, notes = report.take()
    yield from (_failure(name, entry) for entry in broken)


def read_file(path: Path, name: str, form: Format, encoding: str = "") -> Iterator[tuple[Draft | Failure, int]]:
    """As `project_items`, each with the bytes read so far: the size of the file if the format closes it.

    `encoding` is that of files which do not declare one.
    """
    form = form.with_encoding(encoding) if encoding else form
    with path.open("rb") as source:
        for item in project_items(source, name, form):
            yield item, path.stat().st_size if source.closed else source.tell()


def _failure(name: str, entry: Entry) -> Failure:
    return Failure(f"{name}: {entry.where}" if entry.where else name, None, entry.reason, entry.field)


def _draft(record: Record, spans: list[SpanRecord], item: str, notes: tuple[str, ...]) -> Draft:
    meta, messages = dict(record.meta), list(notes)
    values: dict[str, Any] = {
        "external_id": record.external_id or (record.id if isinstance(record.id, str) else ""),
        "title": record.title,
        "language": record.language,
        **{name: meta.pop(name) for name in _METADATA_FIELDS if isinstance(meta.get(name), str)},
    }
    for name, value in values.items():
        if len(value) > LENGTHS[name]:
            messages.append(
                f"{name} has {len(value)} characters, and the limit is {LENGTHS[name]}: it is in the metadata"
            )
            meta[name], values[name] = value, ""
    if isinstance(meta.get("published_on"), str) and _DAY.match(meta["published_on"]):
        values["published_on"] = meta.pop("published_on")
    if record.split:
        meta["split"] = record.split
    draft = draft_from_record(
        {
            "text": record.text,
            **values,
            "spans": [
                {
                    "start": span.start,
                    "end": span.end,
                    "label": span.label,
                    "state": span.state,
                    "entity": span.entity.as_json() if span.entity is not None else None,
                }
                for span in spans
            ],
            "zones": [[zone.start, zone.end, zone.kind] for zone in record.zones if zone.kind in KINDS],
            "stage": record.stage,
            "metadata": meta,
        },
        item=item,
    )
    scored = tuple(one._replace(score=span.score) for one, span in zip(draft.spans, spans, strict=True))
    # What other tools leave empty is not meant to clear anything.
    return replace(draft, spans=scored, notes=(*draft.notes, *messages), named=None)


def _prepared(record: Record, report: Report) -> list[SpanRecord]:
    """The spans that an article can have. The report lists the others."""
    for zone in record.zones:
        if zone.kind not in KINDS:
            report.lose("zone", f"unknown kind of zone {zone.kind[:40]!r}", record.name)
    spans: dict[tuple[int, int, str], SpanRecord] = {}
    for span in record.spans:
        named = span._replace(label=_label(span.label))
        if named.label != span.label:
            report.note("label", f"the label {span.label[:80]!r} is called {named.label!r} here", record.name, span)
        if named.entity is not None and (reason := _unfit(named.entity)):
            report.note("entity", f"{reason}; the span stays without it", record.name, span)
            named = named._replace(entity=None)
        if spans.setdefault(named.triple, named) is not named:
            report.lose("label", f"the same range is already {named.label}", record.name, span)
    for span in _crossed(list(spans.values())):
        reason = "a suggestion inside a confirmed span is kept only if the corpus allows nesting"
        report.note("nesting", reason, record.name, span)
    return list(spans.values())


def _unfit(entity: EntityRecord) -> str:
    """Why the registry cannot have an entity; empty if it can."""
    name = " ".join(entity.name.split())
    if entity.state != CONFIRMED:
        return "a suggested link is left to the linker"
    return (
        ""
        if 0 < len(name) <= MAX_NAME and name.isprintable()
        else f"the name of an entity has 1 to {MAX_NAME} characters, none of control"
    )


def _label(name: str) -> str:
    """The name as a valid name of a label."""
    fit = re.sub(r"[^\w.-]+", "_", name.strip()).strip("_.-")[:_LABEL_LENGTH]
    return fit or "LABEL"


def _crossed(spans: list[SpanRecord]) -> list[SpanRecord]:
    """Suggested spans that overlap a confirmed one."""
    found: list[SpanRecord] = []
    reach = 0
    confirmed = reading_order(span for span in spans if span.state == CONFIRMED)
    waiting = reading_order(span for span in spans if span.state == SUGGESTED)
    position = 0
    for span in waiting:
        while position < len(confirmed) and confirmed[position].start < span.end:
            reach = max(reach, confirmed[position].end)
            position += 1
        if span.start < reach:
            found.append(span)
    return found
