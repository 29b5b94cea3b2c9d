"""The desk's settings, with a bare view of every address of the API beside the real one.

The database is durable, as `make run` has it, although the tests' helpers that make the home ask for a hasty one.
"""

from corpusapp.settings import *  # noqa: F403
from corpusapp.settings import DATABASES, MIDDLEWARE

MIDDLEWARE = [
    "tests.benchmarks.over_http.bare.Bare",
    *MIDDLEWARE,
    "tests.benchmarks.over_http.bare.BareBehindMiddleware",
]
DATABASES["default"].get("EMBEDDED", {})["HASTY"] = False
