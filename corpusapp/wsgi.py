"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

from corpusapp.intake import language

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
application = get_wsgi_application()
# Load all pages and the model of languages now, so that forked processes share their memory.
get_resolver().url_patterns  # noqa: B018
language.load_model()
