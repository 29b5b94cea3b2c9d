"""The settings of a worker that knows the tests' tasks, and notices a dead worker within seconds."""

from corpusapp.settings import *  # noqa: F403

PROCRASTINATE_IMPORT_PATHS = ["tests.desk.tasks"]
