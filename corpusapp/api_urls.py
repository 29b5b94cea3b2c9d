"""Every address of the REST API, below /api/."""

from django.urls import path, re_path

from annotations.exports.api import CorpusExport
from annotations.review.api import articles, decisions, labels, spans
from annotations.suggestions.api import BatchDetail, CorpusSuggest, RunDetail
from corpusapp.api.views import DocsView, NothingHere, ProblemView, SchemaView
from corpusapp.articles.api import ArticleZones, CorpusList, ZoneDetail

urlpatterns = [
    path("docs/", DocsView.as_view(), name="api-docs"),
    path("v1/schema/", SchemaView.as_view(), name="api-schema"),
    path("problems/<slug:name>/", ProblemView.as_view(), name="api-problem"),
    path("v1/corpora/", CorpusList.as_view()),
    path("v1/corpora/<slug:slug>/", articles.CorpusDetail.as_view()),
    path("v1/corpora/<slug:slug>/labels/", labels.CorpusLabels.as_view()),
    path("v1/corpora/<slug:slug>/export/", CorpusExport.as_view()),
    path("v1/corpora/<slug:slug>/suggest/", CorpusSuggest.as_view()),
    path("v1/labels/", labels.LabelList.as_view()),
    path("v1/labels/<int:pk>/", labels.LabelDetail.as_view()),
    path("v1/articles/", articles.ArticleList.as_view()),
    path("v1/articles/<int:pk>/", articles.ArticleDetail.as_view()),
    path("v1/articles/<int:pk>/spans/", spans.ArticleSpans.as_view()),
    path("v1/articles/<int:pk>/decisions/", decisions.ArticleDecisions.as_view()),
    path("v1/articles/<int:pk>/confirm/", decisions.ConfirmShown.as_view()),
    path("v1/articles/<int:pk>/finish/", decisions.FinishArticle.as_view()),
    path("v1/articles/<int:pk>/reopen/", decisions.ReopenArticle.as_view()),
    path("v1/articles/<int:pk>/zones/", ArticleZones.as_view()),
    path("v1/zones/<int:pk>/", ZoneDetail.as_view()),
    path("v1/spans/<int:pk>/", spans.SpanDetail.as_view()),
    path("v1/spans/<int:pk>/history/", spans.SpanHistory.as_view()),
    path("v1/decisions/<int:pk>/undo/", decisions.UndoDecision.as_view()),
    path("v1/batches/<int:pk>/", BatchDetail.as_view()),
    path("v1/runs/<int:pk>/", RunDetail.as_view()),
    re_path("", NothingHere.as_view()),
]
