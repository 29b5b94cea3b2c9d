"""Import a project of another tool into a new or an existing corpus."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, BinaryIO

from annotations.formats.detection import detect_format
from annotations.formats.drafts import ImportReport, project_items
from annotations.formats.protocol import Format
from annotations.formats.registry import UnknownFormat, formats
from corpusapp.articles.actions.corpora import create_corpus, discard_corpus
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article, Corpus, ImportBatch
from corpusapp.core.errors import Invalid
from corpusapp.intake.draft import Draft, Failure
from corpusapp.intake.encoding.names import checked_encoding

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

# Reasons that a refusal quotes.
_QUOTED = 10
# The only format with columns.
_WITH_COLUMNS = "conll"


@dataclass(frozen=True)
class Imported:
    """The import, its format, what could not be imported, and whether the corpus is new."""

    batch: ImportBatch
    form: Format
    report: ImportReport
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
    """Import texts, spans with their states, and labels. Creates the corpus if it does not exist.

    The format is detected unless it is named. `columns` ({name or number: meaning}) names the columns of a file that
    has any; `encoding` is that of files which do not declare one. Raises `Invalid` if the format is not recognized or
    nothing can be read, before anything is created. A new corpus that stays empty is deleted, whatever the reason.
    `done` marks articles done whose spans are all decided and were all imported. `same` is as in `import_articles`.
    """
    if columns and not format:
        format = _WITH_COLUMNS
    form = readable_format(format) if format else recognised(source, name)
    form = _with_columns(form, columns) if columns else form
    form = _with_encoding(form, encoding) if encoding else form
    report = ImportReport()
    items = project_items(source, name, form, report)
    first = _up_to_first_article(items, name, form)
    found = Corpus.objects.filter(slug=slug).first()
    corpus = found or create_corpus(user=user, slug=slug)
    with nullcontext() if found else _deleted_if_empty(user, corpus):
        batch = import_articles(
            user=user,
            corpus=corpus,
            items=chain(first, items),
            origin=ImportBatch.Origin.COMMAND,
            add_labels=True,
            suggest=suggest,
            done=done,
            same=same,
            progress=progress,
        )
        if found is None and not batch.added:
            raise _nothing_imported(
                [str(problem) for problem in batch.problems.order_by("pk")[: _QUOTED + 1]], name, form
            )
    return Imported(batch, form, report, found is None)


def _up_to_first_article(items: Iterator[Draft | Failure], name: str, form: Format) -> list[Draft | Failure]:
    """The items up to the first article. Raises `Invalid` with their reasons if there is none."""
    found: list[Draft | Failure] = []
    for item in items:
        found.append(item)
        if isinstance(item, Draft):
            return found
    raise _nothing_imported([_message(item) for item in found if isinstance(item, Failure)], name, form)


def _message(failure: Failure) -> str:
    return ": ".join(part for part in (failure.item, failure.field, failure.reason) if part)


def _nothing_imported(reasons: Sequence[str], name: str, form: Format) -> Invalid:
    if not reasons:
        return Invalid(f"{name} contains no articles in {form.title}: check the format", field="format")
    more = ["and more of this kind"] if len(reasons) > _QUOTED else []
    listed = "\n  ".join([*reasons[:_QUOTED], *more])
    return Invalid(
        f"nothing was imported: no articles found in {name}, read as {form.title}\n  {listed}", field="format"
    )


@contextmanager
def _deleted_if_empty(user: "User", corpus: Corpus) -> Iterator[None]:
    """Deletes a new corpus if the import fails before the first article is stored."""
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
    """The format of this name. Raises `Invalid` if it is unknown or cannot be read."""
    try:
        form = formats.get(name)
    except UnknownFormat as unknown:
        raise Invalid(str(unknown), field="format") from unknown
    if not form.reads:
        raise Invalid(f"{form.title} can only be written: formats that can be read are {_names(formats.read())}")
    return form


def recognised(source: BinaryIO, name: str) -> Format:
    """The format of a file, by its content. Raises `Invalid` if it is not recognized."""
    found = detect_format(source, name)
    if found is None:
        raise Invalid(
            f"the format of {name} was not recognized: choose one of {_names(formats.read())}", field="format"
        )
    return formats.get(found)


def _names(forms: Iterable[Format]) -> str:
    return ", ".join(form.name for form in forms)
