"""Articles and corpora over REST: list, filter, search, detail, import."""

from collections.abc import Sequence
from functools import partial
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiExample, OpenApiResponse, PolymorphicProxySerializer, extend_schema
from rest_framework.parsers import MultiPartParser
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.formats.registry import formats
from annotations.review.api.importing import ImportOptions, import_list, import_one
from annotations.review.api.records import content_json, detail_json, row_json
from annotations.review.api.serializers import (
    IMPORT_BODY,
    ArticleDetailSerializer,
    ArticlePage,
    ArticleRowSerializer,
    CorpusDetailSerializer,
    FilesBody,
)
from annotations.review.api.set_aside import ASIDE
from annotations.review.api.spans import STANDING, STATE
from annotations.review.models import Stage, State
from annotations.review.queries import ORDERS, ArticleFilter, corpus_counts, list_articles
from annotations.review.queries.assignment import ME
from annotations.review.queries.listing import LINKED, SpanFilter
from annotations.review.queries.page_rows import ArticleRow
from annotations.review.queries.record import CONTENT, article_record, contents_of
from annotations.review.queries.set_aside import parked_counts
from corpusapp.accounts.requests import ApiRequest
from corpusapp.articles.api.corpora import CorpusChangeBody, CorpusSerializer, change_corpus, corpus_record
from corpusapp.articles.api.imports import (
    FORMER_ID,
    ImportRefusal,
    ImportReport,
    ImportUploadSerializer,
    import_upload,
    is_upload,
)
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import get_corpus
from corpusapp.core.api.deprecation import announce
from corpusapp.core.api.field_selection import FieldSelection, fields_parameter
from corpusapp.core.api.jobs import JobView
from corpusapp.core.api.offsets import HEADER, PARAMETER, Counting
from corpusapp.core.api.pagination import ReadPage, list_response, page_response, size_of
from corpusapp.core.api.parameters import MOST_NAMES, Parameters
from corpusapp.core.api.problem_details import CONTENT_TYPE
from corpusapp.core.api.schema import CURSOR, ONCE, READ, WRITE, choices, problems, query
from corpusapp.core.api.wire import MULTIPART, OCTETS, LinesParser, OctetsParser, StrictJSONParser
from corpusapp.core.errors import Invalid
from corpusapp.core.keyset import Page
from corpusapp.intake.draft import MAX_TEXT
from corpusapp.text.wellformed import fault

if TYPE_CHECKING:
    from corpusapp.accounts.models import User

_FILTERS = (
    "corpus", "ids", "external_id", "q", "source", "stage", "editor", "assignee", "aside", "label", "state", "pipeline",
    "score_from", "score_to", "entity", "linked", "published_from", "published_to", "updated_since", "order",
    "cursor", "limit", "fields",
)  # fmt: skip
# The former name of `format`: a keyword of many languages.
_FORMER_FORMAT = "as"
_UPLOAD_PARAMETERS = ("source", "columns", "encoding", "format", _FORMER_FORMAT)
_LISTED_FIELDS, _DETAIL_FIELDS = tuple(ArticleRowSerializer().fields), tuple(ArticleDetailSerializer().fields)
_ROW_FIELDS = [name for name in map(str, _LISTED_FIELDS) if name not in CONTENT]
# A page with texts or spans ends where it would have more code points than the longest text.
_MAX_PAGE_LENGTH = MAX_TEXT
_CORPUS = query("corpus", "Slug of a corpus.")
EXTERNAL_ID = query(
    "external_id",
    f"External IDs, separated by commas, at most {MOST_NAMES}: all versions, in each corpus that you can see.",
)
ASSIGNEE = query("assignee", "Username of the person they are assigned to; `me`, or `none` for nobody.")
SPAN_FILTERS = (
    choices("state", "States of the spans. Default: `suggested,confirmed`.", State.values),
    query("pipeline", "Name and version of the pipeline that suggested the spans."),
    query("score_from", "Lowest score of the spans, from 0 to 1.", OpenApiTypes.FLOAT),
    query("score_to", "Highest score of the spans, from 0 to 1.", OpenApiTypes.FLOAT),
    query("entity", "ID of the entity that the spans are linked to.", OpenApiTypes.INT64),
    query("linked", "Whether the spans are linked to an entity, and in which state.", enum=LINKED),
)


