"""Licences of data sets that have an SPDX id: their names and addresses."""

from typing import NamedTuple


class Licence(NamedTuple):
    """`id` is that of SPDX, `hub` that of the Hugging Face Hub."""

    id: str
    title: str
    url: str
    hub: str


def _creative_commons(code: str, title: str) -> Licence:
    return Licence(
        f"CC-{code.upper()}-4.0",
        f"Creative Commons {title} 4.0 International",
        f"https://creativecommons.org/licenses/{code}/4.0/",
        f"cc-{code}-4.0",
    )


COMMON = (
    Licence(
        "CC0-1.0",
        "Creative Commons Zero 1.0 Universal",
        "https://creativecommons.org/publicdomain/zero/1.0/",
        "cc0-1.0",
    ),
    _creative_commons("by", "Attribution"),
    _creative_commons("by-sa", "Attribution-ShareAlike"),
    _creative_commons("by-nc", "Attribution-NonCommercial"),
    _creative_commons("by-nc-sa", "Attribution-NonCommercial-ShareAlike"),
    _creative_commons("by-nd", "Attribution-NoDerivatives"),
    _creative_commons("by-nc-nd", "Attribution-NonCommercial-NoDerivatives"),
    Licence(
        "ODC-By-1.0", "Open Data Commons Attribution 1.0", "https://opendatacommons.org/licenses/by/1-0/", "odc-by"
    ),
    Licence(
        "ODbL-1.0", "Open Data Commons Open Database 1.0", "https://opendatacommons.org/licenses/odbl/1-0/", "odbl"
    ),
)
_BY_NAME = {name.casefold().rstrip("/"): licence for licence in COMMON for name in (licence.id, licence.url)}


def known_licence(text: str) -> Licence | None:
    """The licence with this SPDX id or this URL."""
    return _BY_NAME.get(text.strip().casefold().rstrip("/").replace("http://", "https://"))


def url_of(text: str) -> str:
    """The URL of a licence that is an SPDX id or a URL itself; else empty."""
    if known := known_licence(text):
        return known.url
    words = text.split()
    return words[0] if len(words) == 1 and words[0].startswith(("https://", "http://")) else ""
