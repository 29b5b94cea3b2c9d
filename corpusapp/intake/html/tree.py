"""The text of a page as a tree, or a refusal where it is none, or one that would take too long to read."""

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from corpusapp.intake.draft import Unfit
from corpusapp.intake.markup import refuse_many_attributes

MAX_CODE_POINTS = 10_000_000
MAX_DEPTH = 500
# The largest news pages have a few thousand elements.
MAX_ELEMENTS = 30_000
# Reading a page climbs from its blocks to the root: this bounds the climbs together, in steps.
MAX_CLIMB = 1_000_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(r"<[a-zA-Z!/?]")


def tree_of(text: str) -> HtmlElement:
    """The root of the page. Raises `Unfit` for what is no HTML, is empty, too large or nested too deep."""
    if not text.strip():
        raise Unfit("the page is empty", "text")
    if len(text) > MAX_CODE_POINTS:
        raise Unfit(f"the page has {len(text)} code points: at most {MAX_CODE_POINTS} are taken", "text")
    if not _TAG.search(text):
        raise Unfit("the page holds no HTML tag: import it as plain text", "text")
    refuse_many_attributes(text)
    # Bytes, since lxml refuses a str with an encoding declaration. huge_tree lifts the parser's own depth of 256, past
    # which it drops text without a word.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        root = document_fromstring(_NOT_XML.sub("", text).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Unfit(f"the page cannot be read as HTML: {error}", "text") from error
    _refuse_if_too_heavy(root)
    return root


def leave_out_readings(root: HtmlElement) -> None:
    """Take out how words are read that stands over them (ruby): within the text it would part and repeat them."""
    for reading in list(root.iter("rt", "rp", "rtc")):
        reading.drop_tree()
    etree.strip_tags(root, "ruby", "rb", "rbc")


def _refuse_if_too_heavy(root: HtmlElement) -> None:
    depth = climb = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        climb += depth if event == "start" else 0
        if depth > MAX_DEPTH:
            raise Unfit(f"the page nests its tags more than {MAX_DEPTH} deep", "text")
        if count > 2 * MAX_ELEMENTS:
            raise Unfit(f"the page has more than {MAX_ELEMENTS} elements", "text")
        if climb > MAX_CLIMB:
            raise Unfit("the page is too large for how deep its tags are nested", "text")
