"""Every address of the site, app by app."""

from django.contrib import admin
from django.urls import include, path

handler400 = "corpusapp.pages.errors.bad_request"
handler403 = "corpusapp.pages.errors.forbidden"
handler404 = "corpusapp.pages.errors.not_found"
handler500 = "corpusapp.pages.errors.server_error"

admin.autodiscover()

urlpatterns = [
    path("admin/", admin.site.urls),
    path("api/", include("corpusapp.api_urls")),
    path("", include("corpusapp.pages.urls")),
    path("", include("corpusapp.accounts.urls")),
    path("", include("corpusapp.articles.urls")),
    path("", include("annotations.review.urls")),
    path("", include("annotations.suggestions.urls")),
    path("", include("annotations.exports.urls")),
]
