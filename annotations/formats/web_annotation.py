"""W3C Web Annotations as one JSON-LD page.

An article is an annotation that describes the article's IRI with its text. A span is an annotation that tags a range of
it, by position (code points, as in the standard) and by quote. State and score use our own vocabulary; a pipeline is
the generator. The entity of a span is identified by further bodies: the addresses of its identifiers, and its name.
Read: pages, collections, arrays and single annotations, in any order; the text must be in the file, as a
describing body or as the `value` of a source. If position and quote disagree, the quote counts; a quote without a
position must occur once, with its prefix and suffix. Other selectors and bodies without a textual tag are reported.
"""

from collections.abc import Iterator
from typing import IO, Any

from annotations.formats import json_text
from annotations.formats.companion import KEY, StoredCompanion, companion
from annotations.formats.entities import address_of, entity_of, identifier_at, own_address, read_entity
from annotations.formats.grouping import GroupedObjects
from annotations.formats.protocol import Context, Format
from annotations.formats.records import CONFIRMED, EntityRecord, Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.span_collector import SpanCollector
from corpusapp.core.licences import url_of

STANDARD = "http://www.w3.org/ns/anno.jsonld"
VOCABULARY = {
    "@version": 1.1,
    KEY: "urn:corpusapp:vocabulary#",
    f"{KEY}:article": {"@type": "@json"},
    f"{KEY}:entity": {"@type": "@json"},
}
# Code points before and after a quote.
AROUND = 32


class WebAnnotation(Format):
    name, title = "web-annotation", "W3C Web Annotation (JSON-LD)"
    media_type = f'application/ld+json; profile="{STANDARD}"'
    extension = "jsonld"

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        head = {"@context": [STANDARD, VOCABULARY], "id": f"{context.base}annotations", "type": "AnnotationPage"}
        head |= {"rights": url} if (url := url_of(context.licence)) else {}
        opening = json_text.dumps(head)[:-1] + ',"items":[\n'
        for number, record in enumerate(records, 1):
            items = [json_text.dumps(item) for item in _items(record, number, context)]
            yield (opening + ",\n".join(items)).encode()
            opening = ",\n"
        yield (opening if opening != ",\n" else "").encode() + b"\n]}\n"

    def _read(self, source: IO[bytes], report: Report) -> Iterator[Record]:
        with GroupedObjects() as sources:
            number = 0
            try:
                for number, item in enumerate(_annotations(json_text.Stream(source)), 1):
                    _group(item, f"annotation {number}", sources, report)
            except json_text.Malformed as problem:
                report.refuse("file", f"{problem.reason}: what follows could not be read", f"annotation {number + 1}")
            for address, items in sources.all():
                yield from _record(address, items, report)


def _items(record: Record, number: int, context: Context) -> Iterator[dict[str, Any]]:
    address = f"{context.base}articles/{number if record.id is None else record.id}"
    if type(record.id) is not int:
        address = f"{context.base}articles/n{number}"
    body = {"type": "TextualBody", "purpose": "describing", "format": "text/plain", "value": record.text}
    if record.language:
        body["language"] = record.language
    article = {"id": f"{address}/text", "type": "Annotation", "motivation": "describing", "body": body}
    stored = companion(record, (), ())
    yield article | {"target": address} | ({f"{KEY}:article": stored} if stored else {})
    for position, span in enumerate(record.spans, 1):
        name = f"{context.base}spans/{span.id}" if span.id is not None else f"{address}/spans/n{position}"
        yield {"id": name} | _annotation(record.text, span, address)


def _annotation(text: str, span: SpanRecord, address: str) -> dict[str, Any]:
    quote = {
        "type": "TextQuoteSelector",
        "exact": text[span.start : span.end],
        "prefix": text[max(span.start - AROUND, 0) : span.start],
        "suffix": text[span.end : span.end + AROUND],
    }
    position = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
    annotation: dict[str, Any] = {
        "type": "Annotation",
        "motivation": "tagging",
        "body": {"type": "TextualBody", "purpose": "tagging", "format": "text/plain", "value": span.label},
        "target": {"source": address, "selector": [position, quote]},
        f"{KEY}:state": span.state,
    }
    if span.pipeline is not None:
        annotation["generator"] = {"type": "Software", "name": span.pipeline}
    for key in ("score", "revision", "id"):
        if (value := getattr(span, key)) is not None:
            annotation[f"{KEY}:{key}"] = value
    if span.entity is not None:
        annotation["body"] = [annotation["body"], *_identifying(span.entity)]
        annotation[f"{KEY}:entity"] = span.entity.as_json()
    return annotation


def _identifying(entity: EntityRecord) -> Iterator[dict[str, Any]]:
    for address in _addresses(entity):
        yield {"type": "SpecificResource", "purpose": "identifying", "source": address}
    yield {"type": "TextualBody", "purpose": "identifying", "format": "text/plain", "value": entity.name}


def _addresses(entity: EntityRecord) -> list[str]:
    return [address_of(*pair) for pair in entity.identifiers] or [own_address(entity)]


