"""Extract the main text and the metadata of an HTML page, and the dropped blocks with reasons."""

import logging
import re
from collections.abc import Sequence
from copy import deepcopy
from dataclasses import dataclass, replace

import trafilatura
from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from corpusapp.intake.draft import Unfit
from corpusapp.intake.html.blocks import Block, blocks_of
from corpusapp.intake.html.decode import Decoded, decode
from corpusapp.intake.html.features import is_sentence, same_words, words
from corpusapp.intake.html.metadata import Declared, Metadata, as_written, declared_text, metadata_of, titles_of
from corpusapp.intake.html.select import NOTICE, select
from corpusapp.intake.html.vote import Evidence
from corpusapp.intake.markup import refuse_many_attributes
from corpusapp.intake.versions import HTML as VERSION

BETWEEN_BLOCKS = "\n\n"
# Bytes: a code point takes four at most.
MAX_BYTES = 40_000_000
# With a smaller share of the page's paragraphs, the precise text may lack the story: a fuller one is extracted too.
_DOUBTFUL_SHARE = 0.5
# With a smaller share of the extracted words in the blocks, the text came from the page's data.
_IN_MARKUP_SHARE = 0.3

_TAKEN_AS_READ = "the blocks of the page have little of the extracted text: it is used without blocks"

_IN_DATA_ALONE = "the text is only in the page's data (articleBody): it was taken from there"

# trafilatura logs every page without text; here that raises `Unfit`.
logging.getLogger("trafilatura").addHandler(logging.NullHandler())


@dataclass(frozen=True)
class Dropped:
    """A block that is not main text. `position` is its offset in the main text, in code points."""

    text: str
    reason: str
    position: int


@dataclass(frozen=True)
class HtmlPage:
    """An extracted page. `encoding` is empty if the page was given as text; `extractor` has the versions used."""

    text: str
    metadata: Metadata
    dropped: tuple[Dropped, ...]
    encoding: str
    extractor: str = VERSION
    notes: tuple[str, ...] = ()


def extract(page: bytes | str, url: str = "") -> HtmlPage:
    """Extract an HTML page. `url` is a hint and is never fetched.

    Raises `Unfit`, with the reason, if there is no main text, or the page cannot be read in reasonable time.
    """
    if isinstance(page, bytes) and len(page) > MAX_BYTES:
        raise Unfit(f"the page has {len(page)} bytes: at most {MAX_BYTES} are taken", "text")
    decoded = decode(page) if isinstance(page, bytes) else Decoded(page, "", "given")
    root = tree_of(decoded.text)
    try:
        extracted = _extracted(root, url)
    except (Unfit, MemoryError):
        raise
    except Exception as error:  # the libraries promise no set of errors, and one page must not stop an import
        raise Unfit(f"the page cannot be read: {type(error).__name__} in the extraction of its text", "text") from error
    return replace(extracted, encoding=decoded.encoding, notes=(*decoded.notes, *extracted.notes))


def _extracted(root: HtmlElement, url: str) -> HtmlPage:
    remove_ruby(root)
    declared = declared_text(root)
    found = metadata_of(deepcopy(root), url)
    blocks = blocks_of(root)
    evidence = _evidence(root, blocks, found, declared)
    metadata = as_written(_of_the_whole(found, declared), root, (block.text for block in blocks))
    selection = select(blocks, evidence)
    everything = tuple(Dropped(block.text, "not main text", 0) for block in blocks)
    if selection.in_data_alone:
        metadata = replace(metadata, title=declared.headline or metadata.title)
        return HtmlPage(declared.text, metadata, everything, "", notes=(_IN_DATA_ALONE,))
    kept = sum(len(words(block.text)) for block, reason in zip(blocks, selection.reasons, strict=True) if not reason)
    read = max((evidence.precise, evidence.fuller), key=len)
    if kept < _IN_MARKUP_SHARE * len(words(read)) and NOTICE not in selection.reasons:
        text = BETWEEN_BLOCKS.join(filter(None, map(str.strip, read.splitlines())))
        return HtmlPage(text, metadata, everything, "", notes=(_TAKEN_AS_READ,))
    if not kept:
        raise Unfit("the page has no main text: it is a list of links, empty, or built by scripts", "text")
    return replace(_assembled(blocks, selection.reasons, metadata), notes=selection.notes)


