"""Shared parts of writes over REST: request bodies, revisions, idempotency keys and responses.

Offsets, ids and revisions must be JSON integers; the actions check their values.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from rest_framework import serializers
from rest_framework.response import Response

from annotations.review.actions.choices import SPAN_VERBS, ArticleChoice, Choice, Seen
from annotations.review.actions.decide import decide
from annotations.review.actions.decisions import DecisionResult
from annotations.review.actions.labels import MAX_POSITION, MAX_TEXT
from annotations.review.api.records import decision_result_json
from annotations.review.api.serializers import SCOPES
from annotations.review.models import Label
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Article
from corpusapp.articles.models.article import EXTERNAL_ID_LENGTH
from corpusapp.core.api.fields import Flag, Offset, OneOf, StrictSerializer, Text, Whole
from corpusapp.core.api.problem_details import PreconditionFailed
from corpusapp.core.api.schema import REPLAYED
from corpusapp.core.errors import Invalid, Refusal, RevisionMissing, Stale

DECIDED = ("confirmed", "rejected")
# A compressing proxy turns an ETag into a weak one; the revision is the same.
_ETAG = re.compile(r'(?:W/)?"(\d{1,20})"')
_FIRST_CHOICE = "decisions[0]"


class SeenBody(StrictSerializer):
    """A span as it was seen."""

    start = Offset()
    end = Offset()
    label = Text()  # type: ignore[assignment]  # not `Field.label`


class VerbBody(StrictSerializer):
    """One verb on one span. All verbs except `add` need the span and the revision that was seen, or `seen` alone."""

    verb = OneOf(choices=[verb.value for verb in SPAN_VERBS])
    span = Whole(required=False, allow_null=True)
    revision = Whole(required=False, allow_null=True)
    start = Offset(required=False)
    end = Offset(required=False)
    label = Text(required=False)  # type: ignore[assignment]  # not `Field.label`

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        verb = attributes["verb"]
        superfluous = {"add": ("span", "revision"), "move": (), "relabel": ("start", "end")}
        for name in superfluous.get(verb, ("start", "end", "label")):
            if attributes.get(name) is not None:
                raise serializers.ValidationError({name: [f"is not allowed for {verb}: leave it out"]})
        return attributes


class ChoiceBody(VerbBody):
    offered = serializers.BooleanField(
        required=False,
        help_text="Whether it takes a possible span that was offered, so that it counts as one action of the editor.",
    )
    seen = SeenBody(
        required=False,
        allow_null=True,
        help_text="The span as you saw it. If the suggestion was withdrawn since, the verb is still applied there, and "
        "`notices` says so. Without `span`, it names the span: one that was decided since is only changed if you send "
        "its `revision`.",
    )
    entity = Whole(
        required=False,
        allow_null=True,
        help_text="ID of the entity that you saw suggested with the span: if it still is, the link is confirmed too.",
    )


def choice_of(body: Mapping[str, Any]) -> Choice:
    """The choice in a validated `ChoiceBody`."""
    seen = body.get("seen")
    return Choice(**{**body, "seen": Seen(**seen) if seen else None})


class DecisionsBody(StrictSerializer):
    """A decision of several verbs, applied all or none."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    decisions = ChoiceBody(many=True)


class PreviewMatchesBody(StrictSerializer):
    """A verb on a span, or on a range for `add`, and where to look for matches."""

    choice = ChoiceBody()
    scope = OneOf(choices=SCOPES)


class MatchBody(StrictSerializer):
    """A match that was shown: its span and revision, or its range for `add`."""

    article = Whole()
    span = Whole(required=False)
    revision = Whole(required=False)
    start = Offset(required=False)
    end = Offset(required=False)


