"""Models of a corpus over REST: train, evaluate, promote, roll back, cancel, download."""

from functools import partial
from typing import Any

from django.http.response import HttpResponseBase
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.suggestions.actions.cancel import cancel_training
from annotations.suggestions.actions.promote_model import promote_model, rollback_model
from annotations.suggestions.actions.train_model import train_model
from annotations.suggestions.models import TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.queries.trained_models import get_model, models_page
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.deprecation import former
from corpusapp.core.api.fields import NothingBody, read
from corpusapp.core.api.idempotency import create
from corpusapp.core.api.jobs import JobSerializer, JobView, job_json
from corpusapp.core.api.pagination import ListPage, list_response
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import CURSOR, ONCE, RANGED, READ, WRITE, problems, whole_or_part
from corpusapp.core.downloads import file_response
from corpusapp.core.errors import NotFound

FORMER_STATES = [choice for choice in TrainedModel.State.choices if choice[0] != TrainedModel.State.CANCELLED]
_INTERVAL = serializers.ListField(child=serializers.FloatField(), min_length=2, max_length=2)


class QualityMeasuresSerializer(serializers.Serializer):
    right = serializers.IntegerField(help_text="Proposed spans with exactly the true range and label.")
    proposed = serializers.IntegerField()
    true = serializers.IntegerField(help_text="Spans that editors confirmed.")
    precision = serializers.FloatField()
    precision_interval = _INTERVAL
    recall = serializers.FloatField()
    recall_interval = _INTERVAL
    f1 = serializers.FloatField()
    f1_interval = _INTERVAL


class ModelScoresSerializer(serializers.Serializer):
    articles = serializers.IntegerField(help_text="Articles held back for evaluation, never used in training.")
    micro = QualityMeasuresSerializer(help_text="95 % intervals from 1,000 bootstrap samples of the articles.")
    labels = serializers.DictField(child=QualityMeasuresSerializer(), help_text="By label.")
    confusion = serializers.ListField(
        child=serializers.ListField(),
        help_text="[true label, proposed label, count] of spans with the same range; a label is empty if that side "
        "has no span there.",
    )


class TrainingSummarySerializer(serializers.Serializer):
    epochs = serializers.IntegerField(required=False)
    words = serializers.IntegerField(required=False, help_text="Tokens per epoch.")
    misaligned = serializers.IntegerField(
        required=False, help_text="Spans left out because they do not align with tokens."
    )
    seconds = serializers.FloatField(required=False)


@extend_schema_serializer(deprecate_fields=["state"])
class ModelSerializer(JobSerializer):
    id = serializers.IntegerField()
    corpus = serializers.CharField()
    origin = serializers.ChoiceField(choices=TrainedModel.Origin.choices)
    state = serializers.ChoiceField(choices=FORMER_STATES, help_text=former("job_state"))
    reason = serializers.CharField(help_text="Reason of its state.")
    user = serializers.CharField(allow_null=True, help_text="Null if it started automatically.")
    base = serializers.CharField(help_text="What it was trained from: a pipeline, or the digest of an added one.")
    name = serializers.CharField(help_text="Name and version of the pipeline.")
    digest = serializers.CharField(help_text="SHA-256 of its weights.")
    seed = serializers.IntegerField()
    decisions = serializers.IntegerField(help_text="Number of decided spans in its training data.")
    articles = serializers.IntegerField(help_text="Number of articles in its training data.")
    held_back = serializers.IntegerField(help_text="Number of done articles that it was evaluated on.")
    before = ModelScoresSerializer(allow_null=True, help_text="Scores of the model in use when it was trained.")
    after = ModelScoresSerializer(allow_null=True, help_text="Scores of this model.")
    course = TrainingSummarySerializer()
    former = serializers.IntegerField(allow_null=True, help_text="The model that a rollback returns to.")
    package = serializers.URLField(allow_null=True, help_text="URL of the package; null if it was deleted.")
    created_at = serializers.DateTimeField()
    started_at = serializers.DateTimeField(allow_null=True)
    finished_at = serializers.DateTimeField(allow_null=True)
    promoted_at = serializers.DateTimeField(allow_null=True)
    run = serializers.IntegerField(required=False, allow_null=True, help_text="The run that updates open articles.")


class ModelPage(ListPage):
    results = ModelSerializer(many=True)


_FORMER = {"state": "job_state"}
_PLAIN = ("id", "origin", "reason", "base", "name", "digest", "seed", "decisions", "articles", "held_back")
_MORE = ("before", "after", "course", "created_at", "started_at", "finished_at", "promoted_at")


