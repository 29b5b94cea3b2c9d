"""Articles sent to a corpus: any number, in chunks, each of which the desk takes once."""

import itertools
import json
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from .errors import Invalid
from .jobs import ProgressBar, progress_bar, require_success, wait_for
from .transport import Transport

# So many articles, and characters of text, are imported by the request itself. The desk's own limits are higher.
_SMALL_ARTICLES, _SMALL_CHARACTERS = 500, 300_000
# A chunk that a worker imports. While it does, the next one is sent.
_CHUNK_ARTICLES, _CHUNK_BYTES = 5_000, 16_000_000
_SENT_AHEAD = 2
_LINES = "application/x-ndjson"
_COUNTS = ("added", "updated", "duplicates", "changed", "failed")


@dataclass
class AddReport:
    """What became of the articles. `item` in the lists is the position among all of them, from 0."""

    added: int = 0
    updated: int = 0
    duplicates: int = 0
    changed: int = 0
    failed: int = 0
    # What failed and why; what was there already, and as which article; what was changed on its way in.
    problems: list[dict[str, Any]] = field(default_factory=list)
    repeats: list[dict[str, Any]] = field(default_factory=list)
    notes: list[dict[str, Any]] = field(default_factory=list)

    @property
    def is_complete(self) -> bool:
        """Whether no article failed."""
        return not self.failed


def add(
    http: Transport, articles: Iterable[Mapping[str, Any]], query: Mapping[str, Any], *, progress: bool | None
) -> AddReport:
    report = AddReport()
    numbered = iter(articles)
    first = list(itertools.islice(numbered, _SMALL_ARTICLES + 1))
    if not first:
        return report
    with progress_bar("add", progress) as bar:
        if len(first) <= _SMALL_ARTICLES and sum(_length(article) for article in first) <= _SMALL_CHARACTERS:
            body = json.dumps([dict(article) for article in first]).encode()
            _Chunk(http, query, 0, len(first), body, "application/json").finish(report, bar)
            return report
        waiting: deque[_Chunk] = deque()
        for begin, count, lines in _chunks(itertools.chain(first, numbered)):
            waiting.append(_Chunk(http, query, begin, count, lines, _LINES))
            bar.count(begin + count, "articles")
            if len(waiting) == _SENT_AHEAD:
                waiting.popleft().finish(report, bar)
        while waiting:
            waiting.popleft().finish(report, bar)
    return report


def _length(article: Mapping[str, Any]) -> int:
    return len(str(article.get("text", "")))


def _chunks(articles: Iterable[Mapping[str, Any]]) -> Iterator[tuple[int, int, bytes]]:
    """The position of the first article of each chunk, how many it has, and its lines."""
    begin, lines, size = 0, list[bytes](), 0
    for article in articles:
        line = json.dumps(dict(article), ensure_ascii=False).encode("utf-8", "surrogatepass") + b"\n"
        if lines and (len(lines) == _CHUNK_ARTICLES or size + len(line) > _CHUNK_BYTES):
            yield begin, len(lines), b"".join(lines)
            begin, lines, size = begin + len(lines), [], 0
        lines.append(line)
        size += len(line)
    if lines:
        yield begin, len(lines), b"".join(lines)


class _Chunk:
    """One request, which the constructor sends."""

    def __init__(
        self, http: Transport, query: Mapping[str, Any], begin: int, count: int, body: bytes, media_type: str
    ) -> None:
        self._http, self._begin = http, begin
        headers = {"Content-Type": media_type}
        self._job: dict[str, Any]
        try:
            response = http.send("POST", "articles/", query=query, headers=headers, content=body)
        except Invalid as refused:
            # Every article failed: the problem is the report.
            if "problems" not in refused.problem:
                raise
            self._job, self._is_report = refused.problem, True
        else:
            self._job, self._is_report = response.json(), response.status_code != 202

    def finish(self, report: AddReport, bar: ProgressBar) -> None:
        """Wait for its import, and add what became of it to the report."""
        job = self._job
        if not self._is_report:
            job = require_success(wait_for(self._http, job, bar), "an import")
        for name in _COUNTS:
            setattr(report, name, getattr(report, name) + (job.get(name) or 0))
        report.problems += self._placed(self._all(job, "problems", "failed"))
        report.repeats += self._placed(self._all(job, "repeats", "duplicates"))
        report.notes += self._placed(job.get("notes") or [])

    def _all(self, job: Mapping[str, Any], name: str, count: str) -> Sequence[Mapping[str, Any]]:
        """All entries of a list: a report has the first thousand."""
        listed: list[Mapping[str, Any]] = job.get(name) or []
        if len(listed) >= (job.get(count) or 0):
            return listed
        kind = "failed" if name == "problems" else "duplicate"
        pk = job.get("id", job.get("batch"))
        return list(pages(self._http, f"batches/{pk}/problems/", {"kind": kind, "limit": 200}))

    def _placed(self, entries: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
        for entry in entries:
            yield {**entry, "item": self._begin + _position(entry)}


def _position(entry: Mapping[str, Any]) -> int:
    """The position of an entry in its chunk: `articles[3]`, or the line of a file, from 1."""
    if entry.get("line"):
        return int(entry["line"]) - 1
    digits = "".join(itertools.takewhile(str.isdigit, str(entry.get("item", "")).partition("[")[2]))
    return int(digits or 0)


def pages(http: Transport, path: str, query: Mapping[str, Any] | None = None) -> Iterator[Any]:
    """Every result of a list, page by page as they are used."""
    answer = http.get(path, query)
    while True:
        if isinstance(answer, list):
            yield from answer
            return
        yield from answer["results"]
        if not answer.get("next"):
            return
        answer = http.get(http.own(answer["next"]))
