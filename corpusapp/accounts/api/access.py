"""REST clients sign in by a token in the `Authorization` header, and may send so many requests a minute."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed, Throttled
from rest_framework.throttling import BaseThrottle

from corpusapp.accounts.actions.rates import Rate, count
from corpusapp.accounts.actions.tokens import PREFIX, use_token
from corpusapp.accounts.addresses import address_of
from corpusapp.accounts.models import Token, User
from corpusapp.accounts.requests import ApiRequest, UserRequest
from corpusapp.core.api.problem_details import CONTENT_TYPE, exception_handler

SECONDS = 60


class RequestRate(BaseThrottle):
    """Counts by token, in the browser by user, and by address where nobody signed in."""

    rate: Rate | None = None

    def allow_request(self, request: ApiRequest, view: Any) -> bool:
        key, limit = _who(request)
        if not limit:
            request._request.rate = None
            return True
        self.rate = request._request.rate = count(key=key, limit=limit, seconds=SECONDS)
        return not self.rate.exceeded

    def wait(self) -> float | None:
        return self.rate.seconds if self.rate else None


def _who(request: ApiRequest) -> tuple[str, int]:
    if request.auth is not None:
        return f"token {request.auth.pk}", settings.REQUESTS_PER_MINUTE
    if request.user.is_authenticated:
        return f"user {request.user.pk}", settings.REQUESTS_PER_MINUTE
    return _nobody(request._request), settings.ANONYMOUS_REQUESTS_PER_MINUTE


def _nobody(request: UserRequest) -> str:
    return f"address {address_of(request)}"


class RateHeaders:
    """Writes `RateLimit-Limit`, `RateLimit-Remaining` and `RateLimit-Reset` (seconds) on answers that were counted.

    A REST request that was refused before it was counted (no token, or one that opens nothing) is counted here, by its
    address: who guesses tokens is answered 429 like everybody else.
    """

    def __init__(self, get_response: Callable[[UserRequest], HttpResponse]) -> None:
        self._get_response = get_response

    def __call__(self, request: UserRequest) -> HttpResponse:
        response = self._get_response(request)
        if request.path_info.startswith("/api/") and 400 <= response.status_code < 500:
            response = self._counted(request, response)
        rate = getattr(request, "rate", None)
        if rate is not None:
            response["RateLimit-Limit"] = str(rate.limit)
            response["RateLimit-Remaining"] = str(rate.left)
            response["RateLimit-Reset"] = str(rate.seconds)
        return response

    def _counted(self, request: UserRequest, response: HttpResponse) -> HttpResponse:
        limit = settings.ANONYMOUS_REQUESTS_PER_MINUTE
        if not limit or hasattr(request, "rate"):
            return response
        request.rate = count(key=_nobody(request), limit=limit, seconds=SECONDS)
        return _too_often(request.rate) if request.rate.exceeded else response


def _too_often(rate: Rate) -> HttpResponse:
    answer = exception_handler(Throttled(rate.seconds), {})
    headers = {"Retry-After": str(rate.seconds)}
    return JsonResponse(answer.data, status=answer.status_code, headers=headers, content_type=CONTENT_TYPE)


KEYWORDS = (b"bearer", b"token")
_LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cap_…`; `Token cap_…` does the same."""

    def authenticate(self, request: ApiRequest) -> tuple[User, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in KEYWORDS:
            return None
        if len(words) != 2 or len(words[1]) > _LONGEST:
            raise AuthenticationFailed(f"send one token: Authorization: Bearer {PREFIX}…")
        token = use_token(key=words[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed("invalid token: it is unknown, expired or revoked, or its user is inactive")
        token.user.token = token
        return token.user, token

    def authenticate_header(self, request: ApiRequest) -> str:
        return 'Bearer realm="corpusapp"'
