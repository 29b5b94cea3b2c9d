"""Make another tool's project a corpus here, or bring it into one that is there."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from annotations.exports.projects import Heard, project_items
from annotations.formats.protocol import Format
from annotations.formats.recognise import recognise
from annotations.formats.registry import UnknownFormat, formats
from corpusapp.articles.actions.corpora import create_corpus
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Corpus, ImportBatch
from corpusapp.refusals import Invalid

if TYPE_CHECKING:
    from corpusapp.accounts.models import User


@dataclass(frozen=True)
class Imported:
    """The import, what the file was, and what of it could not be mapped."""

    batch: ImportBatch
    form: Format
    report: Heard
    made: bool


def import_project(
    *,
    user: "User",
    slug: str,
    source: BinaryIO,
    name: str,
    format: str = "",
    suggest: bool = False,
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> Imported:
    """Bring in texts, spans with their states, and labels; the corpus is made where it is absent.

    The format is told by what the file holds, unless it is named. Refuses `Invalid` what cannot be told or holds
    nothing, before anything is made.
    """
    form = readable_format(format) if format else recognised(source, name)
    report = Heard()
    items = project_items(source, name, form, report)
    first = next(items, None)
    if first is None:
        raise Invalid(f"{name} holds no article in {form.title}: see whether it is another format", field="format")
    corpus = Corpus.objects.filter(slug=slug).first()
    made = corpus is None
    batch = import_articles(
        user=user,
        corpus=corpus or create_corpus(user=user, slug=slug),
        items=chain([first], items),
        origin=ImportBatch.Origin.COMMAND,
        add_labels=True,
        suggest=suggest,
        progress=progress,
    )
    return Imported(batch, form, report, made)


def readable_format(name: str) -> Format:
    """The format of this name, if it can be read."""
    try:
        form = formats.get(name)
    except UnknownFormat as unknown:
        raise Invalid(str(unknown), field="format") from unknown
    if not form.reads:
        raise Invalid(f"{form.title} is written only: the formats that are read are {_names(formats.read())}")
    return form


def recognised(source: BinaryIO, name: str) -> Format:
    """The format of a file, by what it holds."""
    found = recognise(source, name)
    if found is None:
        raise Invalid(f"it cannot be told what {name} is: name one of {_names(formats.read())}", field="format")
    return formats.get(found)


def _names(those: Iterable[Format]) -> str:
    return ", ".join(form.name for form in those)
