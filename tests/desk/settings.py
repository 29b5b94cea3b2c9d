"""The desk's settings, for a worker that knows the jobs of the tests, and takes a dead one for dead within seconds."""

from corpusapp.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = ["tests.desk.tasks"]
