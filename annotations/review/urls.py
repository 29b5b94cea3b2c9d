"""URLs of articles, spans, comments, labels, and what is set aside."""

from django.urls import path

from annotations.review.views import (
    articles,
    comments,
    concordance,
    decisions,
    label_settings,
    matches,
    page,
    set_aside,
    work,
)

_ARTICLE = "corpora/<slug:slug>/articles/<int:pk>/"
_LABELS = "corpora/<slug:slug>/settings/labels/"

urlpatterns = [
    path("corpora/<slug:slug>/articles/", articles.article_list, name="article-list"),
    path("corpora/<slug:slug>/articles/finish/", articles.finish_selected, name="articles-finish"),
    path("corpora/<slug:slug>/articles/undo/", articles.undo_finish, name="articles-undo"),
    path("corpora/<slug:slug>/articles/reopen/", articles.reopen_selected, name="articles-reopen"),
    path("corpora/<slug:slug>/articles/assign/", articles.assign_selected, name="articles-assign"),
    path("corpora/<slug:slug>/articles/assign/undo/", articles.undo_assign, name="articles-assign-undo"),
    path("corpora/<slug:slug>/filters/save/", articles.save_list_filter, name="filter-save"),
    path("corpora/<slug:slug>/filters/<int:pk>/delete/", articles.delete_list_filter, name="filter-delete"),
    path("corpora/<slug:slug>/next/", work.next_article, name="article-next"),
    path("corpora/<slug:slug>/guidelines/", work.guidelines, name="guidelines"),
    path("corpora/<slug:slug>/concordance/", concordance.mentions, name="concordance"),
    path("corpora/<slug:slug>/concordance/preview/", concordance.preview, name="concordance-preview"),
    path("corpora/<slug:slug>/concordance/decide/", concordance.decide, name="concordance-decide"),
    path("corpora/<slug:slug>/concordance/undo/", concordance.undo, name="concordance-undo"),
    path("corpora/<slug:slug>/labels/<str:name>/", work.label, name="label"),
    path(_LABELS, label_settings.labels, name="settings-labels"),
    path(f"{_LABELS}<int:pk>/", label_settings.label, name="settings-label"),
    path(f"{_LABELS}<int:pk>/move/", label_settings.move, name="settings-label-move"),
    path(f"{_LABELS}<int:pk>/undo/", label_settings.undo, name="settings-label-undo"),
    *(
        path(f"{_LABELS}<int:pk>/{verb}/", label_settings.change, {"verb": verb}, name=f"settings-label-{verb}")
        for verb in (label_settings.RENAME, label_settings.MERGE, label_settings.HIDE)
    ),
    path("corpora/<slug:slug>/comments/", comments.comments, name="comments"),
    path("corpora/<slug:slug>/comments/<int:comment>/<slug:verb>/", comments.set_resolved, name="comment-turn"),
    path(f"{_ARTICLE}comments/add/", comments.add, name="comment-add"),
    path(_ARTICLE, page.article, name="article"),
    path(f"{_ARTICLE}pulse/", page.heartbeat, name="article-pulse"),
    path(f"{_ARTICLE}decide/", decisions.decide, name="article-decide"),
    path(f"{_ARTICLE}alike/", matches.matches, name="article-alike"),
    path(f"{_ARTICLE}confirm-shown/", decisions.confirm_all, name="article-confirm-shown"),
    path(f"{_ARTICLE}finish/", decisions.finish, name="article-finish"),
    path(f"{_ARTICLE}reopen/", decisions.reopen, name="article-reopen"),
    path(f"{_ARTICLE}undo/", decisions.undo, name="article-undo"),
    path("set-aside/", set_aside.set_aside_list, name="set-aside-list"),
    path(f"{_ARTICLE}set-aside/", set_aside.set_aside, name="article-set-aside"),
    path(f"{_ARTICLE}take-back/", set_aside.take_back, name="article-take-back"),
    path(f"{_ARTICLE}spans/add/", decisions.add, name="span-add"),
    path(f"{_ARTICLE}spans/<int:span>/history/", comments.span_history, name="span-history"),
    path(f"{_ARTICLE}zones/add/", decisions.mark_zone, name="zone-add"),
    path(f"{_ARTICLE}zones/<int:zone>/remove/", decisions.unmark_zone, name="zone-remove"),
]
