"""What all writes share: the revision that was seen, the idempotency key, a verb on one span, a stroke's answer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rest_framework.request import Request
from rest_framework.response import Response

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.actions.decisions import DecisionResult
from annotations.review.api.records import stroke_json
from corpusapp.articles.models import Article
from corpusapp.core.api.problem_details import PreconditionFailed
from corpusapp.core.api.schema import REPLAYED
from corpusapp.core.errors import Invalid, Refusal, RevisionMissing, Stale

# A proxy that compresses makes an ETag weak; a revision means the same all the same.
_ETAG = re.compile(r'(?:W/)?"(\d{1,20})"')
_FIRST = "decisions[0]"


def etag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


@dataclass(frozen=True)
class Seen:
    """The revision that a client saw, and whether it said so by `If-Match`."""

    revision: int
    by_header: bool

    @contextmanager
    def as_condition(self) -> Iterator[None]:
        """A stale `If-Match` is a failed precondition, a stale body a conflict."""
        try:
            yield
        except Stale as stale:
            if not self.by_header:
                raise
            raise PreconditionFailed(stale.detail, field="If-Match", current=stale.current) from stale


def seen_revision(request: Request, given: int | None) -> Seen:
    """The revision of `If-Match`, else the one `given` in the body or query; refuses where there is neither."""
    header = request.headers.get("If-Match")
    if header is None:
        if given is None:
            raise RevisionMissing(
                "the write names no revision: send the one that you saw as revision, or its ETag as If-Match",
                field="revision",
            )
        return Seen(given, by_header=False)
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Invalid('If-Match must be one ETag as a span was answered with, such as "3"', field="If-Match")
    revision = int(match[1])
    if given is not None and given != revision:
        raise Invalid(f"revision says {given}, If-Match says {revision}: send one of them", field="revision")
    return Seen(revision, by_header=True)


def client_key(request: Request, body: Mapping[str, Any]) -> str | None:
    """The idempotency key, from the body or the header."""
    header, given = request.headers.get("Idempotency-Key"), body.get("idempotency_key")
    if header is not None and given is not None and header != given:
        raise Invalid("the header Idempotency-Key and the body differ: send one of them", field="idempotency_key")
    return given if given is not None else header


def decide_one(request: Request, article: Article, choice: Choice, key: str | None) -> DecisionResult:
    """One verb as a stroke of its own; refusals name the field itself, not its place in a list."""
    try:
        return decide(user=request.user, article=article, choices=[choice], client_key=key)
    except Refusal as refusal:
        refusal.field = refusal.field.removeprefix(_FIRST).removeprefix(".")
        raise


def stroke_response(stroke: DecisionResult) -> Response:
    """201 for a new stroke, 200 for one that its key had made before."""
    repeated = {"status": 200, "headers": REPLAYED} if stroke.repeated else {"status": 201}
    return Response(stroke_json(stroke), **repeated)


def shown_of(listed: Sequence[Mapping[str, int]]) -> dict[int, int]:
    """Revision by span id; refuses a span that is listed twice."""
    shown: dict[int, int] = {}
    for position, entry in enumerate(listed):
        if entry["span"] in shown:
            raise Invalid(f"span {entry['span']} is listed twice", field=f"shown[{position}].span")
        shown[entry["span"]] = entry["revision"]
    return shown
