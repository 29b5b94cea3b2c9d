"""The fields of Label Studio's tasks: which one is the text, and which one each region is on.

A region names the tag that it is on (`to_name`), and the labelling configuration maps a tag to a key of the data.
Exports lack the configuration, so the regions' quotes decide, counted over the first tasks of a file.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

from lxml import etree

from corpusapp.intake.columns import USUAL

_LINK = re.compile(r"\s*(?:[a-z][a-z0-9+.-]*://|/data/)\S+\s*\Z", re.IGNORECASE)
_USUAL_KEYS = USUAL["text"].split()


class Fields:
    """Statistics of a file's fields. Call `learn` with tasks before `key` and `main`."""

    def __init__(self) -> None:
        self._keys: dict[str, str] = {}
        self._votes: dict[str, Counter[str]] = {}
        self._regions: Counter[str] = Counter()

    def configure(self, config: str) -> None:
        """Use a labelling configuration, which takes precedence over quotes."""
        self._keys |= dict(_configured_keys(config))

    def learn(self, task: dict[str, Any]) -> None:
        texts = texts_of(task)
        for name, value in _quotes(task):
            self._regions[name] += 1
            votes = self._votes.setdefault(name, Counter())
            for key, text in texts.items():
                votes[key] += 2 * _is_at(value, text) + (value["text"] in text)

    def key(self, name: str, texts: dict[str, str]) -> str | None:
        """The key of the data that the tag of this name shows; None if unknown."""
        if name in self._keys:
            return self._keys[name]
        votes = self._votes.get(name, Counter())
        known = [key for key in texts if votes[key]] or [key for key in votes if votes[key]]
        if known:
            return max(known, key=lambda key: (votes[key], key == name, key == "text"))
        return name if name in texts else None

    def main(self, texts: dict[str, str]) -> str | None:
        """The key of a task's text; None if unknown."""
        regions: Counter[str] = Counter()
        for name, count in self._regions.items():
            if (key := self.key(name, texts)) in texts:
                regions[key] += count
        if regions:
            return max(regions, key=lambda key: (regions[key], key in _USUAL_KEYS, len(texts[key])))
        for key in [*self._keys.values(), *_USUAL_KEYS]:
            if key in texts:
                return key
        return next(iter(texts)) if len(texts) == 1 else None


def _configured_keys(config: str) -> Iterator[tuple[str, str]]:
    """(name, key) of each Text tag of a labelling configuration; nothing if it is not valid."""
    try:
        root = etree.fromstring(config.encode(), etree.XMLParser(resolve_entities=False, no_network=True))
    except (etree.XMLSyntaxError, ValueError):
        return
    for tag in root.iter("Text"):
        name, value = tag.get("name"), tag.get("value", "")
        if name and value.startswith("$"):
            yield name, value[1:]


def texts_of(task: dict[str, Any]) -> dict[str, str]:
    return {key: value for key, value in task["data"].items() if isinstance(value, str)}


def is_link(text: str) -> bool:
    """Whether the field links to a file instead of containing its text."""
    return _LINK.match(text) is not None


def regions_of(task: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The regions of all annotations and predictions."""
    for key in ("annotations", "completions", "predictions"):
        parts = task.get(key)
        for part in parts if isinstance(parts, list) else ():
            regions = part.get("result") if isinstance(part, dict) else None
            yield from (region for region in (regions if isinstance(regions, list) else ()) if isinstance(region, dict))


def tag_of(region: dict[str, Any]) -> str:
    return region["to_name"] if isinstance(region.get("to_name"), str) else ""


def _quotes(task: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """(tag, value) of each region with a quote."""
    for region in regions_of(task):
        value = region.get("value")
        if region.get("type") == "labels" and isinstance(value, dict):
            words = value.get("text")
            if isinstance(words, str) and words:
                yield tag_of(region), value


def _is_at(value: dict[str, Any], text: str) -> bool:
    start, end = value.get("start"), value.get("end")
    return type(start) is int and type(end) is int and 0 <= start < end and text[start:end] == value["text"]
