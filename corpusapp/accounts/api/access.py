"""Authentication of REST clients by a token in the `Authorization` header, and the rate limits of requests."""

from collections.abc import Callable
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from corpusapp.accounts.actions.rates import Rate, count
from corpusapp.accounts.actions.tokens import PREFIX, digest_of, use_token
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.requests import address_of
from corpusapp.core.api.problem_details import problem_response

SECONDS = 60
KEYWORDS = (b"bearer", b"token")
_LONGEST_KEY = 200
# The counters of the requests that were counted; None if there is no limit.
_rates: "WeakKeyDictionary[HttpRequest, Rate | None]" = WeakKeyDictionary()


class RequestRate(BaseThrottle):
    """Counts requests by token, by user in a session, and by address without either."""

    rate: Rate | None = None

    def allow_request(self, request: Request, view: Any) -> bool:
        if request.auth is None:
            key, limit = _key_and_limit(request)
            _rates[request._request] = count(key=key, limit=limit, seconds=SECONDS) if limit else None
        # A request with a token was counted when the token was read.
        self.rate = _rates[request._request]
        return self.rate is None or not self.rate.exceeded

    def wait(self) -> float | None:
        return self.rate.seconds if self.rate else None


def _key_and_limit(request: Request) -> tuple[str, int]:
    if request.user.is_authenticated:
        return f"user {request.user.pk}", settings.REQUESTS_PER_MINUTE
    return _address_key(request._request), settings.ANONYMOUS_REQUESTS_PER_MINUTE


def _address_key(request: HttpRequest) -> str:
    return f"address {address_of(request)}"


class RateHeaders:
    """Sets `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) on responses to counted requests.

    A REST request that was refused before it was counted, for want of a valid token, is counted here by its address, so
    that clients that guess tokens get 429 too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith("/api/") and 400 <= response.status_code < 500:
            response = self._counted(request, response)
        rate = _rates.get(request)
        if rate is not None:
            response["RateLimit-Limit"] = str(rate.limit)
            response["RateLimit-Remaining"] = str(rate.left)
            response["RateLimit-Reset"] = str(rate.seconds)
        return response

    def _counted(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        limit = settings.ANONYMOUS_REQUESTS_PER_MINUTE
        if not limit or request in _rates:
            return response
        rate = _rates[request] = count(key=_address_key(request), limit=limit, seconds=SECONDS)
        return problem_response(Throttled(rate.seconds), request) if rate.exceeded else response


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cap_…`, or `Token cap_…`."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in KEYWORDS:
            return None
        if len(words) != 2 or len(words[1]) > _LONGEST_KEY:
            raise AuthenticationFailed(f"send one token: Authorization: Bearer {PREFIX}…")
        return self.use(request, digest_of(words[1].decode("latin-1")))

    @staticmethod
    def use(request: Request, digest: bytes) -> tuple[User, Token]:
        """The user and the token whose key has this digest; counts the request. Raises AuthenticationFailed."""
        used = use_token(digest=digest, limit=settings.REQUESTS_PER_MINUTE, seconds=SECONDS)
        if used is None:
            raise AuthenticationFailed(
                "unknown, expired or revoked token, or an inactive user: send Authorization: Bearer with another"
            )
        token, _rates[request._request] = used
        token.user.token, token.user.roles = token, {}
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="corpusapp"'
