"""One desk for all tests of the client, and a corpus for each."""

from collections.abc import Iterator

import pytest

from corpusapp.client import Corpus
from tests.client.desk import RunningDesk
from tests.desk.conftest import free_port
from tests.embedded.conftest import new_place


@pytest.fixture(scope="package")
def desk() -> Iterator[RunningDesk]:
    with pytest.MonkeyPatch.context() as patch, new_place() as folder:
        # What was answered must be there after kill -9, which also kills the database.
        patch.setenv("CORPUSAPP_POSTGRES_HASTY", "false")
        # As good as none: after a kill, many requests are repeated.
        patch.setenv("REQUESTS_PER_MINUTE", "1000000")
        running = RunningDesk(folder / "home", free_port())
        yield running
        running.stop()


@pytest.fixture
def corpus(desk: RunningDesk) -> Corpus:
    return desk.new_corpus()
