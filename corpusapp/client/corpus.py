"""A corpus: its articles, exports, releases, imports and decisions."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, cast

from .adding import AddReport, add, pages
from .deciding import Outcome, apply_in_chunks
from .entities import Entities
from .errors import NotFound
from .export import Export
from .following import Follower, Store
from .jobs import progress_bar, require_success, wait_for
from .records import Article, ArticleRow, CorpusRecord, Decision, Event, Label, ReleaseRecord, Span
from .release import Release
from .transport import Transport

if TYPE_CHECKING:
    import datasets
    import pandas
    import spacy

_PAGE = 200


class Corpus:
    """One corpus of a desk. Making it asks the desk nothing."""

    def __init__(self, http: Transport, slug: str, *, progress: bool | None = None) -> None:
        self._http, self.slug, self._progress = http, slug, progress
        self._home = f"corpora/{slug}/"

    def __repr__(self) -> str:
        return f"<Corpus {self.slug}>"

    def record(self) -> CorpusRecord:
        """The corpus with its settings and progress."""
        return cast("CorpusRecord", self._http.get(self._home))

    def labels(self) -> list[Label]:
        return list(pages(self._http, f"{self._home}labels/"))

    # Reading

    def articles(self, **filters: Any) -> Iterator[ArticleRow]:
        """The articles, page by page: `q`, `stage`, `source`, `label`, `external_id`, `ids`, `fields` and others.

        `fields="id,text,spans"` brings what rows do not have by themselves.
        """
        return pages(self._http, "articles/", {"corpus": self.slug, "limit": _PAGE, **filters})

    def article(self, id: int | None = None, *, external_id: str | None = None) -> Article:
        """An article with its text, zones and spans, by its id or yours: of several versions, the newest."""
        if (id is None) == (external_id is None):
            raise ValueError("name one article: by its id, or by external_id")
        if id is None:
            found = list(self.articles(external_id=external_id, fields="id,version"))
            if not found:
                raise NotFound(f"there is no article with the external id {external_id!r} in {self.slug}", status=404)
            id = max(found, key=lambda row: (row["version"], row["id"]))["id"]
        article = cast("Article", self._http.get(f"articles/{id}/"))
        if article["corpus"] != self.slug:
            raise NotFound(f"article {id} is in another corpus than {self.slug}", status=404)
        return article

    def spans(self, **filters: Any) -> Iterator[Span]:
        """The spans of all articles, newest first: `label`, `state`, `external_id`, `article` and others."""
        return pages(self._http, "spans/", {"corpus": self.slug, "limit": _PAGE, **filters})

    @property
    def entities(self) -> Entities:
        """The entities of the corpus, to iterate over, find, create, merge and link."""
        return Entities(self._http, self.slug)

    # Labelled data

    def export(self, format: str = "jsonl", **filter: Any) -> Export:
        """An export, of done articles unless `stage` says otherwise: iterate over it, or `save` it.

        Filters: `state`, `stage` (`"any"` for all), `label`, `source`, `published_from`, `published_to`,
        `updated_since`, `chrome`, `finished_by`, and the options `offsets` and `strict`.
        """
        return Export(self._http, self._home, format, filter, progress=self._progress)

    def to_pandas(self, *, rows: str = "articles", **filter: Any) -> "pandas.DataFrame":
        """As `Export.to_pandas`."""
        return self.export(**filter).to_pandas(rows=rows)

    def to_spacy(
        self, vocab: "spacy.vocab.Vocab | None" = None, **filter: Any
    ) -> "spacy.tokens.DocBin | list[spacy.tokens.Doc]":
        """As `Export.to_spacy`."""
        return self.export(**filter).to_spacy(vocab)

    def to_datasets(self, **filter: Any) -> "datasets.Dataset | datasets.DatasetDict":
        """As `Export.to_datasets`."""
        return self.export(**filter).to_datasets()

    def releases(self) -> Iterator[Release]:
        """The releases, newest first."""
        for record in pages(self._http, f"{self._home}releases/"):
            yield self._release(record)

    def release(self, number: int) -> Release:
        return self._release(self._http.get(f"{self._home}releases/{number}/"))

    def make_release(self, name: str = "", *, filter: Mapping[str, Any] | None = None, **options: Any) -> Release:
        """The next release, once it is made. Options: `notes`, `seed`, `shares`."""
        body = {"name": name, **options, **({"filter": dict(filter)} if filter else {})}
        created = self._http.post(f"{self._home}releases/", body)
        with progress_bar("release", self._progress) as bar:
            return self._release(require_success(wait_for(self._http, created, bar), "the release"))

    def _release(self, record: ReleaseRecord | dict[str, Any]) -> Release:
        return Release(self._http, self._home, cast("ReleaseRecord", record), progress=self._progress)

    # Writing

    def add(
        self,
        articles: Iterable[Mapping[str, Any]],
        *,
        upsert: bool = False,
        add_labels: bool = False,
        suggest: bool = True,
        done: bool = False,
        source: str | None = None,
    ) -> AddReport:
        """Import articles, any number of them: `{"text", "title", "external_id", "spans", …}`.

        With `upsert`, an article that is known by its external id or URL gets the metadata given. `source` is that of
        articles that name none. What failed is in the report.
        """
        given = (dict(article) for article in articles)
        if source is not None:
            given = ({"source": source, **article} for article in given)
        options = {"upsert": upsert or None, "add_labels": add_labels or None, "done": done or None}
        query = {"corpus": self.slug, **options, "suggest": None if suggest else False}
        return add(self._http, given, query, progress=self._progress)

    def decide(self, decisions: Iterable[Decision], *, all_or_none: bool = False) -> Outcome:
        """Apply verbs to spans, 1,000 in each request.

        What changed since you saw it is left out and listed in the outcome; `outcome.require_complete()` raises it.
        With `all_or_none`, nothing is done if anything would be left out.
        """
        return apply_in_chunks(
            self._http,
            f"{self._home}decisions/",
            decisions,
            lambda chunk: {"decisions": chunk},
            all_or_none=all_or_none,
        )

    def finish(
        self,
        articles: Iterable[int] = (),
        *,
        external_ids: Iterable[str] = (),
        all_or_none: bool = False,
    ) -> Outcome:
        """Mark articles done. Their suggestions stay undecided."""
        return self._change_stage("finish", articles, external_ids, all_or_none)

    def reopen(
        self,
        articles: Iterable[int] = (),
        *,
        external_ids: Iterable[str] = (),
        all_or_none: bool = False,
    ) -> Outcome:
        """Reopen done articles."""
        return self._change_stage("reopen", articles, external_ids, all_or_none)

    def _change_stage(
        self, verb: str, articles: Iterable[int], external_ids: Iterable[str], all_or_none: bool
    ) -> Outcome:
        ids, names = list(articles), list(external_ids)
        if bool(ids) == bool(names):
            raise ValueError("name the articles: by their ids, or by external_ids")
        key = "articles" if ids else "external_ids"
        items: list[Any] = ids or names
        return apply_in_chunks(
            self._http, f"{self._home}{verb}/", items, lambda chunk: {key: chunk}, all_or_none=all_or_none
        )

    # Following

    def follow(self, store: Store, *, wait: int = 30) -> Iterator[Event]:
        """Keep a copy up to date, and yield each event once it is in the store. Does not end by itself.

        A new store begins with an export of the whole corpus. So does one whose cursor the desk no longer knows, since
        it was restored from an older backup.
        """
        return Follower(self._http, self.slug, store).follow(wait=wait)

    def catch_up(self, store: Store) -> int:
        """Bring a copy up to date, and return the number of events that came since."""
        return Follower(self._http, self.slug, store).catch_up()
