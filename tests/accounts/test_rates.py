"""Rate limits of requests and of wrong passwords."""

import pytest
from django.test import Client

from corpusapp.accounts.models import RateCount
from tests import factories
from tests.api.client import Rest, refusal

pytestmark = pytest.mark.django_db


def test_responses_have_the_remaining_requests(settings):
    settings.REQUESTS_PER_MINUTE = 3
    rest = Rest(factories.make_user("zohreh"))
    left = [rest.get("corpora/")["RateLimit-Remaining"] for _ in range(3)]
    assert left == ["2", "1", "0"]
    answer = rest.get("corpora/")
    refusal(answer, 429)
    assert answer["RateLimit-Limit"] == "3" and answer["RateLimit-Remaining"] == "0"
    assert 1 <= int(answer["Retry-After"]) <= 60 and 1 <= int(answer["RateLimit-Reset"]) <= 60


def test_each_token_has_its_own_counter_which_restarts_after_a_minute(settings):
    settings.REQUESTS_PER_MINUTE = 1
    user = factories.make_user("zohreh")
    first, second = Rest(user), Rest(user)
    assert [one.get("corpora/").status_code for one in (first, second, first)] == [200, 200, 429]
    RateCount.objects.update(ends_at="2018-09-03T00:00:00Z")
    assert first.get("corpora/").status_code == 200


def test_anonymous_requests_are_counted_by_address(settings):
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 1
    assert Client().get("/api/problems/invalid/").status_code == 200
    assert Client().get("/api/problems/invalid/").status_code == 429
    assert Client(REMOTE_ADDR="10.0.0.2").get("/api/problems/invalid/").status_code == 200


def test_refused_requests_are_counted_by_address_too(settings):
    """Each request with an invalid or no token, or to an unknown address, is counted once; valid requests are not."""
    settings.ANONYMOUS_REQUESTS_PER_MINUTE = 4
    asked = [("/api/v1/corpora/", {}), ("/api/v1/corpora/", {"Authorization": "Bearer cap_wrong"}), ("/api/v1/no/", {})]
    answers = [Client().get(path, headers=headers) for path, headers in (*asked, *asked)]
    assert [answer.status_code for answer in answers] == [401, 401, 404, 401, 429, 429]
    assert [answer["RateLimit-Remaining"] for answer in answers] == ["3", "2", "1", "0", "0", "0"]
    refusal(answers[-1], 429)
    assert 1 <= int(answers[-1]["Retry-After"]) <= 60
    assert Client(REMOTE_ADDR="10.0.0.2").get("/api/v1/corpora/").status_code == 401
    zohreh = Rest(factories.make_user("zohreh"))
    assert [zohreh.get(path).status_code for path in ("corpora/", "corpora/none/", "articles/?limit=0")] == [
        200,
        404,
        400,
    ]


def test_without_a_limit_requests_are_not_counted(settings):
    settings.REQUESTS_PER_MINUTE = 0
    rest = Rest(factories.make_user("zohreh"))
    assert "RateLimit-Limit" not in rest.get("corpora/") and rest.get("corpora/none/").status_code == 404
    assert not RateCount.objects.exists()


def _sign_in(password: str, username: str = "zohreh", **meta):
    return Client(**meta).post("/sign-in/", {"username": username, "password": password})


def test_too_many_wrong_passwords_block_the_address():
    factories.make_user("zohreh")
    answers = [_sign_in(f"wrong {n}") for n in range(30)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429] * 20
    assert int(answers[-1]["Retry-After"]) <= 15 * 60
    # The right password is refused from this address, and accepted from another.
    assert _sign_in(factories.PASSWORD).status_code == 429
    assert _sign_in(factories.PASSWORD, REMOTE_ADDR="10.0.0.2").status_code == 302
    RateCount.objects.update(ends_at="2018-09-03T00:00:00Z")
    assert _sign_in(factories.PASSWORD).status_code == 302


def test_a_right_password_resets_the_count():
    factories.make_user("zohreh")
    for _ in range(2):
        assert [_sign_in("wrong").status_code for _ in range(9)] == [200] * 9
        assert _sign_in(factories.PASSWORD).status_code == 302


def test_one_username_from_many_addresses_and_many_from_one(settings):
    settings.SIGN_IN_ATTEMPTS = 2
    for n in range(10):
        assert _sign_in("wrong", REMOTE_ADDR=f"10.0.0.{n}").status_code == 200
    assert _sign_in("wrong", REMOTE_ADDR="10.0.1.1").status_code == 429
    for n in range(10):
        assert _sign_in("wrong", f"name {n}", REMOTE_ADDR="10.0.2.1").status_code == 200
    assert _sign_in("wrong", "another", REMOTE_ADDR="10.0.2.1").status_code == 429
