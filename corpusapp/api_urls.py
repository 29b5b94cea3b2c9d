"""All URLs of the REST API, below /api/."""

from django.urls import path, re_path

from annotations.entities.api import reconcile
from annotations.entities.api.import_list import EntityImport
from annotations.exports.api.exports import CorpusExports, ExportCancel, ExportDetail, ExportFile, ExportLosses
from annotations.exports.api.streams import CorpusExport, ExportReport, StreamLosses, StreamReport
from annotations.feed.api import webhooks
from annotations.feed.api.changes import ChangeFeed
from annotations.releases.api import files, releases
from annotations.review.api import (
    articles,
    comments,
    concordance,
    decisions,
    labels,
    saved_filters,
    set_aside,
    span_list,
    spans,
    work,
)
from annotations.suggestions.api import models, progress
from annotations.suggestions.api.evidence import ArticleEvidence
from annotations.suggestions.api.possible_spans import ArticlePossible
from annotations.suggestions.api.runs import BatchCancel, BatchDetail, CorpusSuggest, RunCancel, RunCarryOut, RunDetail
from annotations.suggestions.api.suggester import PropagationOfCorpus, SuggesterOfCorpus
from corpusapp.accounts.api import account, notices, tokens, users
from corpusapp.articles.api.corpora import CorpusList, CorpusMember, CorpusMembers
from corpusapp.articles.api.erasing import (
    EraseArticle,
    EraseCorpus,
    RestoreArticle,
    RestoreCorpus,
    WithdrawArticle,
    WithdrawCorpus,
    WithdrawnArticles,
)
from corpusapp.articles.api.imports import BatchProblems, CorpusBatches, CorpusSources, ProblemRetry
from corpusapp.articles.api.invitations import CorpusInvitation, CorpusInvitations
from corpusapp.articles.api.originals import (
    ArticleCopies,
    ArticleOriginal,
    ArticleReading,
    CopyGroupDetail,
    CorpusCopies,
)
from corpusapp.articles.api.zones import ArticleZones, ZoneDetail
from corpusapp.core.api.client import ClientPage, ClientWheel
from corpusapp.core.api.views import DocsView, ProblemView, SchemaView, UnknownAddress
from corpusapp.dashboard.api import CorpusDashboard

