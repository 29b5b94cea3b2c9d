"""Identifiers in well-known databases: their schemes, and the addresses they are written as."""

import re

# The addresses of an identifier; the first group is its value.
_PATTERNS = {
    "wikidata": r"https?://(?:www\.)?wikidata\.org/(?:entity|wiki)/(Q[1-9]\d{0,15})",
    "viaf": r"https?://(?:www\.)?viaf\.org/viaf/(\d{1,30})/?",
    "gnd": r"https?://d-nb\.info/gnd/([\dX-]{1,30})",
    "geonames": r"https?://(?:sws\.|www\.)?geonames\.org/(\d{1,15})(?:/.*)?",
    "isni": r"https?://(?:www\.)?isni\.org/(?:isni/)?(\d{15}[\dX])/?",
    "orcid": r"https?://orcid\.org/((?:\d{4}-){3}\d{3}[\dX])",
    "ror": r"https?://ror\.org/(0[a-z0-9]{6}\d\d)",
    "lcnaf": r"https?://id\.loc\.gov/authorities/names/(n[a-z]{0,2}\d{1,12})",
    "dbpedia": r"https?://dbpedia\.org/resource/(.{1,300})",
}
_COMPILED = {scheme: re.compile(pattern) for scheme, pattern in _PATTERNS.items()}
# The address of a value of a scheme, where people and linked data find it.
ADDRESSES = {
    "wikidata": "http://www.wikidata.org/entity/{}",
    "viaf": "http://viaf.org/viaf/{}",
    "gnd": "https://d-nb.info/gnd/{}",
    "geonames": "https://sws.geonames.org/{}/",
    "isni": "https://isni.org/isni/{}",
    "orcid": "https://orcid.org/{}",
    "ror": "https://ror.org/{}",
    "lcnaf": "http://id.loc.gov/authorities/names/{}",
    "dbpedia": "http://dbpedia.org/resource/{}",
}
# The scheme of other addresses.
URI = "uri"


def identifier_of(text: str, scheme: str = URI) -> tuple[str, str]:
    """(scheme, value) of an address in a known database; of other texts, the given scheme and the text."""
    if text.startswith(("http://", "https://")):
        for known, pattern in _COMPILED.items():
            if match := pattern.fullmatch(text):
                return known, match[1]
    return scheme, text


def language_code(tag: str) -> str:
    """The language of a tag such as `ar` or `zh-Hant`, without what follows; empty if it is no tag."""
    code = tag.strip().lower().replace("_", "-").partition("-")[0]
    return code if re.fullmatch("[a-z]{2,3}", code) else ""
