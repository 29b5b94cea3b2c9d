"""Suggesters by name: built-in ones, and those of installed packages.

A package adds a suggester by an entry point of the group `corpusapp.suggesters`: its name, and a callable that takes a
string (the option of a corpus, such as the name of a pipeline or a URL) and returns a `Suggester`. Suggesters are
imported when they are first used.
"""

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points

from annotations.suggesters.protocol import Suggester

GROUP = "corpusapp.suggesters"
BUILT_IN = {"spacy": "annotations.suggesters.spacy_ner:SpacyNer"}

Factory = Callable[[str], Suggester]


class DuplicateSuggester(ValueError):
    """Two suggesters have the same name."""


class UnknownSuggester(LookupError):
    """There is no such suggester. The message lists the known ones."""


class Registry:
    """Factories of suggesters by name."""

    def __init__(self) -> None:
        self._factories: dict[str, Callable[[], Factory]] = {}

    def register(self, name: str, load: Callable[[], Factory]) -> None:
        """Add a factory, which is loaded when it is first used. Raises `DuplicateSuggester`."""
        if name in self._factories:
            raise DuplicateSuggester(f"there are two suggesters named {name!r}: rename one, or uninstall its package")
        self._factories[name] = load

    def names(self) -> list[str]:
        return sorted(self._factories)

    def make(self, name: str, option: str) -> Suggester:
        """Create a suggester with this option. Raises `UnknownSuggester`, and what the factory raises."""
        if name not in self._factories:
            raise UnknownSuggester(f"there is no suggester {name!r}: use one of {', '.join(self.names())}")
        return self._factories[name]()(option)


def installed(points: Iterable[EntryPoint] | None = None) -> Registry:
    """A registry of the built-in suggesters and those of installed packages. Raises `DuplicateSuggester`."""
    registry = Registry()
    for name, path in BUILT_IN.items():
        registry.register(name, partial(_load, path))
    for point in entry_points(group=GROUP) if points is None else points:
        registry.register(point.name, point.load)
    return registry


def _load(path: str) -> Factory:
    module, name = path.split(":")
    factory: Factory = getattr(import_module(module), name)
    return factory
