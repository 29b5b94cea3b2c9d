"""All URLs of the site, by app."""

from django.contrib import admin
from django.urls import include, path

handler400 = "corpusapp.core.pages.errors.bad_request"
handler403 = "corpusapp.core.pages.errors.forbidden"
handler404 = "corpusapp.core.pages.errors.not_found"
handler500 = "corpusapp.core.pages.errors.server_error"

admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("corpusapp.api_urls")),
    # Before the page of a corpus, whose address `corpora/new/` would be.
    path("", include("corpusapp.articles.urls")),
    path("", include("corpusapp.dashboard.urls")),
    path("", include("corpusapp.accounts.urls")),
    path("", include("annotations.review.urls")),
    path("", include("annotations.entities.urls")),
    path("", include("annotations.suggestions.urls")),
    path("", include("annotations.exports.urls")),
]