@extend_schema(tags=["articles"])
class ArticleList(JobView):
    deprecated = FORMER_ID
    parser_classes = [StrictJSONParser, LinesParser, OctetsParser, MultiPartParser]

    @extend_schema(
        operation_id="articles_list",
        parameters=[
            _CORPUS,
            query("ids", f"IDs of articles, separated by commas, at most {MOST_NAMES}."),
            EXTERNAL_ID,
            query("q", 'Full-text search: `"quoted words"`, `-not`, `or`.'),
            query("source", "Name of a source."),
            query("stage", "Stage of the articles.", enum=Stage.values),
            query("editor", "Username of the editor who reviews or finished them."),
            ASSIGNEE,
            ASIDE,
            query("label", "Articles with a span of this label. One span must match all span filters."),
            *SPAN_FILTERS,
            query("published_from", "First day.", OpenApiTypes.DATE),
            query("published_to", "Last day.", OpenApiTypes.DATE),
            query("updated_since", "Imported or decided since this time.", OpenApiTypes.DATETIME),
            query(
                "order",
                "Default: `best` match with a search, else newest first. `date`: latest publication first. `work` "
                "(fewest expected decisions first) and `uncertainty` (least certain first) list articles with open "
                "suggestions.",
                enum=ORDERS,
            ),
            *CURSOR,
            fields_parameter(_ROW_FIELDS, CONTENT),
        ],
        responses={200: ArticlePage, **problems(*READ)},
    )
    def get(self, request: ApiRequest) -> Response:
        """List articles, with texts and spans if `fields` names them.

        All filters apply together. With a search, `snippet` shows the match and `hits` where it is. A page with long
        texts has fewer articles than `limit`.
        """
        parameters = Parameters(request, *_FILTERS)
        corpora = _corpora(request, parameters.text("corpus"))
        selection = FieldSelection(parameters, _ROW_FIELDS, CONTENT)
        filters = read_article_filter(parameters, request.user)
        read_page = partial(list_articles, corpora, filters)
        wanted = [name for name in CONTENT if name in selection]
        if not wanted:
            return list_response(request, parameters, read_page, lambda row: selection.one(row_json(row)))
        page = _page_with_content(parameters, read_page, "text" in wanted or "spans" in wanted)
        contents = contents_of([row.article for row in page.rows], wanted, filters.spans.states or STANDING)
        rows = [{**row_json(row), **content_json(contents[row.article.pk])} for row in page.rows]
        return page_response(request, selection.all(rows), page.next_cursor)

    @extend_schema(
        operation_id="articles_create",
        parameters=[
            _CORPUS,
            query("add_labels", "1: create labels that the corpus does not have.", OpenApiTypes.BOOL),
            query("suggest", "0: create no suggestions.", OpenApiTypes.BOOL),
            query("done", "1: mark articles with decided spans as done.", OpenApiTypes.BOOL),
            query(
                "upsert",
                "1: a record whose external ID or URL is known, with the same text, replaces the metadata that it "
                "names. Null or an empty text clears a field; of `metadata`, each key is a field.",
                OpenApiTypes.BOOL,
            ),
            query("source", "For lines and files: source of articles that name none."),
            query(
                "format",
                "For lines and files: the format of another tool. Default: recognised by its content.",
                enum=[form.name for form in formats.read()],
            ),
            query(
                "columns", "For lines and files: columns or keys to map to fields of an article: `Headline=title,…`."
            ),
            query(
                "encoding",
                "For lines and files: the encoding of files that declare none, as Python names it: `cp1252`.",
            ),
            *ONCE,
        ],
        request={"application/json": IMPORT_BODY, OCTETS: OpenApiTypes.BINARY, MULTIPART: FilesBody},
        responses={
            201: PolymorphicProxySerializer("ImportAnswer", [ArticleDetailSerializer, ImportReport], None),
            200: PolymorphicProxySerializer("ImportAnswer", [ArticleDetailSerializer, ImportReport], None),
            202: ImportUploadSerializer,
            **problems(*WRITE, 410),
            (400, CONTENT_TYPE): OpenApiResponse(ImportRefusal, "Invalid value, or no article of the list was taken"),
        },
        examples=[
            OpenApiExample(
                "One article",
                {
                    "text": "DAMASCUS, Sept 3 - Zarif arrived.",
                    "title": "Zarif in Damascus",
                    "published_on": "2018-09-03",
                    "spans": [{"start": 19, "end": 24, "label": "PERSON", "state": "confirmed"}],
                    "zones": [{"start": 0, "end": 16, "kind": "dateline"}],
                    "stage": "done",
                },
                request_only=True,
            ),
            OpenApiExample(
                "A list", {"corpus": "desk", "articles": [{"text": "One."}, {"text": "Two."}]}, request_only=True
            ),
        ],
    )
    def post(self, request: ApiRequest) -> Response:
        """Import one article, a list, lines or files.

        One article: 201 with the new article, 200 with an existing article of the same text, 400 if it is refused. A
        list (`{"corpus", "articles"}`, or bare with `?corpus=`): 201 with a report if anything was added, 200 if all
        are duplicates, 400 if all failed.

        One article per line (`application/octet-stream` or `application/x-ndjson`), and files (`multipart/form-data`:
        text, HTML, JSON, CSV, RSS, WARC, mail, PDF, DOCX, archives of these), are stored and read by a worker: 202 with
        the import and its progress.

        So is JSON of more than 1,000 articles, 10,000 lines or 500,000 characters of text in total. A list that the
        worker imports within 20 seconds is answered with its report all the same; else, or while another list is waited
        for, by 202.

        With `upsert`, an article is known by its external ID or URL: the same text gives 200 with the replaced
        metadata, another text 201 with a new version. An external ID and a URL of two articles: 409, and nothing is
        done to that item.

        With an `Idempotency-Key`, a list that is imported at once is imported in one transaction, all or nothing.
        """
        upload = is_upload(request)
        parameters = Parameters(
            request, "corpus", "add_labels", "suggest", "done", "upsert", *(_UPLOAD_PARAMETERS if upload else ())
        )
        if upload:
            return _upload(request, parameters)
        slug, records = _unwrap(request.data, parameters.text("corpus"))
        corpus = get_corpus(request.user, slug)
        if isinstance(records, list):
            return import_list(request, corpus, records, **_options(parameters))
        return import_one(request, corpus, records, **_options(parameters))


