"""What http://www.w3.org/ns/anno.jsonld maps the terms used here to (W3C, Web Annotation Vocabulary, appendix)."""

OA, RDF, DC = (
    "http://www.w3.org/ns/oa#",
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "http://purl.org/dc/elements/1.1/",
)
AS, FOAF, XSD = (
    "http://www.w3.org/ns/activitystreams#",
    "http://xmlns.com/foaf/0.1/",
    "http://www.w3.org/2001/XMLSchema#",
)


def _address(name):
    return {"@id": name, "@type": "@id"}


CONTEXT = {
    "id": "@id",
    "type": "@type",
    **{name: OA + name for name in ("Annotation", "TextualBody", "TextQuoteSelector", "TextPositionSelector")},
    "Software": AS + "Application",
    "AnnotationPage": AS + "OrderedCollectionPage",
    **{name: OA + name for name in ("describing", "tagging")},
    **{name: OA + name for name in ("exact", "prefix", "suffix")},
    "body": _address(OA + "hasBody"),
    "target": _address(OA + "hasTarget"),
    "source": _address(OA + "hasSource"),
    "selector": _address(OA + "hasSelector"),
    "generator": _address(AS + "generator"),
    "items": {"@id": AS + "items", "@type": "@id", "@container": "@list"},
    "motivation": {"@id": OA + "motivatedBy", "@type": "@vocab"},
    "purpose": {"@id": OA + "hasPurpose", "@type": "@vocab"},
    "format": DC + "format",
    "language": DC + "language",
    "value": RDF + "value",
    "name": FOAF + "name",
    "start": {"@id": OA + "start", "@type": XSD + "nonNegativeInteger"},
    "end": {"@id": OA + "end", "@type": XSD + "nonNegativeInteger"},
}