def _of_the_whole(metadata: Metadata, declared: Declared) -> Metadata:
    """The metadata with the title of a live blog instead of that of its first post."""
    is_of_post = any(same_words(metadata.title, post) for post in declared.posts)
    return replace(metadata, title=declared.headline) if is_of_post and declared.headline else metadata


def _evidence(root: HtmlElement, blocks: Sequence[Block], metadata: Metadata, declared: Declared) -> Evidence:
    precise, fuller = _reading(root, precise=True), ""
    paragraphs = sum(len(words(b.text)) for b in blocks if is_sentence(b) and b.link_share < 0.5)
    if len(words(precise)) < _DOUBTFUL_SHARE * paragraphs:
        fuller = _reading(root, precise=False)
    return Evidence(precise, fuller, [metadata.title, *titles_of(root)], declared)


def _reading(root: HtmlElement, *, precise: bool) -> str:
    """trafilatura's text of the page, one line per block. It changes the tree, so it gets a copy."""
    return trafilatura.extract(deepcopy(root), include_comments=False, favor_precision=precise) or ""


def _assembled(blocks: Sequence[Block], reasons: Sequence[str], metadata: Metadata) -> HtmlPage:
    kept: list[str] = []
    dropped: list[Dropped] = []
    position = 0
    for block, reason in zip(blocks, reasons, strict=True):
        if reason:
            dropped.append(Dropped(block.text, reason, position))
        else:
            position += len(block.text) + (len(BETWEEN_BLOCKS) if kept else 0)
            kept.append(block.text)
    return HtmlPage(BETWEEN_BLOCKS.join(kept), metadata, tuple(dropped), "")


MAX_CODE_POINTS = 10_000_000
MAX_DEPTH = 500
# The largest news pages have a few thousand elements.
MAX_ELEMENTS = 30_000
# Limit of the total depth of all elements: reading a page walks from its blocks to the root.
MAX_TOTAL_DEPTH = 1_000_000
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff\ud800-\udfff]")
_TAG = re.compile(r"<[a-zA-Z!/?]")


def tree_of(text: str) -> HtmlElement:
    """Parse a page; returns its root. Raises `Unfit` if it is not HTML, is empty, too large or nested too deep."""
    if not text.strip():
        raise Unfit("the page is empty", "text")
    if len(text) > MAX_CODE_POINTS:
        raise Unfit(f"the page has {len(text)} code points: at most {MAX_CODE_POINTS} are taken", "text")
    if not _TAG.search(text):
        raise Unfit("the page has no HTML tags: import it as plain text", "text")
    refuse_many_attributes(text)
    # Bytes, since lxml refuses a str with an encoding declaration. huge_tree removes the parser's depth limit of 256,
    # past which it drops text silently.
    parser = HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, collect_ids=False, huge_tree=True)
    try:
        root = document_fromstring(_NOT_XML.sub("", text).encode(), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError) as error:
        raise Unfit(f"the page cannot be read as HTML: {error}", "text") from error
    _refuse_if_too_heavy(root)
    return root


def remove_ruby(root: HtmlElement) -> None:
    """Remove ruby annotations: within the text, they would split and repeat the words."""
    for reading in list(root.iter("rt", "rp", "rtc")):
        reading.drop_tree()
    etree.strip_tags(root, "ruby", "rb", "rbc")


def _refuse_if_too_heavy(root: HtmlElement) -> None:
    depth = total_depth = 0
    for count, (event, _) in enumerate(etree.iterwalk(root, events=("start", "end"))):
        depth += 1 if event == "start" else -1
        total_depth += depth if event == "start" else 0
        if depth > MAX_DEPTH:
            raise Unfit(f"the page nests its tags more than {MAX_DEPTH} deep", "text")
        if count > 2 * MAX_ELEMENTS:
            raise Unfit(f"the page has more than {MAX_ELEMENTS} elements", "text")
        if total_depth > MAX_TOTAL_DEPTH:
            raise Unfit("the page is too large for how deep its tags are nested", "text")
