"""Labels over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.review.actions.labels import add_label, edit_label, hide_label, rename_label, show_label
from annotations.review.actions.merge_labels import merge_labels
from annotations.review.api.bodies import LabelChangeBody, MergeBody, NewLabelBody, RenameBody
from annotations.review.api.records import label_json
from annotations.review.api.serializers import LabelPage, LabelSerializer
from annotations.review.models import Label, State
from annotations.review.queries import get_label
from annotations.review.queries.label_page import Example, frequent_examples, state_counts
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.pagination import whole_list
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import ONCE, READ, WRITE, problems, query
from corpusapp.core.errors import Invalid

_EXAMPLE = OpenApiExample("A label", {"name": "WEAPON", "definition": "Named kinds of arms."}, request_only=True)


class _Labels(APIView):
    def _list(self, request: ApiRequest, slug: str) -> Response:
        corpus = get_corpus(request.user, slug)
        return whole_list(label_json(label) for label in Label.objects.filter(corpus=corpus))

    def _create(self, request: ApiRequest, slug: str) -> Response:
        corpus = get_corpus(request.user, slug)
        values = read(NewLabelBody, request.data)
        return create(
            request,
            make=lambda: (add_label(user=request.user, corpus=corpus, **values), 201),
            find=lambda pk: get_label(request.user, pk),
            show=lambda label, status: Response(label_json(label), status=status),
        )


@extend_schema(tags=["labels"])
class CorpusLabels(_Labels):
    @extend_schema(operation_id="corpus_labels_list", responses={200: LabelPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the labels of a corpus, in the order of their shortcuts.

        With those that are hidden or merged.
        """
        Parameters(request)
        return self._list(request, slug)

    @extend_schema(
        operation_id="corpus_labels_create",
        parameters=ONCE,
        request=NewLabelBody,
        responses={201: LabelSerializer, **problems(*WRITE, 410)},
        examples=[_EXAMPLE],
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Add a label.

        For managers. Its name is new in the corpus; hidden labels keep theirs.
        """
        Parameters(request)
        return self._create(request, slug)


@extend_schema(tags=["labels"], parameters=[query("corpus", "Slug of the corpus.", required=True)])
class LabelList(_Labels):
    @extend_schema(operation_id="labels_list", responses={200: LabelPage, **problems(*READ)})
    def get(self, request: ApiRequest) -> Response:
        """List the labels of a corpus, in the order of their shortcuts.

        As at `corpora/{slug}/labels/`, by the corpus in the query.
        """
        return self._list(request, _slug(request))

    @extend_schema(
        operation_id="labels_create",
        parameters=ONCE,
        request=NewLabelBody,
        responses={201: LabelSerializer, **problems(*WRITE, 410)},
        examples=[_EXAMPLE],
    )
    def post(self, request: ApiRequest) -> Response:
        """Add a label.

        For managers. As at `corpora/{slug}/labels/`, by the corpus in the query.
        """
        return self._create(request, _slug(request))


@extend_schema(tags=["labels"])
class LabelDetail(APIView):
    @extend_schema(operation_id="labels_retrieve", responses={200: LabelSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get a label.

        With its definition, its examples and its place in the workbench.
        """
        Parameters(request)
        return Response(label_json(get_label(request.user, pk)))

    @extend_schema(
        operation_id="labels_update", request=LabelChangeBody, responses={200: LabelSerializer, **problems(*WRITE)}
    )
    def patch(self, request: ApiRequest, pk: int) -> Response:
        """Change the meaning and appearance of a label.

        For managers. Fields that are left out stay as they are. Its name is changed at `labels/{id}/rename/`.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        now: dict[str, Any] = {"definition": label.definition, "family": label.family}
        label = edit_label(user=request.user, label=label, **{**now, **read(LabelChangeBody, request.data)})
        return Response(label_json(label))


def _verb(verb: str, body: Any) -> Any:
    responses: dict[Any, Any] = {200: LabelSerializer, **problems(*WRITE)}
    return extend_schema(tags=["labels"], operation_id=f"labels_{verb}", request=body, responses=responses)


class LabelRename(APIView):
    @_verb("rename", RenameBody)
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Rename a label.

        For managers. Its spans get the new name; releases keep the former one.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        name = read(RenameBody, request.data)["name"]
        return Response(label_json(rename_label(user=request.user, label=label, name=name)))


class LabelHide(APIView):
    @_verb("hide", None)
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Hide a label.

        For managers. It is no longer offered or suggested. Its decided spans stay.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        read(NothingBody, request.data)
        return Response(label_json(hide_label(user=request.user, label=label)))


class LabelShow(APIView):
    @_verb("show", None)
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Show a hidden label again.

        For managers. 409 if it is not hidden.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        read(NothingBody, request.data)
        return Response(label_json(show_label(user=request.user, label=label)))


class MergeSerializer(serializers.Serializer):
    label = LabelSerializer()  # type: ignore[assignment]  # not `Field.label`
    decision = serializers.IntegerField(
        allow_null=True, help_text="Undo it to undo the merge; null if no span was relabelled: show the label instead."
    )


@extend_schema(tags=["labels"])
class LabelMerge(APIView):
    @extend_schema(operation_id="labels_merge", request=MergeBody, responses={200: MergeSerializer, **problems(*WRITE)})
    def post(self, request: ApiRequest, pk: int) -> Response:
        """Merge a label into another one.

        For managers. Its spans are relabelled as one decision, and it is hidden.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        into = read(MergeBody, request.data)["into"]
        result = merge_labels(user=request.user, label=label, into=get_label(request.user, into))
        return Response(
            {"label": label_json(result.label), "decision": result.decision.pk if result.decision else None}
        )


class LabelExampleSerializer(serializers.Serializer):
    article = serializers.IntegerField()
    headline = serializers.CharField()
    span = serializers.IntegerField()
    start = serializers.IntegerField(help_text="In code points.")
    end = serializers.IntegerField(help_text="In code points, exclusive.")
    left = serializers.CharField(help_text="Up to 60 code points before it, on the same line.")
    text = serializers.CharField()
    right = serializers.CharField(help_text="Up to 60 code points after it, on the same line.")
    count = serializers.IntegerField(
        help_text="How often these words were confirmed with the label, among the newest spans."
    )


class LabelExamplesSerializer(serializers.Serializer):
    spans = serializers.DictField(child=serializers.IntegerField(), help_text="Spans of the label by state.")
    examples = LabelExampleSerializer(many=True, help_text="One for each of the 12 most confirmed words.")


@extend_schema(tags=["labels"])
class LabelExamples(APIView):
    @extend_schema(operation_id="labels_examples", responses={200: LabelExamplesSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Show how a label is used, with examples.

        Its spans by state, and an example for each of the words that were confirmed most.
        """
        Parameters(request)
        label = get_label(request.user, pk)
        counts = state_counts(label)
        spans = {state: counts.get(state, 0) for state in State.values}
        return Response({"spans": spans, "examples": [_example_json(example) for example in frequent_examples(label)]})


def _example_json(example: Example) -> dict[str, Any]:
    span, article = example.span, example.article
    return {
        "article": article.pk,
        "headline": article.headline,
        "span": span.pk,
        "start": span.start,
        "end": span.end,
        **{name: getattr(example, name) for name in ("left", "text", "right", "count")},
    }


def _slug(request: ApiRequest) -> str:
    slug = Parameters(request, "corpus").text("corpus")
    if not slug:
        raise Invalid("name the corpus: /api/v1/labels/?corpus=SLUG", field="corpus")
    return slug
