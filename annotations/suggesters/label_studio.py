"""A machine learning backend of Label Studio as a suggester, such as GLiNER or transformers.

The protocol is that of the package `label-studio-ml`: `GET /health`, `POST /setup` with the labels, `POST /predict`
with tasks. Most backends count code points, and some UTF-16 units, as browsers do. The quote of a region shows which.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from xml.sax.saxutils import quoteattr

from annotations.suggesters.http_service import (
    MOST_PROPOSALS,
    HttpService,
    TextRequest,
    align_span,
    invalid_answer,
    label_of,
    whole_number,
)
from annotations.suggesters.protocol import Proposal

_UNNAMED = "unnamed"
_SHOWN = 200


class LabelStudioService(HttpService):
    """Sends the requests of a Label Studio project with one text and one set of labels.

    `project` identifies the project; the backend stores its training under it.
    """

    kind = "label-studio"

    def __init__(self, *args: Any, project: str = "1.1", **values: Any) -> None:
        super().__init__(*args, **values)
        self._project = project
        self._config = label_config(self.labels)
        self._one_by_one = False

    def look(self) -> str:
        """The model class that the backend reports. Does not set it up, which may load a model."""
        response = self.client.get("/health")
        if not isinstance(response, dict) or response.get("status") != "UP":
            raise invalid_answer("status", '"UP"')
        return _name(response.get("model_class")) or "a Label Studio backend"

    def begin(self) -> str:
        body = {"project": self._project, "schema": self._config, "hostname": "", "access_token": ""}
        response = self.client.post("/setup", body)
        if not isinstance(response, dict):
            raise invalid_answer("the answer to POST /setup", "an object")
        return _name(response.get("model_version")) or _UNNAMED

    def ask(self, batch: Sequence[TextRequest]) -> list[list[Proposal]]:
        if not self._one_by_one:
            answers = self._predict(batch)
            if len(answers) == len(batch) or len(batch) == 1:
                return [self._regions(request, answer) for request, answer in zip(batch, answers or [[]], strict=True)]
            # Some backends leave out texts without results, so that the others cannot be matched.
            self._one_by_one = True
        return [self._regions(request, (self._predict([request]) or [[]])[0]) for request in batch]

    def _predict(self, batch: Sequence[TextRequest]) -> list[Any]:
        body = {
            "tasks": [{"id": number, "data": {"text": request.text}} for number, request in enumerate(batch, 1)],
            "project": self._project,
            "label_config": self._config,
            "params": {"login": None, "password": None, "context": None},
        }
        response = self.client.post("/predict", body)
        results = response.get("results") if isinstance(response, dict) else None
        if not isinstance(results, list) or len(results) > len(batch):
            raise invalid_answer("results", f"a list with one entry for each of the {len(batch)} tasks")
        named = [response.get("model_version"), *(_get(_first(result), "model_version") for result in results)]
        self.answered_by(next(filter(None, map(_name, named)), ""))
        return results

    def _regions(self, request: TextRequest, answer: Any) -> list[Proposal]:
        prediction = _first(answer)
        regions = _get(prediction, "result") if prediction else []
        if not isinstance(regions, list):
            raise invalid_answer("results[…].result", "a list of regions")
        found = (
            proposal for number, region in enumerate(regions) for proposal in self._region(request, region, number)
        )
        proposals = list(islice(found, MOST_PROPOSALS + 1))
        if max(len(proposals), len(regions)) > MOST_PROPOSALS:
            raise invalid_answer("results[…].result", f"a list of at most {MOST_PROPOSALS:,} regions and labels")
        return proposals

    def _region(self, request: TextRequest, region: Any, number: int) -> Iterator[Proposal]:
        """The proposals of a region; none if it is not a labelled range of text."""
        value = _get(region, "value")
        labels = _get(value, "labels") or _get(value, "hypertextlabels")
        if not isinstance(labels, list):
            return
        here = f"results[…].result[{number}].value"
        offsets = _get(value, "globalOffsets") or value
        start, end = (
            whole_number(_get(offsets, "start"), f"{here}.start"),
            whole_number(_get(offsets, "end"), f"{here}.end"),
        )
        quote = value.get("text")
        span = align_span(request.text, start, end, quote if isinstance(quote, str) else None)
        for label in labels:
            name = label_of(label, f"{here}.labels")
            if isinstance(span, str):
                self.left_out[span] += 1
            else:
                yield Proposal(*span, name, _score(region.get("score")))


def label_config(labels: Sequence[str]) -> str:
    """The labelling configuration of a project with these labels."""
    choices = "".join(f"<Label value={quoteattr(label)}/>" for label in labels)
    return f'<View><Labels name="label" toName="text">{choices}</Labels><Text name="text" value="$text"/></View>'


def _first(answer: Any) -> Any:
    """The first prediction of a task, which is the backend's choice."""
    return (answer[0] if answer else None) if isinstance(answer, list) else answer


def _get(value: Any, key: str) -> Any:
    return value.get(key) if isinstance(value, dict) else None


def _name(value: Any) -> str:
    text = str(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else ""
    return text.strip()[:_SHOWN] if text.isprintable() else ""


def _score(value: Any) -> float | None:
    """The score if it is valid. Some backends send 2.0 for none, or a logit."""
    return float(value) if type(value) in (int, float) and 0 <= value <= 1 else None
