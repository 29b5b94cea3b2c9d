"""Labelled data out over REST, streamed."""

from django.http import StreamingHttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView

from annotations.exports.queries import export_records
from annotations.formats import jsonl
from annotations.review.models import Stage, State
from corpusapp.api.parameters import Parameters
from corpusapp.api.schema import READ, problems, query
from corpusapp.articles.permissions import get_corpus

FORMATS = {jsonl.NAME: jsonl}
_LINE = OpenApiExample(
    "A line",
    {
        "id": 1,
        "external_id": "seed-1",
        "title": "Zarif in Damascus",
        "text": "Zarif arrived.",
        "spans": [
            {
                "id": 7,
                "start": 0,
                "end": 5,
                "label": "PERSON",
                "text": "Zarif",
                "state": "confirmed",
                "score": None,
                "pipeline": None,
                "revision": 2,
            }
        ],
        "zones": [],
    },
    response_only=True,
    media_type=jsonl.MEDIA_TYPE,
)


@extend_schema(tags=["exports"])
class CorpusExport(APIView):
    @extend_schema(
        operation_id="corpora_export",
        parameters=[
            query("format", "`jsonl`, the default: an article a line.", enum=list(FORMATS)),
            query("state", "States of spans, with commas between; `confirmed` by default."),
            query("stage", "Stages of articles, with commas between; all by default."),
            query("chrome", "1: with the spans that touch zones of the kind `chrome`.", OpenApiTypes.BOOL),
        ],
        responses={
            (200, jsonl.MEDIA_TYPE): OpenApiResponse(OpenApiTypes.STR, "JSON Lines", examples=[_LINE]),
            **problems(*READ),
        },
    )
    def get(self, request: Request, slug: str) -> StreamingHttpResponse:
        """All articles of a corpus with their spans and zones, streamed, as they stood at one moment.

        Texts are whole, site furniture included, so that offsets are those of the article; `zones` says where it
        stands. Spans that touch it are left out unless `chrome=1` asks for them.
        """
        parameters = Parameters(request, "format", "state", "stage", "chrome")
        corpus = get_corpus(request.user, slug)
        form = FORMATS[parameters.choice("format", list(FORMATS), jsonl.NAME)]
        states = parameters.choices("state", State.values, [State.CONFIRMED.value])
        stages = parameters.choices("stage", Stage.values, ())
        chrome = parameters.flag("chrome", False)
        records = export_records(corpus, states=states, stages=stages, chrome=chrome)
        return StreamingHttpResponse(
            form.lines(records),
            content_type=form.MEDIA_TYPE,
            headers={"Content-Disposition": f'attachment; filename="{corpus.slug}.{form.SUFFIX}"'},
        )
