"""Articles to send."""

from typing import Any


def articles(number: int, *, begin: int = 0, spans: bool = True) -> list[dict[str, Any]]:
    """So many articles with texts of their own, each with a confirmed span if `spans`."""
    return [_article(position, spans) for position in range(begin, begin + number)]


def _article(number: int, spans: bool) -> dict[str, Any]:
    found: dict[str, Any] = {
        "external_id": f"a-{number}",
        "title": f"Visit {number}",
        "text": f"Zarif met Muallem in Damascus on visit {number}. 🙂 They spoke of article {number * 7919}.",
    }
    return {**found, "spans": [[0, 5, "PERSON"]]} if spans else found


def adding(number: int, label: str = "PERSON") -> dict[str, Any]:
    """A decision that adds a span to one of them."""
    return {"external_id": f"a-{number}", "verb": "add", "start": 10, "end": 17, "label": label}
