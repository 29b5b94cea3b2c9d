"""Addresses of imports."""

from django.urls import path

from corpusapp.articles import views

urlpatterns = [
    path("corpora/<slug:slug>/import/", views.import_files, name="import"),
]
