"""TEI P5, stand-off, written only: a teiCorpus with a TEI for each article.

The unchanged text is in one `ab`. Each span is an `annotation` in the article's `standOff` list that points into it by
TEI's string-range (offset and length in code points), so that spans can overlap and nest. Characters that XML cannot
hold are written as U+FFFD and reported. The entities that an article names are listed in its header: people, places,
and organizations, which hold all others too; a name in the note of an annotation refers to its entity. The labels of
the context are a taxonomy in the header of the corpus. The stage of an article is the status of its `revisionDesc`.
"""

import re
from collections.abc import Iterator
from typing import Any

from annotations.formats.archive import document_name
from annotations.formats.entities import address_of
from annotations.formats.protocol import EVERYTHING, Context, Format
from annotations.formats.records import EntityRecord, Record, SpanRecord
from annotations.formats.report import Report
from annotations.formats.xml_text import in_attribute, in_text, replace_forbidden
from corpusapp.core.licences import url_of

NAMESPACE = "http://www.tei-c.org/ns/1.0"
_NAME = re.compile(r"[A-Za-z_][\w.-]*\Z", re.ASCII)
_NAMED = {"person": "persName", "place": "placeName", "org": "orgName"}
# Labels of the schemes of names that are in use.
_KIND_OF = dict.fromkeys(("PERSON", "PER", "Person"), "person")
_KIND_OF |= dict.fromkeys(("GPE", "LOC", "FAC", "LOCATION", "Location", "PLACE"), "place")


class Tei(Format):
    name, title, media_type, extension = "tei", "TEI P5 stand-off", "application/tei+xml", "xml"
    reads = False
    carries = EVERYTHING - {"split", "zones", "meta", "decided", "span.revision"}

    def _chunks(self, records: Iterator[Record], report: Report, context: Context) -> Iterator[bytes]:
        labels = {label: f"label-{number}" for number, label in enumerate(sorted(context.labels), 1)}
        yield _opening(context, labels).encode()
        for number, record in enumerate(records, 1):
            for offset, code in replace_forbidden(record.text)[1]:
                report.lose("character", f"U+{code:04X} at {offset} was written as U+FFFD", record.name)
            yield _article(record, document_name(record.id, number), labels, context).encode()
        yield b"</teiCorpus>\n"


def _opening(context: Context, labels: dict[str, str]) -> str:
    categories = "".join(
        f'<category xml:id="{labels[label]}" n="{in_attribute(label)}"><catDesc>'
        f"{in_text(context.labels[label] or label)}</catDesc></category>\n"
        for label in sorted(labels)
    )
    encoding = f"<encodingDesc><classDecl><taxonomy>\n{categories}</taxonomy></classDecl></encodingDesc>\n"
    title = context.title or context.name
    header = _header(title, _edition(context), _publication(context), _cited(context), encoding if labels else "")
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<teiCorpus xmlns="{NAMESPACE}">\n{header}'


def _header(title: str, edition: str, publication: str, source: str, more: str) -> str:
    return (
        f"<teiHeader><fileDesc><titleStmt><title>{in_text(title)}</title></titleStmt>{edition}"
        f"<publicationStmt>{publication}</publicationStmt>{source}</fileDesc>{more}</teiHeader>\n"
    )


def _edition(context: Context) -> str:
    """The version of the corpus, and the number of its release."""
    named = [f"version {context.version}"] if context.version else []
    named += [f"release {context.release}"] if context.release else []
    return f"<editionStmt><edition>{in_text(', '.join(named))}</edition></editionStmt>" if named else ""


def _publication(context: Context, ids: str = "") -> str:
    """Who answers for the text, its ids, and its licence."""
    authority = in_text(context.contact or context.title or context.name)
    date = f'<date when="{in_attribute(context.published)}"/>' if context.published and not ids else ""
    target = f' target="{in_attribute(url)}"' if (url := url_of(context.licence)) else ""
    licence = f"<licence{target}>{in_text(context.licence)}</licence>" if context.licence else "<p>Not stated.</p>"
    return f"<authority>{authority}</authority>{date}{ids}<availability>{licence}</availability>"


def _cited(context: Context) -> str:
    """How the corpus is cited, and what is known of its source."""
    note = f'<note type="citation">{in_text(context.citation)}</note>'
    notes = f"<notesStmt>{note}</notesStmt>" if context.citation else ""
    return f"{notes}{_source(context.description)}"


def _source(text: str) -> str:
    return f"<sourceDesc><p>{in_text(text) or 'Born digital.'}</p></sourceDesc>"


