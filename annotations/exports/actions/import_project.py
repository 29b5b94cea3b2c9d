"""Make another tool's project a corpus here, or bring it into one that is there."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from annotations.exports.project_drafts import Heard, project_items
from annotations.formats.protocol import Format
from annotations.formats.recognise import recognise
from annotations.formats.registry import UnknownFormat, formats
from corpusapp.articles.actions.corpora import create_corpus, discard_corpus
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.core.errors import Invalid
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.encoding.names import checked_encoding

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Reasons that a refusal names.
_NAMED = 10
# The one format whose columns can be named.
_WITH_COLUMNS = "conll"


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
    columns: Mapping[str, str] | None = None,
    encoding: str = "",
    suggest: bool = False,
    done: bool = False,
    same: str = "",
    progress: Callable[[ImportBatch], None] = lambda batch: None,
) -> Imported:
    """Bring in texts, spans with their states, and labels; the corpus is made where it is absent.

    The format is told by what the file holds, unless it is named; `columns` ({name or number: meaning}) says what
    columns of it mean, where it has any; `encoding` is that of files which do not say theirs. Refuses `Invalid` what
    cannot be told or of which nothing can be read, before anything is made. A corpus that was made here and stayed
    empty, whatever the reason, is taken back. `done`: articles whose spans are all decided, and all came in, were
    reviewed as a whole.
    `same` is as for `import_articles`.
    """
    if columns and not format:
        format = _WITH_COLUMNS
    form = readable_format(format) if format else recognised(source, name)
    form = _with_columns(form, columns) if columns else form
    form = _with_encoding(form, encoding) if encoding else form
    report = Heard()
    items = project_items(source, name, form, report)
    opening = _up_to_an_article(items, name, form)
    found = Corpus.objects.filter(slug=slug).first()
    corpus = found or create_corpus(user=user, slug=slug)
    with nullcontext() if found else _taken_back_if_empty(user, corpus):
        batch = import_articles(
            user=user,
            corpus=corpus,
            items=chain(opening, items),
            origin=ImportBatch.Origin.COMMAND,
            add_labels=True,
            suggest=suggest,
            done=done,
            same=same,
            progress=progress,
        )
        if found is None and not batch.added:
            raise _nothing_in([str(problem) for problem in batch.problems.order_by("pk")[: _NAMED + 1]], name, form)
    return Imported(batch, form, report, found is None)


def _up_to_an_article(items: Iterator[Draft | Failure], name: str, form: Format) -> list[Draft | Failure]:
    """The items up to the first article. Refuses, with their reasons, where there is none."""
    opening: list[Draft | Failure] = []
    for item in items:
        opening.append(item)
        if isinstance(item, Draft):
            return opening
    raise _nothing_in([_told(item) for item in opening if isinstance(item, Failure)], name, form)


def _told(failure: Failure) -> str:
    return ": ".join(part for part in (failure.item, failure.field, failure.reason) if part)


def _nothing_in(reasons: Sequence[str], name: str, form: Format) -> Invalid:
    if not reasons:
        return Invalid(f"{name} contains no articles in {form.title}: check the format", field="format")
    more = ["and more of this kind"] if len(reasons) > _NAMED else []
    told = "\n  ".join([*reasons[:_NAMED], *more])
    return Invalid(f"nothing was imported: no articles found in {name}, read as {form.title}\n  {told}", field="format")


@contextmanager
def _taken_back_if_empty(user: "User", corpus: Corpus) -> Iterator[None]:
    """A corpus that was made for an import goes again, whatever stopped it, while no article has come in."""
    try:
        yield
    except BaseException:
        if not Article.objects.filter(corpus=corpus).exists():
            discard_corpus(user=user, corpus=corpus)
        raise


def _with_columns(form: Format, columns: Mapping[str, str]) -> Format:
    try:
        return form.with_columns(columns)
    except ValueError as error:
        raise Invalid(str(error), field="columns") from error


def _with_encoding(form: Format, encoding: str) -> Format:
    try:
        return form.with_encoding(checked_encoding(encoding))
    except ValueError as error:
        raise Invalid(str(error), field="encoding") from error


def readable_format(name: str) -> Format:
    """The format of this name, if it can be read."""
    try:
        form = formats.get(name)
    except UnknownFormat as unknown:
        raise Invalid(str(unknown), field="format") from unknown
    if not form.reads:
        raise Invalid(f"{form.title} can only be written: formats that can be read are {_names(formats.read())}")
    return form


def recognised(source: BinaryIO, name: str) -> Format:
    """The format of a file, by what it holds."""
    found = recognise(source, name)
    if found is None:
        raise Invalid(
            f"the format of {name} was not recognized: choose one of {_names(formats.read())}", field="format"
        )
    return formats.get(found)


def _names(those: Iterable[Format]) -> str:
    return ", ".join(form.name for form in those)
