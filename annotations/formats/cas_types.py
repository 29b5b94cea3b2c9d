"""Types of UIMA CAS: the type system of exports, and the annotations of imports that are spans.

DKPro's NamedEntity has its label in `value`; its subtypes are labels if they have no value. A custom layer has its
label in `value` or `label`, else in its only feature with text. Types of grammar and housekeeping of DKPro and
INCEpTION, relations, and layers without a clear label are counted and reported by name.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from annotations.formats.report import Report

NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
DOCUMENT = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
COMPANION = "corpusapp.type.Companion"
# The feature with the entity of a span, in a knowledge base.
IDENTIFIER = "identifier"

# Name, supertype, and features with their ranges.
_TYPES = (
    (NAMED_ENTITY, "uima.tcas.Annotation", ("value", "identifier")),
    (
        DOCUMENT,
        "uima.tcas.DocumentAnnotation",
        ("documentTitle", "documentId", "documentUri", "collectionId", "documentBaseUri"),
    ),
    (COMPANION, "uima.cas.TOP", ("held",)),
)


def namespace(type_name: str) -> tuple[str, str]:
    """(namespace, local name) of a type in XMI."""
    package, _, local = type_name.rpartition(".")
    return f"http:///{package.replace('.', '/')}.ecore", local


def type_system() -> str:
    described = "".join(_described(*one) for one in _TYPES)
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<typeSystemDescription xmlns="http://uima.apache.org/resourceSpecifier">\n'
        f"  <types>\n{described}  </types>\n</typeSystemDescription>\n"
    )


def _described(name: str, supertype: str, features: tuple[str, ...]) -> str:
    listed = "".join(_feature(feature, "uima.cas.String") for feature in features)
    if name == DOCUMENT:
        listed += _feature("isLastSegment", "uima.cas.Boolean")
    return (
        f"    <typeDescription>\n      <name>{name}</name>\n      <description/>\n"
        f"      <supertypeName>{supertype}</supertypeName>\n"
        f"      <features>\n{listed}      </features>\n    </typeDescription>\n"
    )


def _feature(name: str, range_name: str) -> str:
    return (
        f"        <featureDescription><name>{name}</name><description/>"
        f"<rangeTypeName>{range_name}</rangeTypeName></featureDescription>\n"
    )


# Types of grammar, of UIMA, and of the tools.
_TOOL_TYPES = ("uima.", "de.tudarmstadt.ukp.", "org.dkpro.", COMPANION)
# The package of DKPro's subtypes of named entities: Person, Location …
_KINDS = NAMED_ENTITY.removesuffix("NamedEntity")
_RELATION = {"Governor", "Dependent"}
_USUAL = ("value", "label")
_NO_TEXT = re.compile(r"(?:[0-9 .-]+|true|false)\Z")


@dataclass(frozen=True, slots=True)
class Annotation:
    """An annotation with the offsets of the file, None if they are not numbers. `field` is its name in reports."""

    layer: str
    begin: int | None
    end: int | None
    features: Mapping[str, str]
    field: str
    words: str | None = None


def labelled_spans(annotations: Iterable[Annotation], where: str, report: Report) -> Iterator[tuple[Annotation, str]]:
    """(annotation, label) of the annotations that are spans. The others are reported by layer and number."""
    by_layer: dict[str, list[Annotation]] = {}
    for annotation in annotations:
        by_layer.setdefault(annotation.layer, []).append(annotation)
    for layer, found in sorted(by_layer.items()):
        counted = f"{len(found)} annotations of the layer {layer}"
        names = {name for annotation in found for name in annotation.features}
        if layer.startswith(_KINDS) and layer != NAMED_ENTITY:
            kind = layer.removeprefix(_KINDS)
            yield from ((one, one.features.get("value") or kind) for one in found)
        elif layer != NAMED_ENTITY and layer.startswith(_TOOL_TYPES):
            report.note(f"layer {layer}", f"{counted} have no place here", where)
        elif names >= _RELATION:
            report.lose("relations", f"{counted} are relations, which have no place here", where)
        elif chosen := _label_feature(layer, found, names):
            yield from _with_label(found, chosen, where, report)
        elif texts := _texts(found, names):
            reason = f"{counted} are left out: which of {', '.join(texts)} is the label cannot be told"
            report.lose("layer", reason, where)
        else:
            report.lose("layer", f"{counted} have no feature in text, so they have no label", where)


def _label_feature(layer: str, found: list[Annotation], names: set[str]) -> str | None:
    """The feature with the label; None if it is not clear."""
    usual = [name for name in _USUAL if name in names or (layer == NAMED_ENTITY and name == "value")]
    texts = _texts(found, names)
    return usual[0] if usual else texts[0] if len(texts) == 1 else None


def _texts(found: list[Annotation], names: set[str]) -> list[str]:
    """The features with text. Not every file declares types, so features with only numbers or booleans are excluded.

    The entity of a span is not its label.
    """
    values = {name: [one.features[name] for one in found if name in one.features] for name in names}
    return sorted(name for name in names - {IDENTIFIER} if not all(_NO_TEXT.match(value) for value in values[name]))


def _with_label(found: list[Annotation], feature: str, where: str, report: Report) -> Iterator[tuple[Annotation, str]]:
    missing = 0
    for annotation in found:
        if label := annotation.features.get(feature):
            yield annotation, label
        else:
            missing += 1
    if missing:
        reason = f"{missing} annotations of the layer {found[0].layer} have no {feature}, so they have no label"
        report.lose("layer", reason, where)
