"""Entities of RDF: SKOS concepts, and other resources that have a name."""

import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import rdflib
from rdflib import RDF, BNode, Graph, Literal, Node, URIRef

from annotations.linkers.identifiers import identifier_of, language_code
from annotations.linkers.lists import OWN, Entry, UnreadableList

# Values are kept as they are written: computing those of numbers and dates only takes time.
rdflib.NORMALIZE_LITERALS = False

_SKOS, _RDFS = "http://www.w3.org/2004/02/skos/core#", "http://www.w3.org/2000/01/rdf-schema#"
_SCHEMA = ("http://schema.org/", "https://schema.org/")
_FOAF, _OWL, _DC = "http://xmlns.com/foaf/0.1/", "http://www.w3.org/2002/07/owl#", "http://purl.org/dc/terms/"
# By what a resource has each, best first.
_NAMES = [URIRef(n) for n in (_SKOS + "prefLabel", *(s + "name" for s in _SCHEMA), _FOAF + "name", _RDFS + "label")]
_ALIASES = [
    URIRef(n)
    for n in (_SKOS + "altLabel", _SKOS + "hiddenLabel", *(s + "alternateName" for s in _SCHEMA), _FOAF + "nick")
]
_DESCRIPTIONS = [
    URIRef(n)
    for n in (
        _SKOS + "definition", *(s + "description" for s in _SCHEMA), _DC + "description", _RDFS + "comment",
        _SKOS + "scopeNote",
    )
]  # fmt: skip
_SAME = [URIRef(n) for n in (_SKOS + "exactMatch", _OWL + "sameAs", *(s + "sameAs" for s in _SCHEMA))]
_NOTATION = URIRef(_SKOS + "notation")
# What SKOS and OWL say about the list itself.
_NOT_ENTITIES = {
    URIRef(n)
    for n in (
        _SKOS + "ConceptScheme", _SKOS + "Collection", _SKOS + "OrderedCollection", _OWL + "Ontology", _OWL + "Class",
        _OWL + "ObjectProperty", _OWL + "DatatypeProperty", _OWL + "AnnotationProperty", _RDFS + "Class",
        str(RDF.Property),
    )
}  # fmt: skip
# The labels of the default set by the last part of a class's address.
_LABELS = {
    "Person": "PERSON", "Agent": "PERSON", "Organization": "ORG", "Organisation": "ORG", "Corporation": "ORG",
    "GovernmentOrganization": "ORG", "Group": "ORG", "Country": "GPE", "City": "GPE", "AdministrativeArea": "GPE",
    "State": "GPE", "PopulatedPlace": "GPE", "Settlement": "GPE", "Place": "LOC", "Location": "LOC", "Event": "EVENT",
    "Facility": "FAC", "Airport": "FAC", "CreativeWork": "WORK_OF_ART", "Product": "PRODUCT",
}  # fmt: skip
MAX_TRIPLES = 2_000_000


def read_concepts(text: str, form: str, languages: Sequence[str], most: int) -> list[Entry]:
    """The named resources of a graph, in the order of the file. Raises `UnreadableList`.

    A resource is named in the first of `languages` that it has a name in; other names become aliases. Broader and
    narrower concepts are not followed, so that cycles among them do no harm.
    """
    graph = Graph(bind_namespaces="none")
    try:
        if form == "json-ld":
            _refuse_remote(json.loads(text))
        elif form == "xml":
            _refuse_bombs(text)
        graph.parse(data=text, format=form)
    except UnreadableList:
        raise
    except (RecursionError, MemoryError):
        raise UnreadableList("the file is nested too deep") from None
    except Exception as error:
        raise UnreadableList(_reason(error, form)) from None
    if len(graph) > MAX_TRIPLES:
        raise UnreadableList(f"the file has {len(graph):,} statements: the limit is {MAX_TRIPLES:,}")
    entries = []
    for subject in graph.subjects(unique=True):
        if isinstance(subject, URIRef | BNode) and (entry := _entry(graph, subject, languages)):
            entries.append(entry)
            if len(entries) > most:
                raise UnreadableList(f"the list has more than {most:,} entities: import it in parts")
    return entries


def _reason(error: Exception, form: str) -> str:
    if (line := getattr(error, "lines", None)) is not None:  # Turtle
        return f"line {line + 1} is no Turtle: {getattr(error, '_why', '') or 'check its syntax'}"
    if (place := getattr(error, "getLineNumber", None)) is not None:  # XML
        return f"line {place()} is no RDF/XML: {getattr(error, 'getMessage', lambda: '')()}"
    return f"the file is no {form}: {str(error)[:200]}"


def _refuse_remote(value: Any) -> None:
    """Refuse contexts of JSON-LD that would be fetched."""
    waiting = [(value, False)]
    while waiting:
        one, is_context = waiting.pop()
        if isinstance(one, str) and is_context:
            raise UnreadableList(f"the @context {one[:200]!r} is not fetched: write it into the file")
        if isinstance(one, list):
            waiting += [(item, is_context) for item in one]
        elif isinstance(one, dict):
            waiting += [(item, key in ("@context", "@import")) for key, item in one.items()]


def _refuse_bombs(text: str) -> None:
    """Refuse XML whose entities grow when they are expanded. Those of namespaces, which are usual, are short."""
    for parameter, value in re.findall(r"""<!ENTITY\s+(%?)[^"'>]*("[^"]*"|'[^']*')""", text):
        if parameter or len(value) > 300 or re.search("[&%](?!#)", value):
            raise UnreadableList("the file defines XML entities by others, or long ones: save it without them")


def _entry(graph: Graph, subject: URIRef | BNode, languages: Sequence[str]) -> Entry | None:
    types = list(graph.objects(subject, RDF.type))
    if _NOT_ENTITIES.intersection(types):
        return None
    names = _texts(graph, subject, _NAMES)
    if not names:
        return None
    name = _best(names, languages)
    others = [(text, language) for text, language in names + _texts(graph, subject, _ALIASES) if text != name]
    descriptions = _texts(graph, subject, _DESCRIPTIONS)
    identifiers = [] if isinstance(subject, BNode) else [identifier_of(str(subject))]
    identifiers += [identifier_of(str(same)) for same in _objects(graph, subject, _SAME) if isinstance(same, URIRef)]
    identifiers += [(OWN, str(one).strip()) for one in graph.objects(subject, _NOTATION)]
    return Entry(
        None, "" if isinstance(subject, BNode) else str(subject), name, _label(types),
        _best(descriptions, languages) if descriptions else "",
        tuple(dict.fromkeys(identifiers)), tuple(dict.fromkeys(others)),
    )  # fmt: skip


def _objects(graph: Graph, subject: Node, predicates: Iterable[URIRef]) -> list[Node]:
    return [value for predicate in predicates for value in graph.objects(subject, predicate)]


def _texts(graph: Graph, subject: Node, predicates: Iterable[URIRef]) -> list[tuple[str, str]]:
    """(text, language) of literals, in the order of the predicates."""
    found = [value for value in _objects(graph, subject, predicates) if isinstance(value, Literal)]
    return [(" ".join(str(one).split()), language_code(one.language or "")) for one in found if str(one).strip()]


def _best(texts: Sequence[tuple[str, str]], languages: Sequence[str]) -> str:
    ranks = {language: rank for rank, language in enumerate((*languages, ""))}
    return min(texts, key=lambda text: ranks.get(text[1], len(ranks)))[0]


def _label(types: Iterable[Node]) -> str:
    last = [str(one).rstrip("/").replace("#", "/").rpartition("/")[2] for one in types]
    return next((_LABELS[name] for name in last if name in _LABELS), "")
