"""The type system that goes with XMI: DKPro's named entities and metadata, as INCEpTION has them, and our companion."""

NAMED_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
DOCUMENT = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
COMPANION = "corpusapp.type.Companion"

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
