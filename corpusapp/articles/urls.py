"""URLs of new corpora, settings, imports, originals, near copies, and of withdrawing a corpus."""

from django.urls import path

from corpusapp.articles.views import imports, originals, settings

_BATCH = "corpora/<slug:slug>/imports/<int:batch>/"
_ARTICLE = "corpora/<slug:slug>/articles/<int:pk>/"

urlpatterns = [
    path("corpora/new/", settings.new_corpus, name="corpus-new"),
    path("corpora/<slug:slug>/settings/", settings.general, name="corpus-settings"),
    path("corpora/<slug:slug>/settings/guidelines/", settings.guidelines, name="settings-guidelines"),
    path("corpora/<slug:slug>/import/", imports.import_files, name="import"),
    path("corpora/<slug:slug>/withdraw/", imports.withdraw, name="corpus-withdraw"),
    path("corpora/<slug:slug>/restore/", imports.restore, name="corpus-restore"),
    path(f"{_BATCH}cancel/", imports.cancel, name="import-cancel"),
    path(f"{_BATCH}retry/", imports.retry_all, name="import-retry-all"),
    path(f"{_BATCH}problems/<int:problem>/retry/", imports.retry_one, name="import-retry"),
    path(f"{_ARTICLE}original/", originals.download, name="original"),
    path(f"{_ARTICLE}reading/", originals.reading, name="reading"),
    path(f"{_ARTICLE}copies/", originals.copies, name="copies"),
    path(f"{_ARTICLE}copies/count/", originals.count_once, name="copies-count"),
    path(f"{_ARTICLE}copies/leave/", originals.leave, name="copies-leave"),
]
