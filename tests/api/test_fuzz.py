"""What the schema allows and what it forbids, sent at random: no answer that the schema does not tell of, none of 5xx.

Few examples of each operation, the same in every run. `FUZZ_EXAMPLES=300` is a deep run, with others each time;
`FUZZ_ONLY=spans_` takes the operations whose names begin so.
"""

import os
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections

from corpusapp.accounts.actions.tokens import create_token
from tests import factories
from tests.api.test_matrix import ids

__all__ = ["ids"]

pytestmark = pytest.mark.slow
ONLY = os.environ.get("FUZZ_ONLY", "")


@pytest.fixture
def one_connection(ids: dict[str, Any]):
    """Requests share the transaction of their test, as those of Django's own client do, which the cast used before."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.mark.usefixtures("one_connection")
def test_no_answer_that_the_schema_does_not_tell_of(ids, settings: Any):
    # Schemathesis takes a second to import: every process that collects this file would wait for it.
    from tests.api import fuzzing

    if fuzzing.EXAMPLES:
        settings.REQUESTS_PER_MINUTE = 0
    headers = {"Authorization": f"Bearer {create_token(user=factories.make_superuser())[1]}"}
    wrong = []
    for result in fuzzing.schema().get_all_operations():
        operation = result.ok()
        if operation.definition.raw["operationId"].startswith(ONLY):
            wrong += fuzzing.tried(operation, ids, headers)
    assert not wrong, "\n\n".join(wrong)