class ApplyToMatchesBody(StrictSerializer):
    """A verb, and the matches to apply it to as well."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    choice = ChoiceBody()
    matches = MatchBody(many=True)


class ShownSpan(StrictSerializer):
    span = Whole()
    revision = Whole()
    entity = Whole(
        required=False, help_text="ID of the entity that was shown with it, if any: the link is confirmed too."
    )


class ConfirmShownBody(StrictSerializer):
    """The suggestions that were shown, with their revisions."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    shown = ShownSpan(many=True)


_ALL_OR_NONE = "Do nothing if any item would be left out: 409 with all of these. Default: false."


class NamedArticlesBody(StrictSerializer):
    """Articles of the corpus, by `articles` or by `external_ids`, at most 1,000."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    articles = serializers.ListField(child=Whole(), required=False, help_text="IDs of the articles.")
    external_ids = serializers.ListField(
        child=Text(max_length=EXTERNAL_ID_LENGTH),
        required=False,
        help_text="External IDs: the newest version is meant.",
    )
    all_or_none = Flag(required=False, help_text=_ALL_OR_NONE)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if len({"articles", "external_ids"} & attributes.keys()) != 1:
            raise serializers.ValidationError({"articles": ["send either articles or external_ids"]})
        return attributes


def named_articles(body: Mapping[str, Any]) -> dict[str, Any]:
    """The articles of a validated `NamedArticlesBody`, as actions take them."""
    return {
        "article_ids": body.get("articles", ()),
        "external_ids": body.get("external_ids", ()),
        "all_or_none": body.get("all_or_none", False),
    }


class ArticleChoiceBody(ChoiceBody):
    """One verb on one span of an article of the corpus, or on a range without a span.

    The article is named by `article` or `external_id`; the span by `span` and `revision`, or by `seen` alone.
    """

    article = Whole(required=False)
    external_id = Text(
        required=False, max_length=EXTERNAL_ID_LENGTH, help_text="External ID of the article: the newest version."
    )

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        if len({"article", "external_id"} & attributes.keys()) != 1:
            raise serializers.ValidationError({"article": ["name the article by either article or external_id"]})
        return super().validate(attributes)


class DecideManyBody(StrictSerializer):
    """A decision on several articles. Spans that changed since are left out."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    decisions = ArticleChoiceBody(many=True)
    all_or_none = Flag(required=False, help_text=_ALL_OR_NONE)


def article_choice_of(body: Mapping[str, Any]) -> ArticleChoice:
    """The choice in a validated `ArticleChoiceBody`, with its article."""
    values = dict(body)
    article, external_id = values.pop("article", 0), values.pop("external_id", "")
    return ArticleChoice(article, choice_of(values), external_id)


class ShownEntity(StrictSerializer):
    span = Whole()
    entity = Whole()


class FinishBody(StrictSerializer):
    """Suggestions to confirm, of spans and of links. Default: none."""

    idempotency_key = Text(required=False, allow_null=True, max_length=100)
    shown = ShownSpan(many=True, required=False)
    entities = ShownEntity(
        many=True,
        required=False,
        help_text="Entities that were shown with spans, such as confirmed ones: links to them are confirmed.",
    )


class IdempotencyKeyBody(StrictSerializer):
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class NewSpanBody(StrictSerializer):
    start = Offset()
    end = Offset()
    label = Text()  # type: ignore[assignment]  # not `Field.label`
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class SpanChangeBody(StrictSerializer):
    """A state, or a label, or a range with or without a label."""

    revision = Whole(required=False, help_text="The revision that you saw; or send `If-Match`.")
    state = OneOf(choices=DECIDED, required=False)
    label = Text(required=False)  # type: ignore[assignment]  # not `Field.label`
    start = Offset(required=False)
    end = Offset(required=False)
    idempotency_key = Text(required=False, allow_null=True, max_length=100)

    def validate(self, attributes: dict[str, Any]) -> dict[str, Any]:
        targets = [name for name in ("label", "start", "end") if name in attributes]
        if "state" in attributes and targets:
            raise serializers.ValidationError(
                {targets[0]: ["cannot change together with the state: send two requests, or use decisions"]}
            )
        if "state" not in attributes and not targets:
            raise serializers.ValidationError("changes nothing: send a state, a label, or start and end")
        return attributes


