"""spaCy's DocBin, as `spacy train` reads it.

The entities of a Doc cannot overlap, begin or end within a token, or begin or end with white space. A confirmed span
that begins or ends within a token is left out and reported. One that overlaps a longer one (of equal ones, the first,
then by label) or has white space at an edge is noted and only in `doc.spans["sc"]`, which has all confirmed spans on
tokens, as spaCy's span categorizer expects. In an article that is not done, tokens outside of the decided ranges are
missing (`ent_iob` 0), so that they are not used in training. The `kb_id_` of a linked span is an identifier of its
entity, a Wikidata id as it is and others as `scheme:value`, or else the entity's id, which `ent_id_` is too. All else
is in `doc.user_data["corpusapp"]`, as JSON. A DocBin is compressed as one block, so it is in memory while it is written
and read.
"""

import zlib
from collections.abc import Iterator
from functools import partial
from importlib import import_module
from typing import IO, Any

from annotations.formats import json_text
from annotations.formats.companion import KEY, StoredCompanion, companion, split_shown
from annotations.formats.entities import best_identifier, compact, entity_of, identifier_in
from annotations.formats.protocol import Context, Format
from annotations.formats.records import EntityRecord, Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector
from annotations.formats.tokens import make_doc, without_overlap
from corpusapp.text.wellformed import fault

SPANS_KEY = "sc"
# Bytes after decompression: a small file can expand to more than the memory.
MAX_UNPACKED = 4 * 1024**3
_ATTRIBUTES = ("ORTH", "SPACY", "ENT_IOB", "ENT_TYPE", "ENT_KB_ID", "ENT_ID")
_WIKIDATA = "wikidata"
# What spaCy's entity linker writes where it finds no entity.
_UNLINKED = ("", "NIL")


class DocBinFormat(Format):
    name, title, media_type, extension = "docbin", "spaCy DocBin", "application/octet-stream", "spacy"
    needs_tokens = True

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        packed = import_module("spacy.tokens").DocBin(attrs=_ATTRIBUTES, store_user_data=True)
        for record in records:
            packed.add(_doc(record, report, context))
        yield packed.to_bytes()

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        data = source.read()
        vocab = import_module("spacy.vocab").Vocab()
        try:
            _check_size(data)
            packed = import_module("spacy.tokens").DocBin().from_bytes(data)
        except Exception as error:
            # zlib, msgpack and numpy raise different errors.
            report.refuse("file", f"this is not a DocBin: {type(error).__name__}", "file")
            return
        docs, number = packed.get_docs(vocab), 0
        while True:
            number += 1
            try:
                doc = next(docs, None)
            except Exception as error:
                report.refuse("file", f"the DocBin breaks off: {type(error).__name__}", f"document {number}")
                return
            if doc is None:
                return
            if reason := fault(doc.text):
                report.refuse("text", f"the text {reason}", f"document {number}", "text")
                continue
            yield _record(doc, f"document {number}", report)


def _doc(record: Record, report: Report, context: Context) -> Any:
    doc = make_doc(record.text, record.language or context.language, report)
    shown, hidden = split_shown(record, context.plain_states, report)
    aligned = {}
    for span in shown:
        linked = {"kb_id": _kb_id(span.entity), "span_id": str(span.entity.id)} if span.entity is not None else {}
        found = doc.char_span(span.start, span.end, label=span.label, **linked)
        if found is None:
            report.lose("misaligned", "begins or ends within a token of spaCy", record.name, span)
        else:
            aligned[span] = found
    entities, overlapping = without_overlap(span for span in aligned if not _has_space_at_edge(record.text, span))
    for span in overlapping:
        report.note("overlap", f"overlaps a longer span: in doc.spans[{SPANS_KEY!r}] only", record.name, span)
    for span in aligned:
        if _has_space_at_edge(record.text, span):
            report.note("white space", f"white space at an edge: in doc.spans[{SPANS_KEY!r}] only", record.name, span)
    undecided = _undecided(doc, record) if context.of_people else []
    taken = {token.i for span in entities for token in aligned[span]}
    missing = [doc[token : token + 1] for token in undecided if token not in taken]
    doc.set_ents([aligned[span] for span in entities], missing=missing, default="outside")
    doc.spans[SPANS_KEY] = list(aligned.values())
    doc.user_data[KEY] = json_text.dumps(companion(record, list(aligned), hidden))
    return doc


def _undecided(doc: Any, record: Record) -> list[int]:
    """The numbers of the tokens outside of the decided ranges."""
    if record.decided is None:
        return []
    ranges, found, position = record.decided, [], 0
    for token in doc:
        while position < len(ranges) and ranges[position][1] <= token.idx:
            position += 1
        within = position < len(ranges) and ranges[position][0] <= token.idx
        if not within or ranges[position][1] < token.idx + len(token):
            found.append(token.i)
    return found


def _kb_id(entity: EntityRecord) -> str:
    """The entity as the knowledge base of spaCy names it."""
    best = best_identifier(entity)
    return str(entity.id) if best is None else best[1] if best[0] == _WIKIDATA else compact(best)


def _entity(span: Any) -> EntityRecord | None:
    """The entity of a span that another tool has linked."""
    if span.kb_id_ in _UNLINKED:
        return None
    identifier = identifier_in(span.kb_id_) or ("kb_id", span.kb_id_)
    return entity_of(span.id_ or None, " ".join(span.text.split()), [identifier])


def _has_space_at_edge(text: str, span: SpanRecord) -> bool:
    return text[span.start].isspace() or text[span.end - 1].isspace()


def _record(doc: Any, place: str, report: Report) -> Record:
    collector = SpanCollector(doc.text, report, place)
    try:
        stored = StoredCompanion(json_text.loads(doc.user_data[KEY]) if KEY in doc.user_data else None)
    except (json_text.Malformed, TypeError):
        stored = StoredCompanion(None)
    found = {(span.start_char, span.end_char, span.label_): ("ents", span) for span in doc.ents}
    for key, group in doc.spans.items():
        if key == SPANS_KEY:
            found = {(span.start_char, span.end_char, span.label_): (f"spans.{key}", span) for span in group} | found
        else:
            report.note("span group", f"doc.spans[{key!r}] was passed over: {len(group)} spans", place)
    for triple, (field, span) in found.items():
        entity = stored.entity(triple, span.kb_id_, _kb_id, partial(_entity, span))
        stored.add_shown(collector, *triple, field, entity=entity)
    return stored.record(collector, report, place)


def _check_size(data: bytes) -> None:
    unpacker, size = zlib.decompressobj(), 0
    while data and not unpacker.eof:
        size += len(unpacker.decompress(data, 1024 * 1024))
        data = unpacker.unconsumed_tail
        if size > MAX_UNPACKED:
            raise ValueError("too large")
