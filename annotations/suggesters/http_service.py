"""A suggester behind an address. What is asked and answered is described in `services.md` beside this file."""

import hashlib
import json
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from annotations.suggesters.http_client import Client, Limits, ServiceFailed
from annotations.suggesters.protocol import Proposal, SourceText, pieces
from corpusapp.text.utf16 import Utf16

PROTOCOL = 1
# A longer text is sent in the pieces that a model reads, without its furniture.
LONGEST_TEXT = 100_000
MOST_SIGNS = 500_000
LONGEST_LABEL = 64
LONGEST_MODEL = 200
# For one text, or piece of one: each takes a look at the text.
MOST_PROPOSALS = 20_000

# Why a proposal was left out.
OUTSIDE = "that do not lie in their text"
MISQUOTED = "whose offsets do not hold the words that they quote"


@dataclass(frozen=True)
class Asked:
    """A text, or a piece of one, as it is sent: piece `offset` of text `number`."""

    number: int
    offset: int
    text: str
    furniture: tuple[tuple[int, int], ...] = ()


class HttpService(ABC):
    """A `Suggester` over HTTP. `labels` are those that the corpus has: a service may look for them.

    `left_out` counts proposals that could not be used, by reason, until somebody clears it.
    """

    kind: str

    def __init__(
        self, address: str, labels: Sequence[str] = (), *, limits: Limits | None = None, texts_at_once: int = 8
    ) -> None:
        self.client = Client(address, limits or Limits())
        self.labels = tuple(labels)
        self.name = f"service {self.client.address}"
        self.left_out: Counter[str] = Counter()
        self._texts_at_once = texts_at_once
        self._model = ""

    @abstractmethod
    def look(self) -> str:
        """What the service says it is, by one small request; raises `ServiceFailed`."""

    @abstractmethod
    def begin(self) -> str:
        """Get the service ready; returns the model that it names. Raises `ServiceFailed`."""

    @abstractmethod
    def ask(self, batch: Sequence[Asked]) -> list[list[Proposal]]:
        """The proposals for each of the batch, with offsets in its text. Raises `ServiceFailed`."""

    def open(self) -> None:
        """Begin, unless that was done since it last failed."""
        self._model = self._model or self.begin()

    @property
    def version(self) -> str:
        """The model that the service names: what it named last, when it answered."""
        self.open()
        return self._model

    @property
    def digest(self) -> str:
        """SHA-256 over the address, what it speaks, the labels asked for, and the model that answers there."""
        state = json.dumps([PROTOCOL, self.kind, self.client.address, self.labels, self.version])
        return hashlib.sha256(state.encode()).hexdigest()

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order; each batch is asked for when it is needed."""
        sources = list(texts)
        found: list[list[Proposal]] = [[] for _ in sources]
        try:
            self.open()
            for batch in self._batches(sources):
                for asked, proposals in zip(batch, self.ask(batch), strict=True):
                    found[asked.number] += (_moved(proposal, asked.offset) for proposal in proposals)
        except ServiceFailed:
            # It may come back as another: it is asked anew what it is.
            self._model = ""
            raise
        for source, proposals in zip(sources, found, strict=True):
            yield [proposal for proposal in proposals if _is_open(proposal, source.furniture)]

    def answered_by(self, model: str) -> None:
        """An answer names its model, which may have changed."""
        self._model = model or self._model

    def _batches(self, sources: Sequence[SourceText]) -> Iterator[list[Asked]]:
        batch: list[Asked] = []
        for asked in _asked(sources):
            full = len(batch) == self._texts_at_once
            if batch and (full or sum(len(other.text) for other in batch) + len(asked.text) > MOST_SIGNS):
                yield batch
                batch = []
            batch.append(asked)
        if batch:
            yield batch


class PlainService(HttpService):
    """Speaks the desk's own protocol."""

    kind = "plain"

    def look(self) -> str:
        said = self.client.get()
        if not isinstance(said, dict) or said.get("version") != PROTOCOL:
            raise wrong("version", f"{PROTOCOL}, the version of the protocol")
        return model_of(said.get("model"), "model")

    begin = look

    def ask(self, batch: Sequence[Asked]) -> list[list[Proposal]]:
        texts = [
            {"id": str(number), "text": asked.text, "furniture": [list(span) for span in asked.furniture]}
            for number, asked in enumerate(batch)
        ]
        said = self.client.post("", {"version": PROTOCOL, "labels": list(self.labels), "texts": texts})
        if not isinstance(said, dict):
            raise wrong("the answer", "an object")
        if said.get("version") != PROTOCOL:
            raise wrong("version", f"{PROTOCOL}, the version of the protocol")
        if (offsets := said.get("offsets", "code points")) not in ("code points", "utf16"):
            raise wrong("offsets", '"code points" or "utf16"')
        if "model" in said:
            self.answered_by(model_of(said["model"], "model"))
        answers = _by_id(said.get("texts"), len(batch))
        return [
            list(self._proposals(asked.text, answer, f"texts[{place}]", in_utf16=offsets == "utf16"))
            for asked, (place, answer) in zip(batch, answers, strict=True)
        ]

    def _proposals(self, text: str, answer: dict[str, Any], place: str, *, in_utf16: bool) -> Iterator[Proposal]:
        proposals = answer.get("proposals")
        if not isinstance(proposals, list) or len(proposals) > MOST_PROPOSALS:
            raise wrong(f"{place}.proposals", f"a list of at most {MOST_PROPOSALS:,}")
        for number, proposal in enumerate(proposals):
            here = f"{place}.proposals[{number}]"
            if not isinstance(proposal, dict):
                raise wrong(here, "an object")
            start, end = whole(proposal.get("start"), f"{here}.start"), whole(proposal.get("end"), f"{here}.end")
            label, score = label_of(proposal.get("label"), f"{here}.label"), _score(proposal.get("score"), here)
            quote = proposal.get("text")
            span = placed(text, start, end, quote if isinstance(quote, str) else None, (in_utf16,))
            if isinstance(span, str):
                self.left_out[span] += 1
            else:
                yield Proposal(*span, label, score)


