"""Exports of a corpus or a release: streamed by the desk, or made as a file, whatever their format needs."""

import re
import sys
import tempfile
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, TypeVar, cast

import httpx

from . import frames
from .downloads import download, lines_of, loads, new_file
from .errors import BrokenDownload, Invalid
from .jobs import ProgressBar, progress_bar, require_success, wait_for
from .records import Line
from .transport import Transport

if TYPE_CHECKING:
    import datasets
    import pandas
    import spacy

Result = TypeVar("Result")
LINES = ("jsonl", "jsonl-tokens")
LEFT_OUT = "X-Left-Out-Articles"
_READ = 1 << 18
# So many times a stream is begun anew after it broke off.
_TRIES = 5
# Filters that a body takes as lists.
_LISTS = ("state", "stage", "label")
# Options of the export itself, beside its filter.
_OPTIONS = ("offsets", "strict", "part")
_DESCRIBED_BY = re.compile(r'<([^>]*)>\s*;[^,]*rel="?describedby"?')


class LeftOutWarning(UserWarning):
    """Articles were left out because nobody has finished their review."""


class Export:
    """An export in one format. Nothing is asked of the desk before its content is.

    Iterate over it for its articles (`jsonl` and `jsonl-tokens`), or `save` it in any format.

    >>> for article in corpus.export(stage="any"):
    ...     for span in article["spans"]:
    ...         assert article["text"][span["start"] : span["end"]] == span["text"]
    """

    def __init__(
        self, http: Transport, home: str, format: str, chosen: Mapping[str, Any], *, progress: bool | None = None
    ) -> None:
        self._http, self._home, self.format = http, home, format
        self._chosen = {name: value for name, value in chosen.items() if value is not None}
        self._progress = progress
        self._report_address = ""
        self._report: dict[str, Any] | None = None
        # The articles left out only because of their stage, and the SHA-256 of the file, once they are known.
        self.left_out_articles: int | None = None
        self.sha256 = ""

    def __iter__(self) -> Iterator[Line]:
        """The articles. If the stream breaks off, it continues in a newer snapshot; each article comes once."""
        self._require_lines()
        given: set[int] = set()
        for stream in self._streams():
            try:
                for line in map(loads(), lines_of(stream)):
                    if line["id"] not in given:
                        given.add(line["id"])
                        yield line
                return
            except httpx.TransportError:
                continue

    def save(self, path: str | Path) -> Path:
        """Write the file. It is complete and checked at its path, or absent: an earlier one stays until then."""
        path = Path(path)
        with new_file(path) as file:
            self.write(file)
        return path

    def write(self, file: IO[bytes]) -> None:
        """Write the export into a file that was opened for writing, and can be truncated."""
        with progress_bar(f"export {self.format}", self._progress) as bar:
            self._write(file, bar)

    def _write(self, file: IO[bytes], bar: ProgressBar) -> None:
        for response in self._responses():
            if response is None:
                self._make(file, bar)
                return
            file.seek(0)
            file.truncate()
            try:
                size = 0
                for piece in response.iter_bytes():
                    file.write(piece)
                    size += len(piece)
                    bar.count(size // 1_000_000, "MB")
                return
            except httpx.TransportError:
                continue

    def report(self) -> dict[str, Any]:
        """What the export contains and leaves out, and why. Known after it was read to its end."""
        if self._report is None:
            if not self._report_address:
                raise ValueError("there is no report yet: read the export to its end, or save it")
            self._report = self._http.get(self._http.own(self._report_address))
        return self._report

    def to_pandas(self, *, rows: str = "articles") -> "pandas.DataFrame":
        """A table of the articles, or with `rows="spans"` of their spans. Needs `corpusapp-client[pandas]`."""
        self._require_lines()
        frame = self._whole(lambda lines: frames.frame_of(lines, rows))
        self._warn_of_left_out()
        frame.attrs["left_out_articles"] = self.left_out_articles
        return frame

    def to_spacy(self, vocab: "spacy.vocab.Vocab | None" = None) -> "spacy.tokens.DocBin | list[spacy.tokens.Doc]":
        """spaCy's DocBin, with the tokens of the desk; its Docs if you give a vocabulary.

        Needs `corpusapp-client[spacy]`.
        """
        frames.require("spacy", "spacy")
        with tempfile.TemporaryFile() as file:
            self._in("docbin", lambda made: made.write(file))
            file.seek(0)
            found = frames.docbin_of(file.read())
        self._warn_of_left_out()
        return found if vocab is None else list(found.get_docs(vocab))

    def to_datasets(self) -> "datasets.Dataset | datasets.DatasetDict":
        """A dataset of Hugging Face; of a release that was split, one for each part. Needs
        `corpusapp-client[datasets]`.
        """
        frames.require("datasets", "datasets")
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "dataset.zip"
            self._in("parquet", lambda made: made.save(path))
            found = frames.dataset_of(path)
        self._warn_of_left_out()
        return found

    def _in(self, format: str, use: Callable[["Export"], object]) -> None:
        """Use the same export in another format."""
        made = Export(self._http, self._home, format, self._chosen, progress=self._progress)
        use(made)
        self.left_out_articles = made.left_out_articles

    def _require_lines(self) -> None:
        if self.format not in LINES:
            raise ValueError(f"{self.format} has no lines to read: save it, or export {' or '.join(LINES)}")

    def _warn_of_left_out(self) -> None:
        if self.left_out_articles:
            message = (
                f"{self.left_out_articles:,} articles are not done, and were left out: text that nobody has reviewed "
                'is no example of having no entity. stage="any" includes them'
            )
            warnings.warn(message, LeftOutWarning, stacklevel=_levels_to_caller())

    def _whole(self, read: Callable[[Iterator[bytes]], Result]) -> Result:
        """What `read` makes of all lines, from one snapshot: it is called again if the stream broke off."""
        for stream in self._streams():
            try:
                return read(lines_of(stream))
            except httpx.TransportError:
                continue
        raise AssertionError("streams end with an error or are read")

    def _streams(self) -> Iterator[Iterator[bytes]]:
        """The content, again each time that it broke off."""
        for response in self._responses():
            if response is not None:
                yield response.iter_bytes()
                continue
            with tempfile.TemporaryFile() as file, progress_bar(f"export {self.format}", self._progress) as bar:
                self._make(file, bar)
                file.seek(0)
                yield _pieces_of(file)

    def _responses(self) -> Iterator[httpx.Response | None]:
        """Open streams, one more each time that the caller comes back; None for a format that is made as a file."""
        for _ in range(_TRIES):
            try:
                with self._http.stream(f"{self._home}export/", {"format": self.format, **self._chosen}) as response:
                    self._learn(response)
                    yield response
            except Invalid as refused:
                if refused.field != "format":
                    raise
                yield None
                return
        raise BrokenDownload(f"the export broke off {_TRIES} times: look at the desk, or try again later")

    def _make(self, file: IO[bytes], bar: ProgressBar) -> None:
        """Have the desk make the file, wait for it, and download it."""
        created = self._http.send("POST", f"{self._home}exports/", json=self._body())
        self._learn(created)
        job = require_success(wait_for(self._http, created.json(), bar), f"the export in {self.format}")
        self._report = job.get("report")
        self.sha256 = download(self._http, self._http.own(job["file"]), file, sha256=job["sha256"], bar=bar)

    def _body(self) -> dict[str, Any]:
        options = {name: value for name, value in self._chosen.items() if name in _OPTIONS}
        chosen = {name: _for_body(name, value) for name, value in self._chosen.items() if name not in _OPTIONS}
        return {"format": self.format, **options, **({"filter": chosen} if chosen else {})}

    def _learn(self, response: httpx.Response) -> None:
        if LEFT_OUT in response.headers:
            self.left_out_articles = int(response.headers[LEFT_OUT])
        if found := _DESCRIBED_BY.search(response.headers.get("Link", "")):
            self._report_address = found[1]


def _levels_to_caller() -> int:
    """How far up the code is that called this library, for warnings."""
    levels, frame = 1, sys._getframe(1)
    while frame.f_back is not None and frame.f_globals.get("__package__") == __package__:
        levels, frame = levels + 1, frame.f_back
    return levels


def _pieces_of(file: IO[bytes]) -> Iterator[bytes]:
    while piece := file.read(_READ):
        yield piece


def _for_body(name: str, value: Any) -> Any:
    if name not in _LISTS:
        return value.isoformat() if hasattr(value, "isoformat") else value
    if isinstance(value, str):
        return value.split(",")
    return list(cast("Sequence[str]", value))
