"""A client that asks more often than the desk allows."""

import time

import pytest

from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.api.access import SECONDS
from corpusapp.client import Desk, TooManyRequests
from tests import factories

pytestmark = pytest.mark.django_db(transaction=True)
ALLOWED = 3


@pytest.fixture
def limited(live_server, settings):
    """A function that makes a client of a desk that allows three requests a minute."""
    settings.REQUESTS_PER_MINUTE = ALLOWED
    token = create_token(user=factories.make_superuser())[1]
    return lambda patience: Desk(live_server.url, token, patience=patience)


def test_no_patience_raises_what_the_desk_says(limited):
    with limited(0.5) as desk:
        for _ in range(ALLOWED):
            assert list(desk.corpora()) == []
        began = time.monotonic()
        with pytest.raises(TooManyRequests) as refused:
            list(desk.corpora())
    assert refused.value.status == 429 and refused.value.type == "too-often"
    assert 0 < refused.value.retry_after <= SECONDS and "RateLimit-Limit" in refused.value.detail
    # It knew that its patience would not last, and did not wait in vain.
    assert time.monotonic() - began < SECONDS


@pytest.mark.slow
def test_patience_waits_as_long_as_the_desk_says(limited):
    with limited(2 * SECONDS) as desk:
        began = time.monotonic()
        for number in range(ALLOWED + 1):
            desk.post("corpora/", {"slug": f"corpus-{number}"})
        assert time.monotonic() - began > 1
        assert sorted(corpus.slug for corpus in desk.corpora()) == [f"corpus-{number}" for number in range(ALLOWED + 1)]