def _entity(annotation: dict[str, Any], words: str) -> EntityRecord | None:
    """The entity of a span by its identifying bodies; with the rest of its values, if they are those of an export."""
    body = annotation.get("body")
    bodies = [one for one in (body if isinstance(body, list) else [body]) if isinstance(one, dict)]
    identifying = [one for one in bodies if one.get("purpose") == "identifying"]
    sources = [one.get("source", one.get("id")) for one in identifying if not isinstance(one.get("value"), str)]
    addresses = [one.get("id") if isinstance(one, dict) else one for one in sources]
    known = read_entity(annotation.get(f"{KEY}:entity"), Report(), "", "")
    if known is not None and _addresses(known) == addresses:
        return known
    pairs = [identifier_at("".join(address.split())) for address in addresses if isinstance(address, str) and address]
    names = [one["value"] for one in identifying if isinstance(one.get("value"), str)]
    return entity_of(None, " ".join((names[0] if names else words).split()), pairs) if pairs else None


def _annotations(stream: json_text.Stream) -> Iterator[Any]:
    if stream.peek() == "[":
        yield from stream.items()
    else:
        yield from _within(stream)


def _within(stream: json_text.Stream) -> Iterator[Any]:
    """The items of a page or of the first page of a collection, or the object if it is an annotation."""
    own: dict[str, Any] = {}
    for key in stream.members():
        if key in ("items", "@graph") and stream.peek() == "[":
            yield from stream.items()
        elif key == "first" and stream.peek() == "{":
            yield from _within(stream)
        else:
            own[key] = stream.value()
    if "target" in own:
        yield own


def _group(item: Any, place: str, sources: GroupedObjects, report: Report) -> None:
    """Add the relevant parts of an annotation to the group of its source."""
    try:
        annotation = json_text.checked(item)
    except json_text.Malformed as problem:
        return report.refuse("annotation", problem.reason, place, problem.field)
    targets = annotation.get("target")
    targets = targets if isinstance(targets, list) else [targets]
    if not targets:
        report.refuse("target", "the annotation has no target", place, "target")
    for target in targets:
        specific = target if isinstance(target, dict) else {"source": target}
        source = specific.get("source", specific.get("id"))
        if isinstance(source, dict):
            if isinstance(source.get("value"), str):
                text = {"text": source["value"], "language": source.get("language")}
                sources.add(str(source.get("id", "")), text | {"place": place})
            source = source.get("id")
        if not isinstance(source, str) or not source:
            report.refuse("target", "the target names no source", place, "target.source")
            continue
        selectors = specific.get("selector")
        if selectors is None and (body := _describing(annotation)) is not None:
            about = annotation.get(f"{KEY}:article")
            sources.add(source, {"text": body["value"], "language": body.get("language"), KEY: about, "place": place})
        else:
            selectors = selectors if isinstance(selectors, list) else [selectors]
            sources.add(source, {"annotation": annotation, "selectors": selectors, "place": place})
    return None


def _bodies(annotation: dict[str, Any]) -> list[dict[str, Any]]:
    body = annotation.get("body")
    if isinstance(annotation.get("bodyValue"), str):
        return [{"type": "TextualBody", "value": annotation["bodyValue"]}]
    found = body if isinstance(body, list) else [body]
    return [one for one in found if isinstance(one, dict) and isinstance(one.get("value"), str)]


def _describing(annotation: dict[str, Any]) -> dict[str, Any] | None:
    for body in _bodies(annotation):
        if "describing" in (body.get("purpose"), annotation.get("motivation")):
            return body
    return None


def _label(annotation: dict[str, Any]) -> str | None:
    bodies = _bodies(annotation)
    tags = [body for body in bodies if body.get("purpose") in ("tagging", "classifying")]
    tags = tags or [body for body in bodies if body.get("purpose") == "identifying"]
    chosen = tags or (bodies if len(bodies) == 1 else [])
    return chosen[0]["value"] if chosen else None


def _record(address: str, items: list[dict[str, Any]], report: Report) -> Iterator[Record]:
    texts = [item for item in items if "text" in item]
    annotations = [item for item in items if "annotation" in item]
    if not texts:
        reason = f"{len(annotations)} annotations: their text is not in the file"
        report.refuse("text", reason, annotations[0]["place"], "target.source")
        return
    article = texts[0]
    collector = SpanCollector(article["text"], report, article["place"])
    for item in annotations:
        _add(item, collector, report)
    language = article.get("language") if isinstance(article.get("language"), str) else ""
    stored = StoredCompanion(article.get(KEY))
    given = {"language": language} | ({} if stored.values else {"id": address})
    yield stored.record(collector, report, article["place"], **given)


def _add(item: dict[str, Any], collector: SpanCollector, report: Report) -> None:
    annotation, place = item["annotation"], item["place"]
    label = _label(annotation)
    if label is None:
        return report.lose("annotation", "has no tag in text, so it is no span here", place)
    by_type = {selector.get("type"): selector for selector in item["selectors"] if isinstance(selector, dict)}
    position, quote = by_type.get("TextPositionSelector"), by_type.get("TextQuoteSelector", {})
    if position is None and not (isinstance(quote.get("exact"), str) and quote["exact"]):
        return report.lose("selector", "no selector by position or quote", place)
    offsets = (position.get("start"), position.get("end")) if position else (None, None)
    generator = annotation.get("generator")
    return collector.add(
        *offsets,
        label,
        field="target.selector",
        where=place,
        state=annotation.get(f"{KEY}:state", CONFIRMED),
        score=annotation.get(f"{KEY}:score"),
        pipeline=generator.get("name") if isinstance(generator, dict) else None,
        id=annotation.get(f"{KEY}:id"),
        revision=annotation.get(f"{KEY}:revision"),
        entity=_entity(annotation, _text(quote.get("exact")) or label),
        quote=quote.get("exact"),
        ranges=None if position else (),
        before=_text(quote.get("prefix")),
        after=_text(quote.get("suffix")),
    )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
