"""Suggesters by name: ours, and those of installed packages.

A package adds one by an entry point of the group `corpusapp.suggesters`: its name, and a callable that takes one text
(the option that a corpus sets for it, such as a pipeline's name or an address) and returns a `Suggester`. One of ours
is a line below. Nothing is imported before it is asked for.
"""

from collections.abc import Callable, Iterable
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from annotations.suggesters.protocol import Suggester

GROUP = "corpusapp.suggesters"
OURS = {"spacy": "annotations.suggesters.spacy_ner:SpacyNer"}

Maker = Callable[[str], Suggester]


class DuplicateSuggester(ValueError):
    """Two suggesters of one name."""


class UnknownSuggester(LookupError):
    """No suggester of this name; the message lists those that there are."""


class Registry:
    """Makers of suggesters by name."""

    def __init__(self) -> None:
        self._makers: dict[str, Callable[[], Maker]] = {}

    def register(self, name: str, load: Callable[[], Maker]) -> None:
        """Add a maker, loaded when it is first needed. Raises `DuplicateSuggester`."""
        if name in self._makers:
            raise DuplicateSuggester(f"there are two suggesters named {name!r}: rename one, or uninstall its package")
        self._makers[name] = load

    def names(self) -> list[str]:
        return sorted(self._makers)

    def make(self, name: str, option: str) -> Suggester:
        """The suggester of this name for this option. Raises `UnknownSuggester`, and whatever its maker raises."""
        if name not in self._makers:
            raise UnknownSuggester(f"there is no suggester {name!r}: use one of {', '.join(self.names())}")
        return self._makers[name]()(option)


def installed(points: Iterable[EntryPoint] | None = None) -> Registry:
    """A registry of ours and of what installed packages bring. Raises `DuplicateSuggester`."""
    registry = Registry()
    for name, path in OURS.items():
        registry.register(name, lambda path=path: _ours(path))
    for point in entry_points(group=GROUP) if points is None else points:
        registry.register(point.name, point.load)
    return registry


def _ours(path: str) -> Maker:
    module, name = path.split(":")
    return getattr(import_module(module), name)
