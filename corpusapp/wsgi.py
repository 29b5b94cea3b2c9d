"""The WSGI application."""

import os

from django.core.wsgi import get_wsgi_application
from django.urls import get_resolver

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "corpusapp.settings")
application = get_wsgi_application()
# Now, so that what forks afterwards shares the pages instead of importing them at its first request.
get_resolver().url_patterns  # noqa: B018