@extend_schema(tags=["articles"])
class ArticleDetail(APIView):
    @extend_schema(
        operation_id="articles_retrieve",
        parameters=[STATE, fields_parameter(_DETAIL_FIELDS), PARAMETER, HEADER],
        responses={200: ArticleDetailSerializer, **problems(*READ)},
    )
    def get(self, request: ApiRequest, pk: int) -> Response:
        """Get an article with its text, zones and spans.

        Its text never changes. `fields` selects what is answered, `state` which of its spans.
        """
        parameters = Parameters(request, "state", "fields", "offsets")
        states, counting = parameters.choices("state", State.values, STANDING), Counting(parameters)
        selection = FieldSelection(parameters, _DETAIL_FIELDS)
        record = article_record(request.user, pk, states)
        return Response(selection.one(counting.article(detail_json(record))), headers=counting.headers)


@extend_schema(tags=["corpora"])
class CorpusDetail(APIView):
    @extend_schema(operation_id="corpora_retrieve", responses={200: CorpusDetailSerializer, **problems(*READ)})
    def get(self, request: ApiRequest, slug: str) -> Response:
        """Get a corpus and its progress.

        Its settings, with the numbers of its articles by stage and of its spans by state.
        """
        Parameters(request)
        corpus = get_corpus(request.user, slug)
        counts = corpus_counts(corpus)
        spans = {state: counts.by_state.get(state, 0) for state in State.values}
        parked = sum(parked_counts([corpus]).get(corpus.pk, {}).values())
        progress = {"articles": counts.articles, "stages": dict(counts.by_stage), "parked": parked, "spans": spans}
        return Response({**corpus_record(corpus), **progress})

    @extend_schema(
        operation_id="corpora_update",
        request=CorpusChangeBody,
        responses={200: CorpusSerializer, **problems(*WRITE)},
        examples=[OpenApiExample("Guidelines", {"guidelines": "Mark whole names."}, request_only=True)],
    )
    def patch(self, request: ApiRequest, slug: str) -> Response:
        """Change the name and settings of a corpus.

        For managers. Fields that are left out stay as they are.
        """
        Parameters(request)
        return Response(change_corpus(request, slug))