def placed(
    text: str, start: int, end: int, quote: str | None, in_utf16: Iterable[bool] = (False, True)
) -> tuple[int, int] | str:
    """Where `[start, end)` lies in the text, in code points and without white space at its edges; else why nowhere.

    The offsets are tried in the ways of `in_utf16`, in order: the first that holds the quote, or that lies in the text
    where nothing is quoted, is taken.
    """
    fault = OUTSIDE
    for units in in_utf16:
        span = _points(text, start, end) if units else (start, end)
        if span is None or not 0 <= span[0] < span[1] <= len(text) or not text[slice(*span)].strip():
            continue
        if quote is None or (span[1] - span[0] <= 2 * len(quote) + 100 and text[slice(*span)].split() == quote.split()):
            return _bare(text, *span)
        fault = MISQUOTED
    return fault


def whole(value: Any, place: str) -> int:
    """A whole number; raises `ServiceFailed` for anything else."""
    if type(value) is not int:
        raise wrong(place, "a whole number")
    return value


def label_of(value: Any, place: str) -> str:
    """A label, white space around it set aside; raises `ServiceFailed` for what can be none."""
    label = value.strip() if isinstance(value, str) else ""
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise wrong(place, f"a label of at most {LONGEST_LABEL} characters")
    return label


def model_of(value: Any, place: str) -> str:
    """The name of a model; raises `ServiceFailed` for what can be none."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_MODEL or not value.isprintable():
        raise wrong(place, f"the name and version of the model, of at most {LONGEST_MODEL} characters")
    return value.strip()


def wrong(place: str, expected: str) -> ServiceFailed:
    """An answer of another form than agreed: where, and what should be there. What is there instead is not shown."""
    return ServiceFailed(f"sent an invalid answer: {place} should be {expected}", answered=True)


def _score(value: Any, place: str) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise wrong(f"{place}.score", "a number from 0 to 1")
    return float(value)


def _by_id(answers: Any, number: int) -> list[tuple[int, dict[str, Any]]]:
    """The answers with their places, in the order in which the texts were asked for; each once."""
    if not isinstance(answers, list):
        raise wrong("texts", "a list")
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for place, answer in enumerate(answers):
        name = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(name, str) or name in found:
            raise wrong(f"texts[{place}].id", "the id of a requested text, once")
        found[name] = place, answer
    if any(name not in found for name in map(str, range(number))):
        raise wrong("texts", f"an answer for each of the {number} texts")
    return [found[name] for name in map(str, range(number))]


def _asked(sources: Sequence[SourceText]) -> Iterator[Asked]:
    for number, source in enumerate(sources):
        if len(source.text) > LONGEST_TEXT:
            yield from (Asked(number, offset, piece) for offset, piece in pieces(source))
        elif source.text.strip():
            yield Asked(number, 0, source.text, tuple(source.furniture))


def _moved(proposal: Proposal, by: int) -> Proposal:
    return Proposal(proposal.start + by, proposal.end + by, proposal.label, proposal.score) if by else proposal


def _is_open(proposal: Proposal, closed: Iterable[tuple[int, int]]) -> bool:
    return not any(start < proposal.end and proposal.start < end for start, end in closed)


def _points(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Offsets in UTF-16 units as such in code points; None where they cut a character or lie past the end."""
    utf16 = _utf16_of(text)
    if not 0 <= start < end <= utf16.length or utf16.splits(start) or utf16.splits(end):
        return None
    return utf16.points(start), utf16.points(end)


@lru_cache(maxsize=8)
def _utf16_of(text: str) -> Utf16:
    """Looked through once for all proposals of a text."""
    return Utf16(text)


def _bare(text: str, start: int, end: int) -> tuple[int, int]:
    surface = text[start:end]
    return start + len(surface) - len(surface.lstrip()), end - len(surface) + len(surface.rstrip())
