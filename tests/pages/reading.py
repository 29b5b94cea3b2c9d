"""Reads pages as a browser does: the text of an element, its forms' fields."""

from html.parser import HTMLParser

_VOID = {"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"}


class _TextOf(HTMLParser):
    def __init__(self, element_id: str) -> None:
        super().__init__(convert_charrefs=True)
        self.element_id, self.depth, self.pieces, self.found = element_id, 0, [], False

    def handle_starttag(self, tag, attributes):
        if self.depth:
            self.depth += tag not in _VOID
        elif dict(attributes).get("id") == self.element_id:
            self.depth, self.found = 1, True

    def handle_endtag(self, tag):
        if self.depth and tag not in _VOID:
            self.depth -= 1

    def handle_data(self, data):
        if self.depth:
            self.pieces.append(data)


def text_of(html: str, element_id: str) -> str:
    """`textContent` of the element with this id."""
    parser = _TextOf(element_id)
    parser.feed(html)
    parser.close()
    assert parser.found, f"no element with the id {element_id!r}"
    return "".join(parser.pieces)


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags = []

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))


def tags(html: str) -> list[tuple[str, dict[str, str]]]:
    """Every tag of a page with its attributes, in order."""
    parser = _Tags()
    parser.feed(html)
    parser.close()
    return parser.tags


def values(html: str, name: str) -> list[str]:
    """The values of all fields and buttons of this name."""
    return [found.get("value", "") for _, found in tags(html) if found.get("name") == name]
