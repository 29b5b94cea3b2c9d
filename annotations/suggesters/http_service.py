"""Suggesters over HTTP. `services.md` in this folder describes the protocol."""

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
# A longer text is sent in pieces, without boilerplate.
LONGEST_TEXT = 100_000
MOST_CHARACTERS = 500_000
LONGEST_LABEL = 64
LONGEST_MODEL = 200
# Proposals for one text or piece.
MOST_PROPOSALS = 20_000

# Reasons for which proposals are left out.
OUTSIDE = "that do not lie in their text"
MISQUOTED = "whose offsets do not hold the words that they quote"


@dataclass(frozen=True)
class TextRequest:
    """A text or a piece of it in a request: the piece at `offset` of text `number`."""

    number: int
    offset: int
    text: str
    boilerplate: tuple[tuple[int, int], ...] = ()


class HttpService(ABC):
    """A `Suggester` over HTTP. `labels` are those of the corpus, which the service may use.

    `left_out` counts unusable proposals by reason, until the caller clears it.
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
        """The name that the service reports, by a small request. Raises `ServiceFailed`."""

    @abstractmethod
    def begin(self) -> str:
        """Set up the service and return the model that it reports. Raises `ServiceFailed`."""

    @abstractmethod
    def ask(self, batch: Sequence[TextRequest]) -> list[list[Proposal]]:
        """The proposals for each text of a batch. Raises `ServiceFailed`."""

    def open(self) -> None:
        """Set up the service, unless that was done since the last failure."""
        self._model = self._model or self.begin()

    @property
    def version(self) -> str:
        """The model that the service reported last."""
        self.open()
        return self._model

    @property
    def digest(self) -> str:
        """SHA-256 of the URL, the protocol, the labels and the model."""
        state = json.dumps([PROTOCOL, self.kind, self.client.address, self.labels, self.version])
        return hashlib.sha256(state.encode()).hexdigest()

    def propose(self, texts: Iterable[SourceText]) -> Iterator[list[Proposal]]:
        """One list of proposals for each text, in order. Requests batches lazily."""
        sources = list(texts)
        found: list[list[Proposal]] = [[] for _ in sources]
        try:
            self.open()
            for batch in self._batches(sources):
                for request, proposals in zip(batch, self.ask(batch), strict=True):
                    found[request.number] += (_moved(proposal, request.offset) for proposal in proposals)
        except ServiceFailed:
            # It may come back with another model.
            self._model = ""
            raise
        for source, proposals in zip(sources, found, strict=True):
            yield [proposal for proposal in proposals if _is_outside(proposal, source.boilerplate)]

    def answered_by(self, model: str) -> None:
        """Store the model of a response, which may have changed."""
        self._model = model or self._model

    def _batches(self, sources: Sequence[SourceText]) -> Iterator[list[TextRequest]]:
        batch: list[TextRequest] = []
        for request in _requests(sources):
            full = len(batch) == self._texts_at_once
            if batch and (full or sum(len(other.text) for other in batch) + len(request.text) > MOST_CHARACTERS):
                yield batch
                batch = []
            batch.append(request)
        if batch:
            yield batch


class PlainService(HttpService):
    """A service with the protocol of corpusapp."""

    kind = "plain"

    def look(self) -> str:
        response = self.client.get()
        if not isinstance(response, dict) or response.get("version") != PROTOCOL:
            raise invalid_answer("version", f"{PROTOCOL}, the version of the protocol")
        return model_of(response.get("model"), "model")

    begin = look

    def ask(self, batch: Sequence[TextRequest]) -> list[list[Proposal]]:
        texts = [
            {"id": str(number), "text": request.text, "furniture": [list(span) for span in request.boilerplate]}
            for number, request in enumerate(batch)
        ]
        response = self.client.post("", {"version": PROTOCOL, "labels": list(self.labels), "texts": texts})
        if not isinstance(response, dict):
            raise invalid_answer("the answer", "an object")
        if response.get("version") != PROTOCOL:
            raise invalid_answer("version", f"{PROTOCOL}, the version of the protocol")
        if (offsets := response.get("offsets", "code points")) not in ("code points", "utf16"):
            raise invalid_answer("offsets", '"code points" or "utf16"')
        if "model" in response:
            self.answered_by(model_of(response["model"], "model"))
        answers = _by_id(response.get("texts"), len(batch))
        return [
            list(self._proposals(request.text, answer, f"texts[{place}]", in_utf16=offsets == "utf16"))
            for request, (place, answer) in zip(batch, answers, strict=True)
        ]

    def _proposals(self, text: str, answer: dict[str, Any], place: str, *, in_utf16: bool) -> Iterator[Proposal]:
        proposals = answer.get("proposals")
        if not isinstance(proposals, list) or len(proposals) > MOST_PROPOSALS:
            raise invalid_answer(f"{place}.proposals", f"a list of at most {MOST_PROPOSALS:,}")
        for number, proposal in enumerate(proposals):
            here = f"{place}.proposals[{number}]"
            if not isinstance(proposal, dict):
                raise invalid_answer(here, "an object")
            start, end = (
                whole_number(proposal.get("start"), f"{here}.start"),
                whole_number(proposal.get("end"), f"{here}.end"),
            )
            label, score = label_of(proposal.get("label"), f"{here}.label"), _score(proposal.get("score"), here)
            quote = proposal.get("text")
            span = align_span(text, start, end, quote if isinstance(quote, str) else None, (in_utf16,))
            if isinstance(span, str):
                self.left_out[span] += 1
            else:
                yield Proposal(*span, label, score)


def align_span(
    text: str, start: int, end: int, quote: str | None, in_utf16: Iterable[bool] = (False, True)
) -> tuple[int, int] | str:
    """The range in code points, without white space at its edges; else the reason why there is none.

    The offsets are tried as code points and as UTF-16 units, in the order of `in_utf16`. The first range with the
    quote, or without a quote the first within the text, is used.
    """
    fault = OUTSIDE
    for units in in_utf16:
        span = _points(text, start, end) if units else (start, end)
        if span is None or not 0 <= span[0] < span[1] <= len(text) or not text[slice(*span)].strip():
            continue
        if quote is None or (span[1] - span[0] <= 2 * len(quote) + 100 and text[slice(*span)].split() == quote.split()):
            return _without_space(text, *span)
        fault = MISQUOTED
    return fault


def whole_number(value: Any, place: str) -> int:
    """The value, if it is a whole number. Raises `ServiceFailed`."""
    if type(value) is not int:
        raise invalid_answer(place, "a whole number")
    return value


def label_of(value: Any, place: str) -> str:
    """The value as a label, without white space around it. Raises `ServiceFailed`."""
    label = value.strip() if isinstance(value, str) else ""
    if not label or len(label) > LONGEST_LABEL or not label.isprintable():
        raise invalid_answer(place, f"a label of at most {LONGEST_LABEL} characters")
    return label


def model_of(value: Any, place: str) -> str:
    """The value as the name of a model. Raises `ServiceFailed`."""
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_MODEL or not value.isprintable():
        raise invalid_answer(place, f"the name and version of the model, of at most {LONGEST_MODEL} characters")
    return value.strip()


def invalid_answer(place: str, expected: str) -> ServiceFailed:
    """The error for an invalid response: where, and what is expected. The actual value is not shown."""
    return ServiceFailed(f"sent an invalid answer: {place} should be {expected}", answered=True)


def _score(value: Any, place: str) -> float | None:
    if value is None:
        return None
    if type(value) not in (int, float) or not 0 <= value <= 1:
        raise invalid_answer(f"{place}.score", "a number from 0 to 1")
    return float(value)


def _by_id(answers: Any, number: int) -> list[tuple[int, dict[str, Any]]]:
    """The answers with their positions, in the order of the texts."""
    if not isinstance(answers, list):
        raise invalid_answer("texts", "a list")
    found: dict[str, tuple[int, dict[str, Any]]] = {}
    for place, answer in enumerate(answers):
        name = answer.get("id") if isinstance(answer, dict) else None
        if not isinstance(name, str) or name in found:
            raise invalid_answer(f"texts[{place}].id", "the id of a requested text, once")
        found[name] = place, answer
    if any(name not in found for name in map(str, range(number))):
        raise invalid_answer("texts", f"an answer for each of the {number} texts")
    return [found[name] for name in map(str, range(number))]


def _requests(sources: Sequence[SourceText]) -> Iterator[TextRequest]:
    for number, source in enumerate(sources):
        if len(source.text) > LONGEST_TEXT:
            yield from (TextRequest(number, offset, piece) for offset, piece in pieces(source))
        elif source.text.strip():
            yield TextRequest(number, 0, source.text, tuple(source.boilerplate))


def _moved(proposal: Proposal, by: int) -> Proposal:
    return Proposal(proposal.start + by, proposal.end + by, proposal.label, proposal.score) if by else proposal


def _is_outside(proposal: Proposal, closed: Iterable[tuple[int, int]]) -> bool:
    return not any(start < proposal.end and proposal.start < end for start, end in closed)


def _points(text: str, start: int, end: int) -> tuple[int, int] | None:
    """Offsets in UTF-16 units converted to code points; None if they split a character or lie past the end."""
    utf16 = _utf16_of(text)
    if not 0 <= start < end <= utf16.length or utf16.splits(start) or utf16.splits(end):
        return None
    return utf16.points(start), utf16.points(end)


@lru_cache(maxsize=8)
def _utf16_of(text: str) -> Utf16:
    """Cached, because all proposals of a text use it."""
    return Utf16(text)


def _without_space(text: str, start: int, end: int) -> tuple[int, int]:
    surface = text[start:end]
    return start + len(surface) - len(surface.lstrip()), end - len(surface) + len(surface.rstrip())
