"""URLs of imports, runs, models and suggestion settings."""

from django.urls import path

from annotations.suggestions.views import pipelines, runs

urlpatterns = [
    path("corpora/<slug:slug>/imports/<int:batch>/", runs.import_batch, name="import-batch"),
    path("corpora/<slug:slug>/suggester/", runs.suggester, name="suggester"),
    path("corpora/<slug:slug>/pipelines/", pipelines.pipelines, name="pipelines"),
    path("corpora/<slug:slug>/pipelines/train/", pipelines.train, name="model-train"),
    path("corpora/<slug:slug>/pipelines/suggest/", runs.suggest_over, name="suggest-over"),
    path("corpora/<slug:slug>/pipelines/<int:pk>/", pipelines.model, name="model"),
    path("corpora/<slug:slug>/pipelines/<int:pk>/cancel/", pipelines.cancel, name="model-cancel"),
    path("corpora/<slug:slug>/pipelines/<int:pk>/promote/", pipelines.promote, name="model-promote"),
    path("corpora/<slug:slug>/pipelines/<int:pk>/rollback/", pipelines.rollback, name="model-rollback"),
    path("corpora/<slug:slug>/runs/<int:run>/", runs.run, name="suggestion-run"),
    path("corpora/<slug:slug>/runs/<int:run>/cancel/", runs.cancel, name="run-cancel"),
    path("corpora/<slug:slug>/runs/<int:run>/carry-out/", runs.carry_out, name="run-carry-out"),
    path("corpora/<slug:slug>/articles/<int:pk>/suggest/", runs.suggest_again, name="suggest-again"),
]
