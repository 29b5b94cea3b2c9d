"""Articles of the tests: their mentions are marked in the text, as in `[PERSON Ada Byron] wrote.`."""

import re

from annotations.linkers.linker import link_article
from annotations.linkers.registry import DecidedLink, LinkArticle, Mention, Registry

_MARK = re.compile(r"\[([A-Z]+) ([^\]]+)\]")


def read(marked, *, pk=1, decided=None, country=""):
    """The article of a marked text. Ids of mentions count from 100 times the article's id."""
    text, mentions, last = "", [], 0
    for found in _MARK.finditer(marked):
        text += marked[last : found.start()]
        start = len(text)
        text += found[2]
        mentions.append(Mention(100 * pk + len(mentions), start, len(text), found[1]))
        last = found.end()
    text += marked[last:]
    said = {100 * pk + at: link for at, link in (decided or {}).items()}
    return LinkArticle(pk, text, mentions, country=country, decided=said)


def linked(article, registry):
    """By the position of each mention, the name of its entity, or the reason why there is none."""
    result = link_article(article, registry)
    found = {link.mention: registry.entities[link.entity].name for link in result.links}
    found |= {
        one.mention: (one.reason, tuple(registry.entities[pk].name for pk in one.candidates)) for one in result.unlinked
    }
    return [found.get(mention.id) for mention in article.mentions]


def link_all(*marked):
    """The names of the entities of each marked text, linked one after the other, and the registry."""
    registry = Registry()
    return [linked(read(text, pk=pk), registry) for pk, text in enumerate(marked, 1)], registry


__all__ = ["DecidedLink", "link_all", "linked", "read"]
