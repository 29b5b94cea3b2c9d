"""The desk's settings, for a worker that knows the jobs of the tests."""

from corpusapp.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = ["tests.desk.tasks"]
