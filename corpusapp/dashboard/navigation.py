"""The tabs of a corpus in the header of every page, and which of them the page belongs to."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.urls import ResolverMatch, reverse


@dataclass(frozen=True)
class Tab:
    """A link of the header. `tier` 1 stands in the header at most widths, 4 only in a menu.

    One `for_entities` is for corpora that link names to entities.
    """

    title: str
    address: str
    tier: int
    current: bool
    for_managers: bool
    for_entities: bool


@dataclass(frozen=True)
class _Place:
    """A tab's URL name, and how the names of its other pages begin."""

    title: str
    name: str
    tier: int
    prefixes: tuple[str, ...]
    for_managers: bool = False
    for_entities: bool = False


_PLACES = (
    _Place("Overview", "corpus", 1, ("guidelines",)),
    _Place("Articles", "article-list", 1, ("article", "filter", "span", "zone", "original", "reading", "copies")),
    _Place("Concordance", "concordance", 1, ("concordance",)),
    _Place("Entities", "entities", 2, ("entities", "entity"), for_entities=True),
    _Place("Comments", "comments", 2, ("comment",)),
    _Place("Dashboard", "dashboard", 2, ("dashboard", "disagreements")),
    _Place("Releases", "releases", 3, ("release",)),
    _Place("Models", "pipelines", 3, ("model", "suggest", "run")),
    _Place("Settings", "corpus-settings", 3, ("corpus-", "settings", "label", "member", "invitation"), True),
    _Place("Export", "export", 4, ("export",)),
    _Place("Import", "import", 4, ("import",), True),
)
# The page of a label is reached from the labels of the overview, its settings from the settings.
_EXACT = {"corpus": "Overview", "label": "Overview"}


def tabs(match: ResolverMatch | None) -> Iterator[Tab]:
    """The tabs of the corpus that the address names; none if it names no corpus."""
    slug = match.kwargs.get("slug") if match else None
    if match is None or slug is None:
        return
    current = _title_of(match.url_name or "")
    for place in _PLACES:
        address = reverse(place.name, args=[slug])
        yield Tab(place.title, address, place.tier, place.title == current, place.for_managers, place.for_entities)


def _title_of(url_name: str) -> str:
    if url_name in _EXACT:
        return _EXACT[url_name]
    named = (place.title for place in _PLACES if url_name == place.name or url_name.startswith(place.prefixes))
    return next(named, "")