class RevisionBody(StrictSerializer):
    revision = Whole(required=False)
    idempotency_key = Text(required=False, allow_null=True, max_length=100)


class LabelChangeBody(StrictSerializer):
    """The name is changed by renaming."""

    definition = Text(required=False, allow_blank=True, max_length=MAX_TEXT)
    family = OneOf(choices=Label.Family.choices, required=False)
    position = Whole(low=0, high=MAX_POSITION, required=False)
    key = Text(required=False, allow_blank=True, max_length=1)
    examples = Text(required=False, allow_blank=True, max_length=MAX_TEXT)


class NewLabelBody(LabelChangeBody):
    name = Text()


class RenameBody(StrictSerializer):
    name = Text()


class MergeBody(StrictSerializer):
    into = Whole(help_text="ID of the label that the spans get.")


def etag(revision: int) -> dict[str, str]:
    return {"ETag": f'"{revision}"'}


@dataclass(frozen=True)
class SeenRevision:
    """The revision that a client saw, and whether it came from `If-Match`."""

    revision: int
    by_header: bool

    @contextmanager
    def as_condition(self) -> Iterator[None]:
        """Raise PreconditionFailed instead of Stale if the revision came from `If-Match`."""
        try:
            yield
        except Stale as stale:
            if not self.by_header:
                raise
            raise PreconditionFailed(stale.detail, field="If-Match", current=stale.current) from stale


def seen_revision(request: ApiRequest, given: int | None) -> SeenRevision:
    """The revision of `If-Match`, else `given` from the body or query. Refuses a request without either."""
    header = request.headers.get("If-Match")
    if header is None:
        if given is None:
            raise RevisionMissing(
                "the write is missing the revision: send the one that you saw as revision, or its ETag as If-Match",
                field="revision",
            )
        return SeenRevision(given, by_header=False)
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Invalid('If-Match must be one ETag as it was answered with, such as "3"', field="If-Match")
    revision = int(match[1])
    if given is not None and given != revision:
        raise Invalid(f"revision is {given}, and If-Match is {revision}: send only one", field="revision")
    return SeenRevision(revision, by_header=True)


def client_key(request: ApiRequest, body: Mapping[str, Any]) -> str | None:
    """The idempotency key, from the body or the header."""
    header, given = request.headers.get("Idempotency-Key"), body.get("idempotency_key")
    if header is not None and given is not None and header != given:
        raise Invalid("the header Idempotency-Key and the body differ: send only one", field="idempotency_key")
    return given if given is not None else header


def decide_one(request: ApiRequest, article: Article, choice: Choice, key: str | None) -> DecisionResult:
    """Decide with one verb. Refusals name the field without its position in a list."""
    try:
        return decide(user=request.user, article=article, choices=[choice], client_key=key)
    except Refusal as refusal:
        refusal.field = refusal.field.removeprefix(_FIRST_CHOICE).removeprefix(".")
        raise


def decision_response(result: DecisionResult) -> Response:
    """201 for a new decision, 200 for one that an earlier request with its key made."""
    status, headers = (200, REPLAYED) if result.repeated else (201, None)
    return Response(decision_result_json(result), status=status, headers=headers)


def entities_by_span(*lists: Sequence[Mapping[str, int]]) -> dict[int, int]:
    """The entities that were shown with spans, by span."""
    return {entry["span"]: entry["entity"] for listed in lists for entry in listed if "entity" in entry}


def revisions_by_span(listed: Sequence[Mapping[str, int]]) -> dict[int, int]:
    """Revisions by span id. Refuses a span that is listed twice."""
    shown: dict[int, int] = {}
    for position, entry in enumerate(listed):
        if entry["span"] in shown:
            raise Invalid(f"span {entry['span']} is listed twice", field=f"shown[{position}].span")
        shown[entry["span"]] = entry["revision"]
    return shown