def _page_with_content(parameters: Parameters, read_page: ReadPage[ArticleRow], with_texts: bool) -> Page[ArticleRow]:
    """The page that is asked for; one with texts ends before it gets too long, but has one article at least."""
    cursor = parameters.text("cursor")
    page = read_page(cursor=cursor, size=size_of(parameters))
    lengths = accumulate(row.article.length for row in page.rows)
    fitting = max(1, sum(length <= _MAX_PAGE_LENGTH for length in lengths))
    if not with_texts or fitting >= len(page.rows):
        return page
    return read_page(cursor=cursor, size=fitting)


def _options(parameters: Parameters) -> ImportOptions:
    return {
        "add_labels": parameters.flag("add_labels", False),
        "suggest": parameters.flag("suggest", True),
        "done": parameters.flag("done", False),
        "upsert": parameters.flag("upsert", False),
    }


def _upload(request: ApiRequest, parameters: Parameters) -> Response:
    corpus = get_corpus(request.user, _require_slug(parameters.text("corpus")), Role.MANAGER)
    former = parameters.text(_FORMER_FORMAT)
    if former and parameters.text("format"):
        raise Invalid(f"{_FORMER_FORMAT} is the former name of format: send format alone", field=_FORMER_FORMAT)
    response = import_upload(
        request,
        corpus,
        source=parameters.text("source"),
        columns=parameters.text("columns"),
        encoding=parameters.text("encoding"),
        project=parameters.text("format") or former,
        **_options(parameters),
    )
    if former:
        announce(request, response, {_FORMER_FORMAT: "format"})
    return response


def _corpora(request: ApiRequest, slug: str) -> list[Corpus]:
    return [get_corpus(request.user, slug)] if slug else list(Corpus.objects.visible_to(request.user))


def read_article_filter(parameters: Parameters, user: "User", orders: Sequence[str] = ORDERS) -> ArticleFilter:
    """The filters of a list of articles, in one of these orders. The assignee `me` is `user`."""
    assignee = parameters.text("assignee")
    return ArticleFilter(
        query=parameters.text("q"),
        source=parameters.text("source"),
        published_from=parameters.date("published_from"),
        published_to=parameters.date("published_to"),
        updated_since=parameters.moment("updated_since"),
        stage=parameters.text("stage"),
        editor=parameters.text("editor"),
        assignee=user.username if assignee == ME else assignee,
        spans=read_span_filter(parameters),
        label=parameters.text("label"),
        aside=parameters.text("aside"),
        aside_by=user.pk,
        ids=parameters.ids("ids"),
        external_ids=parameters.names("external_id"),
        order=parameters.choice("order", orders, "best"),
    )


def read_span_filter(parameters: Parameters) -> SpanFilter:
    """The filters of spans, except for their label."""
    return SpanFilter(
        states=tuple(parameters.choices("state", State.values, ())),
        pipeline=parameters.text("pipeline"),
        score_from=parameters.share("score_from"),
        score_to=parameters.share("score_to"),
        entity=parameters.whole("entity", 0, 2**63 - 1),
        linked=parameters.text("linked"),
    )


def _unwrap(body: Any, slug: str) -> tuple[str, Any]:
    """The slug of the corpus, from the address or the body, and the record or list of records."""
    if isinstance(body, dict) and "articles" in body:
        if unknown := [key for key in body if key not in ("corpus", "articles")]:
            raise Invalid(f"unknown key {unknown[0][:60]!r} next to articles", field=unknown[0][:60])
        named = body.get("corpus", slug)
        if not isinstance(named, str) or fault(named) or (slug and named != slug):
            raise Invalid("corpus must be the slug of one corpus", field="corpus")
        if not isinstance(body["articles"], list):
            raise Invalid("articles must be a list", field="articles")
        slug, body = named, body["articles"]
    return _require_slug(slug), body


def _require_slug(slug: str) -> str:
    if not slug:
        raise Invalid("name the corpus: /api/v1/articles/?corpus=SLUG", field="corpus")
    return slug