urlpatterns = [
    path("docs/", DocsView.as_view(), name="api-docs"),
    path("client/", ClientPage.as_view(), name="api-client"),
    path("client/<str:name>", ClientWheel.as_view(), name="api-client-wheel"),
    path("v1/schema/", SchemaView.as_view(), name="api-schema"),
    path("problems/<slug:name>/", ProblemView.as_view(), name="api-problem"),
    *(
        path(f"reconcile/<slug:slug>/{key}{route}", view.as_view())
        for key in ("", "key/<str:key>/")
        for route, view in (
            ("", reconcile.ReconciliationService),
            ("suggest/entity/", reconcile.SuggestEntity),
            ("suggest/type/", reconcile.SuggestType),
            ("suggest/property/", reconcile.SuggestProperty),
            ("properties/", reconcile.ReconciliationProperties),
            ("preview/", reconcile.ReconciliationPreview),
        )
    ),
    path("v1/account/", account.Account.as_view()),
    path("v1/account/keys/", account.AccountKeys.as_view()),
    path("v1/account/password/", account.AccountPassword.as_view()),
    path("v1/account/email/", account.AccountEmail.as_view()),
    path("v1/account/notices/", notices.AccountNotices.as_view()),
    path("v1/account/notices/read/", notices.AccountNoticesRead.as_view()),
    path("v1/account/set-aside/", set_aside.AccountSetAside.as_view()),
    path("v1/account/tokens/", tokens.AccountTokens.as_view()),
    path("v1/account/tokens/<int:pk>/", tokens.AccountToken.as_view()),
    path("v1/users/", users.UserList.as_view()),
    path("v1/users/<str:username>/", users.UserDetail.as_view()),
    path("v1/users/<str:username>/tokens/", users.UserTokens.as_view()),
    path("v1/users/<str:username>/tokens/<int:pk>/", users.UserToken.as_view()),
    path("v1/corpora/", CorpusList.as_view()),
    path("v1/corpora/<slug:slug>/", articles.CorpusDetail.as_view()),
    path("v1/corpora/<slug:slug>/members/", CorpusMembers.as_view()),
    path("v1/corpora/<slug:slug>/members/<str:username>/", CorpusMember.as_view()),
    path("v1/corpora/<slug:slug>/invitations/", CorpusInvitations.as_view()),
    path("v1/corpora/<slug:slug>/invitations/<int:pk>/", CorpusInvitation.as_view()),
    path("v1/corpora/<slug:slug>/dashboard/", CorpusDashboard.as_view()),
    path("v1/corpora/<slug:slug>/sources/", CorpusSources.as_view()),
    path("v1/corpora/<slug:slug>/batches/", CorpusBatches.as_view()),
    path("v1/corpora/<slug:slug>/copies/", CorpusCopies.as_view()),
    path("v1/corpora/<slug:slug>/withdrawn/", WithdrawnArticles.as_view()),
    path("v1/corpora/<slug:slug>/next/", work.NextArticle.as_view()),
    path("v1/corpora/<slug:slug>/assign/", work.AssignArticles.as_view()),
    path("v1/corpora/<slug:slug>/filters/", saved_filters.SavedFilters.as_view()),
    path("v1/corpora/<slug:slug>/filters/<int:pk>/", saved_filters.SavedFilterDetail.as_view()),
    path("v1/corpora/<slug:slug>/labels/", labels.CorpusLabels.as_view()),
    path("v1/corpora/<slug:slug>/concordance/", concordance.CorpusConcordance.as_view()),
    path("v1/corpora/<slug:slug>/decisions/", concordance.CorpusDecisions.as_view()),
    path("v1/corpora/<slug:slug>/finish/", decisions.FinishMany.as_view()),
    path("v1/corpora/<slug:slug>/reopen/", decisions.ReopenMany.as_view()),
    path("v1/corpora/<slug:slug>/comments/", comments.CorpusComments.as_view()),
    path("v1/corpora/<slug:slug>/export/", CorpusExport.as_view()),
    path("v1/corpora/<slug:slug>/export/report/", ExportReport.as_view()),
    path("v1/corpora/<slug:slug>/exports/", CorpusExports.as_view()),
    path("v1/corpora/<slug:slug>/exports/<int:pk>/", ExportDetail.as_view()),
    path("v1/corpora/<slug:slug>/exports/<int:pk>/cancel/", ExportCancel.as_view()),
    path("v1/corpora/<slug:slug>/exports/<int:pk>/file/", ExportFile.as_view()),
    path("v1/corpora/<slug:slug>/exports/<int:pk>/losses/", ExportLosses.as_view()),
    path("v1/corpora/<slug:slug>/export/reports/<slug:name>/", StreamReport.as_view()),
    path("v1/corpora/<slug:slug>/export/reports/<slug:name>/losses/", StreamLosses.as_view()),
    path("v1/corpora/<slug:slug>/releases/", releases.CorpusReleases.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/", releases.ReleaseDetail.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/cancel/", releases.ReleaseCancel.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/file/", files.ReleaseFile.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/manifest/", files.ReleaseManifest.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/check/", releases.ReleaseCheck.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/export/", files.ReleaseExport.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/export/report/", files.ReleaseExportReport.as_view()),
    path("v1/corpora/<slug:slug>/releases/<int:number>/exports/", files.ReleaseExports.as_view()),
    path(
        "v1/corpora/<slug:slug>/releases/<int:number>/export/reports/<slug:name>/", files.ReleaseStreamReport.as_view()
    ),
    path(
        "v1/corpora/<slug:slug>/releases/<int:number>/export/reports/<slug:name>/losses/",
        files.ReleaseStreamLosses.as_view(),
    ),
    path("v1/corpora/<slug:slug>/releases/<int:number>/compare/<int:other>/", releases.ReleaseComparison.as_view()),
    path(
        "v1/corpora/<slug:slug>/releases/<int:number>/compare/<int:other>/lines/",
        releases.ReleaseDifferences.as_view(),
    ),
    path("v1/corpora/<slug:slug>/entities/import/", EntityImport.as_view()),
    path("v1/corpora/<slug:slug>/suggest/", CorpusSuggest.as_view()),
    path("v1/corpora/<slug:slug>/suggester/", SuggesterOfCorpus.as_view()),
    path("v1/corpora/<slug:slug>/propagation/", PropagationOfCorpus.as_view()),
    path("v1/corpora/<slug:slug>/runs/", progress.CorpusRuns.as_view()),
    path("v1/corpora/<slug:slug>/learning/", progress.CorpusLearning.as_view()),
    path("v1/corpora/<slug:slug>/models/", models.CorpusModels.as_view()),
    path("v1/corpora/<slug:slug>/models/<int:pk>/", models.ModelDetail.as_view()),
    path("v1/corpora/<slug:slug>/models/<int:pk>/cancel/", models.ModelCancel.as_view()),
    path("v1/corpora/<slug:slug>/models/<int:pk>/promote/", models.ModelPromote.as_view()),
    path("v1/corpora/<slug:slug>/models/<int:pk>/rollback/", models.ModelRollback.as_view()),
    path("v1/corpora/<slug:slug>/models/<int:pk>/package/", models.ModelPackage.as_view(), name="model-package"),
    path("v1/corpora/<slug:slug>/withdraw/", WithdrawCorpus.as_view()),
    path("v1/corpora/<slug:slug>/restore/", RestoreCorpus.as_view()),
    path("v1/corpora/<slug:slug>/erase/", EraseCorpus.as_view()),
    path("v1/changes/", ChangeFeed.as_view()),
    path("v1/corpora/<slug:slug>/webhooks/", webhooks.CorpusWebhooks.as_view()),
    path("v1/corpora/<slug:slug>/webhooks/<int:pk>/", webhooks.WebhookDetail.as_view()),
    path("v1/corpora/<slug:slug>/webhooks/<int:pk>/test/", webhooks.WebhookTest.as_view()),
    path("v1/corpora/<slug:slug>/webhooks/<int:pk>/deliveries/", webhooks.WebhookDeliveries.as_view()),
    path("v1/labels/", labels.LabelList.as_view()),
    path("v1/labels/<int:pk>/", labels.LabelDetail.as_view()),
    path("v1/labels/<int:pk>/examples/", labels.LabelExamples.as_view()),
    path("v1/labels/<int:pk>/rename/", labels.LabelRename.as_view()),
    path("v1/labels/<int:pk>/hide/", labels.LabelHide.as_view()),
    path("v1/labels/<int:pk>/show/", labels.LabelShow.as_view()),
    path("v1/labels/<int:pk>/merge/", labels.LabelMerge.as_view()),
    path("v1/articles/", articles.ArticleList.as_view()),
    path("v1/articles/<int:pk>/", articles.ArticleDetail.as_view()),
    path("v1/articles/<int:pk>/spans/", spans.ArticleSpans.as_view()),
    path("v1/articles/<int:pk>/possible/", ArticlePossible.as_view()),
    path("v1/articles/<int:pk>/evidence/", ArticleEvidence.as_view()),
    path("v1/articles/<int:pk>/decisions/", decisions.ArticleDecisions.as_view()),
    path("v1/articles/<int:pk>/alike/", decisions.ApplyAlike.as_view()),
    path("v1/articles/<int:pk>/alike/preview/", decisions.PreviewAlike.as_view()),
    path("v1/articles/<int:pk>/confirm/", decisions.ConfirmShown.as_view()),
    path("v1/articles/<int:pk>/finish/", decisions.FinishArticle.as_view()),
    path("v1/articles/<int:pk>/reopen/", decisions.ReopenArticle.as_view()),
    path("v1/articles/<int:pk>/presence/", work.ArticlePresence.as_view()),
    path("v1/articles/<int:pk>/set-aside/", set_aside.ArticleSetAside.as_view()),
    path("v1/articles/<int:pk>/set-aside/<str:kind>/", set_aside.ArticleSetAsideKind.as_view()),
    path("v1/articles/<int:pk>/comments/", comments.ArticleComments.as_view()),
    path("v1/articles/<int:pk>/zones/", ArticleZones.as_view()),
    path("v1/articles/<int:pk>/original/", ArticleOriginal.as_view()),
    path("v1/articles/<int:pk>/reading/", ArticleReading.as_view()),
    path("v1/articles/<int:pk>/withdraw/", WithdrawArticle.as_view()),
    path("v1/articles/<int:pk>/restore/", RestoreArticle.as_view()),
    path("v1/articles/<int:pk>/erase/", EraseArticle.as_view()),
    path("v1/articles/<int:pk>/copies/", ArticleCopies.as_view()),
    path("v1/copies/<int:pk>/", CopyGroupDetail.as_view()),
    path("v1/zones/<int:pk>/", ZoneDetail.as_view()),
    path("v1/spans/", span_list.SpanList.as_view()),
    path("v1/spans/<int:pk>/", spans.SpanDetail.as_view()),
    path("v1/spans/<int:pk>/history/", spans.SpanHistory.as_view()),
    path("v1/comments/<int:pk>/resolve/", comments.ResolveComment.as_view()),
    path("v1/comments/<int:pk>/reopen/", comments.ReopenComment.as_view()),
    path("v1/decisions/<int:pk>/undo/", decisions.UndoDecision.as_view()),
    path("v1/batches/<int:pk>/", BatchDetail.as_view()),
    path("v1/batches/<int:pk>/cancel/", BatchCancel.as_view()),
    path("v1/batches/<int:pk>/problems/", BatchProblems.as_view()),
    path("v1/problems/<int:pk>/retry/", ProblemRetry.as_view()),
    path("v1/runs/<int:pk>/", RunDetail.as_view()),
    path("v1/runs/<int:pk>/cancel/", RunCancel.as_view()),
    path("v1/runs/<int:pk>/articles/", progress.RunArticles.as_view()),
    path("v1/runs/<int:pk>/carry-out/", RunCarryOut.as_view()),
    re_path("", UnknownAddress.as_view()),
]
