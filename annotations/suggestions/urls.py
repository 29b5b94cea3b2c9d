"""Addresses of imports with their suggestions, and of runs."""

from django.urls import path

from annotations.suggestions import views

urlpatterns = [
    path("corpora/<slug:slug>/imports/<int:batch>/", views.import_batch, name="import-batch"),
    path("corpora/<slug:slug>/suggester/", views.suggester, name="suggester"),
    path("corpora/<slug:slug>/runs/<int:run>/", views.run, name="suggestion-run"),
    path("corpora/<slug:slug>/articles/<int:pk>/suggest/", views.suggest_again, name="suggest-again"),
]
