"""Where followers wait, and the tickets that take one request there without its token."""

from urllib.parse import parse_qsl, quote, urlsplit

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner
from django.http import HttpRequest
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from corpusapp.accounts.api.access import TokenAuthentication
from corpusapp.accounts.models import Token, User
from corpusapp.core import waiting_process

PATH = "/api/v1/changes/wait/"
# From the redirect until it is followed; and, when permissions are checked again, until the response.
_SECONDS, _SECONDS_AGAIN = 60, 120
# In the environment of a request that has waited.
AGAIN = "corpusapp.has_waited"


def waiting_address(request: HttpRequest | Request) -> str:
    """The URL, without a query, at which a client of this request can wait; "" if there is none."""
    process = waiting_process.find(settings.HOME)
    if process is None:
        return ""
    if settings.FEED_WAIT_URL:
        return settings.FEED_WAIT_URL + PATH
    # A proxy that ends https passes on to the web server alone.
    if settings.SECURE_PROXY_SSL_HEADER:
        return ""
    host = urlsplit(f"//{request.get_host()}").hostname or ""
    return f"{request.scheme}://{f'[{host}]' if ':' in host else host}:{process.port}{PATH}"


def with_ticket(url: str, token: Token) -> str:
    """The URL with a ticket: for a minute, it allows this request what the token allows."""
    return f"{url}&ticket={quote(_signer(urlsplit(url).query).sign(str(token.pk)), safe='')}"


class TicketAuthentication(TokenAuthentication):
    """The ticket of a redirect. Without one, the `Authorization` header is read."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        ticket = request.query_params.get("ticket")
        if ticket is None:
            return None
        try:
            seconds = _SECONDS_AGAIN if AGAIN in request.META else _SECONDS
            pk = _signer(request.META["QUERY_STRING"]).unsign(ticket, max_age=seconds)
        except BadSignature:
            raise AuthenticationFailed(
                "invalid ticket: it has expired, or was issued for another request; ask /api/v1/changes/ again, with "
                "your token"
            ) from None
        digest = Token.objects.filter(pk=pk).values_list("digest", flat=True).first()
        return self.use(request, bytes(digest or b""))


def _signer(query: str) -> TimestampSigner:
    """The signer of the tickets for a request with this query, whatever way it is encoded."""
    parameters = sorted(pair for pair in parse_qsl(query, keep_blank_values=True) if pair[0] != "ticket")
    return TimestampSigner(salt=f"feed ticket {parameters}")
