"""Lists the static files once a process.

Each client of a test builds the middleware anew, and WhiteNoise then asks the file system about two hundred files:
half of the time of a request.
"""

from typing import Any

import pytest
from django.conf import settings
from whitenoise.middleware import WhiteNoiseMiddleware


def list_once(patch: pytest.MonkeyPatch) -> None:
    listed: dict[tuple[Any, ...], dict[str, Any]] = {}
    list_files = WhiteNoiseMiddleware.add_files_from_finders

    def add_files_from_finders(middleware: WhiteNoiseMiddleware) -> None:
        key = (middleware.static_prefix, middleware.max_age, *map(str, settings.STATICFILES_DIRS))
        if key not in listed:
            list_files(middleware)
            listed[key] = dict(middleware.files)
        middleware.files.update(listed[key])

    patch.setattr(WhiteNoiseMiddleware, "add_files_from_finders", add_files_from_finders)