def model_json(request: ApiRequest, model: TrainedModel) -> dict[str, Any]:
    address = request.build_absolute_uri(f"/api/v1/corpora/{model.corpus.slug}/models/{model.pk}/package/")
    return {
        **{name: getattr(model, name) for name in (*_PLAIN, *_MORE)},
        **job_json(model.job_state),
        "state": model.former_state,
        "corpus": model.corpus.slug,
        "user": model.user.username if model.user else None,
        "former": model.former_id,
        "package": address if weights.package_file(model.digest) else None,
    }


@extend_schema(tags=["models"])
class CorpusModels(JobView):
    deprecated = _FORMER

    @extend_schema(operation_id="models_list", parameters=CURSOR, responses={200: ModelPage, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """List the models of a corpus, newest first, with their scores.

        Together they are the learning curve.
        """
        parameters = Parameters(request, "cursor", "limit")
        corpus = get_corpus(request.user, slug)
        return list_response(request, parameters, partial(models_page, corpus), partial(model_json, request))

    @extend_schema(
        operation_id="models_train",
        parameters=ONCE,
        request=NothingBody,
        responses={202: ModelSerializer, **problems(*WRITE, 410)},
    )
    def post(self, request: ApiRequest, slug: str) -> Response:
        """Train a model on the decided spans.

        409 while another training waits or runs. For managers.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        read(NothingBody, request.data)
        return create(
            request,
            make=lambda: (train_model(user=request.user, corpus=corpus), 202),
            find=lambda pk: get_model(corpus, pk),
            show=lambda model, status: Response(
                model_json(request, get_model(corpus, model.pk)),
                status=status,
                headers={"Location": request.build_absolute_uri(f"{request.path}{model.pk}/")},
            ),
        )


@extend_schema(tags=["models"])
class ModelDetail(JobView):
    deprecated = _FORMER

    @extend_schema(operation_id="models_retrieve", responses={200: ModelSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Get a model.

        Its progress while it is trained, and its scores.
        """
        Parameters(request)
        return Response(model_json(request, get_model(get_corpus(request.user, slug), pk)))


@extend_schema(tags=["models"])
class ModelPromote(JobView):
    deprecated = _FORMER

    @extend_schema(
        operation_id="models_promote", request=NothingBody, responses={200: ModelSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Use this model for suggestions.

        Open articles get new suggestions; decisions stay. 409 if it is not trained. For managers.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        read(NothingBody, request.data)
        run = promote_model(user=request.user, model=get_model(corpus, pk))
        return Response({**model_json(request, get_model(corpus, pk)), "run": run.pk if run else None})


@extend_schema(tags=["models"])
class ModelRollback(JobView):
    deprecated = _FORMER

    @extend_schema(
        operation_id="models_rollback", request=NothingBody, responses={200: ModelSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Go back from the promoted model to the previous one, or to the base pipeline.

        Open articles get new suggestions; decisions stay. 409 if this model is not in use. For managers.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        read(NothingBody, request.data)
        run = rollback_model(user=request.user, model=get_model(corpus, pk))
        return Response({**model_json(request, get_model(corpus, pk)), "run": run.pk if run else None})


@extend_schema(tags=["models"])
class ModelCancel(JobView):
    deprecated = _FORMER

    @extend_schema(
        operation_id="models_cancel", request=NothingBody, responses={200: ModelSerializer, **problems(*WRITE)}
    )
    def post(self, request: ApiRequest, slug: str, pk: int) -> Response:
        """Cancel a waiting or running training.

        Nothing of it is kept. 409 if it has ended. For managers.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        read(NothingBody, request.data)
        cancel_training(user=request.user, model=get_model(corpus, pk))
        return Response(model_json(request, get_model(corpus, pk)))


@extend_schema(tags=["models"])
class ModelPackage(APIView):
    @extend_schema(
        operation_id="models_package",
        parameters=RANGED,
        responses={**whole_or_part("application/octet-stream", "A wheel."), **problems(*READ, 403, 416)},
    )
    def get(self, request: ApiRequest, slug: str, pk: int) -> HttpResponseBase:
        """Download the model as a Python package.

        `pip install` it, then `spacy.load` its name. For managers.
        """
        Parameters(request)
        model = get_model(get_corpus(request.user, slug, Role.MANAGER), pk)
        path = weights.package_file(model.digest)
        if path is None:
            raise NotFound(f"model {pk} has no package: its weights were cleared away, or it is not finished")
        headers = {"X-Content-Type-Options": "nosniff", "Cache-Control": "private, no-store"}
        return file_response(
            request, path.open("rb"), name=path.name, content_type="application/octet-stream", headers=headers
        )