def _revision(record: Record) -> str:
    """The stage of the article."""
    if not record.stage:
        return ""
    when = f' when="{in_attribute(record.finished_at)}"' if record.finished_at else ""
    name = f"<name>{in_text(record.finished_by)}</name> " if record.finished_by else ""
    stage = in_attribute(record.stage)
    return f'<revisionDesc status="{stage}"><change{when}>{name}{in_text(record.stage)}</change></revisionDesc>'


def _article(record: Record, name: str, labels: dict[str, str], context: Context) -> str:
    language = record.language or context.language
    language = f' xml:lang="{in_attribute(language)}"' if language else ""
    numbers = {"id": record.id, "external_id": record.external_id}
    ids = "".join(
        f'<idno type="{kind}">{in_text(str(value))}</idno>'
        for kind, value in numbers.items()
        if value not in (None, "")
    )
    entities = _Entities(record, name)
    more = entities.described() + _revision(record)
    header = _header(record.title or name, "", _publication(context, ids), _source(""), more)
    annotations = "".join(
        _annotation(span, name, number, labels, entities) for number, span in enumerate(record.spans, 1)
    )
    if annotations:
        annotations = f"<standOff><listAnnotation>\n{annotations}</listAnnotation></standOff>\n"
    return (
        f'<TEI xml:id="{name}"{language}>\n{header}'
        f'<text><body><ab xml:id="{name}.text" xml:space="preserve">{in_text(record.text)}</ab></body></text>\n'
        f"{annotations}</TEI>\n"
    )


class _Entities:
    """The entities that the spans of an article are linked to, each with the kind of its first label."""

    def __init__(self, record: Record, article: str) -> None:
        self._found: dict[int | str, tuple[str, EntityRecord]] = {}
        for span in record.spans:
            if span.entity is not None:
                self._found.setdefault(span.entity.id, (_KIND_OF.get(span.label, "org"), span.entity))
        self._ids = {key: f"{article}.e{number}" for number, key in enumerate(self._found, 1)}

    def described(self) -> str:
        """The lists of the header."""
        lists = {kind: self._list(kind) for kind in ("person", "org", "place")}
        partic = "".join(lists[kind] for kind in ("person", "org"))
        described = f"<particDesc>{partic}</particDesc>" if partic else ""
        described += f"<settingDesc>{lists['place']}</settingDesc>" if lists["place"] else ""
        return f"<profileDesc>{described}</profileDesc>" if described else ""

    def _list(self, wanted: str) -> str:
        listed = "".join(
            f'<{kind} xml:id="{self._ids[key]}" n="{in_attribute(str(entity.id))}">'
            f"<{_NAMED[kind]}>{in_text(entity.name)}</{_NAMED[kind]}>{_idnos(entity)}</{kind}>\n"
            for key, (kind, entity) in self._found.items()
            if kind == wanted
        )
        return f"<list{wanted.capitalize()}>\n{listed}</list{wanted.capitalize()}>" if listed else ""

    def note(self, entity: EntityRecord) -> str:
        """The note of an annotation: a name that refers to its entity."""
        name, reference = _NAMED[self._found[entity.id][0]], self._ids[entity.id]
        return (
            f'<note type="entity" subtype="{entity.state}"><{name} ref="#{reference}">{in_text(entity.name)}</{name}>'
            "</note>"
        )


def _idnos(entity: EntityRecord) -> str:
    return "".join(
        f'<idno type="{in_attribute(scheme)}">{in_text(value)}</idno>'
        if _NAME.match(scheme)
        else f'<idno type="URI">{in_text(address_of(scheme, value))}</idno>'
        for scheme, value in entity.identifiers
    )


def _annotation(span: SpanRecord, name: str, number: int, labels: dict[str, str], entities: _Entities) -> str:
    number_here = "" if span.id is None else f' n="{span.id}"'
    values: dict[str, Any] = {"label": span.label, "state": span.state, "score": span.score, "pipeline": span.pipeline}
    category = f'<ptr target="#{labels[span.label]}"/>' if span.label in labels else ""
    notes = "".join(
        f'<note type="{kind}">{in_text(str(value))}</note>' for kind, value in values.items() if value is not None
    )
    notes += entities.note(span.entity) if span.entity is not None else ""
    target = f"#string-range({name}.text,{span.start},{span.end - span.start})"
    identity = f'xml:id="{name}.{number}"{number_here}'
    return f'<annotation {identity} target="{target}" motivation="tagging">{category}{notes}</annotation>\n'
