"""REST clients sign in by a token in the `Authorization` header."""

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from corpusapp.accounts.actions.tokens import PREFIX, use_token
from corpusapp.accounts.models import Token, User

KEYWORDS = (b"bearer", b"token")
_LONGEST = 200


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Bearer cap_…`; `Token cap_…` does the same."""

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        words = get_authorization_header(request).split()
        if not words or words[0].lower() not in KEYWORDS:
            return None
        if len(words) != 2 or len(words[1]) > _LONGEST:
            raise AuthenticationFailed(f"send one token: Authorization: Bearer {PREFIX}…")
        token = use_token(key=words[1].decode("latin-1"))
        if token is None:
            raise AuthenticationFailed(
                "this token opens nothing: it is unknown, expired or revoked, or its user is inactive"
            )
        token.user.token = token
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="corpusapp"'
