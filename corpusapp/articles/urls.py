"""URLs of new corpora, settings, members, imports, originals, near copies, and of withdrawing a corpus."""

from django.urls import path

from corpusapp.articles.views import imports, members, originals, settings

_BATCH = "corpora/<slug:slug>/imports/<int:batch>/"
_MEMBERS = "corpora/<slug:slug>/settings/members/"
_ARTICLE = "corpora/<slug:slug>/articles/<int:pk>/"

urlpatterns = [
    path("corpora/new/", settings.new_corpus, name="corpus-new"),
    path("corpora/<slug:slug>/settings/", settings.general, name="corpus-settings"),
    path("corpora/<slug:slug>/settings/guidelines/", settings.guidelines, name="settings-guidelines"),
    path("corpora/<slug:slug>/import/", imports.import_files, name="import"),
    path("corpora/<slug:slug>/withdraw/", imports.withdraw, name="corpus-withdraw"),
    path("corpora/<slug:slug>/restore/", imports.restore, name="corpus-restore"),
    path(_MEMBERS, members.members, name="corpus-members"),
    path(f"{_MEMBERS}invitations/", members.invite, name="corpus-invite"),
    path(f"{_MEMBERS}invitations/<int:pk>/revoke/", members.revoke, name="invitation-revoke"),
    path(f"{_MEMBERS}<str:username>/role/", members.change, name="member-role"),
    path(f"{_MEMBERS}<str:username>/remove/", members.remove, name="member-remove"),
    path("invitations/<str:token>/", members.invitation, name="invitation"),
    path(f"{_BATCH}cancel/", imports.cancel, name="import-cancel"),
    path(f"{_BATCH}retry/", imports.retry_all, name="import-retry-all"),
    path(f"{_BATCH}problems/<int:problem>/retry/", imports.retry_one, name="import-retry"),
    path(f"{_ARTICLE}original/", originals.download, name="original"),
    path(f"{_ARTICLE}reading/", originals.reading, name="reading"),
    path(f"{_ARTICLE}copies/", originals.copies, name="copies"),
    path(f"{_ARTICLE}copies/count/", originals.count_once, name="copies-count"),
    path(f"{_ARTICLE}copies/leave/", originals.leave, name="copies-leave"),
]
