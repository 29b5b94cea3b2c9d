"""The change feed in the process of waiting followers: its view, which leaves out what only the web server does."""

from dataclasses import dataclass

from django.urls import path, re_path
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from annotations.feed.api.changes import ChangeFeed, Following
from annotations.feed.api.tickets import PATH, TicketAuthentication
from annotations.feed.queries import FeedPage, permission_states
from corpusapp.accounts.api.access import TokenAuthentication
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.pagination import link
from corpusapp.core.api.views import UnknownAddress, about_problem


@dataclass(eq=False)
class Follower:
    """A request that waits: the empty page that it would get now, and the state of its permissions."""

    following: Following
    page: FeedPage
    token_id: int
    permissions: str


class FollowerResponse(Response):
    """The response to a request that may wait, if nothing happens."""

    follower: Follower | None = None


def links(url: str) -> str:
    """The header `Link`: the following request waits here, too."""
    return f"{link(url, 'next')}, {link(url, 'wait')}"


class WaitingProblem(APIView):
    """The meaning of a problem, where its `type` says. There are no pages for browsers here."""

    permission_classes = [AllowAny]
    authentication_classes = []

    def get(self, request: Request, name: str) -> Response:
        return Response(about_problem(request, name))


class WaitingFeed(ChangeFeed):
    authentication_classes = [TicketAuthentication, TokenAuthentication]
    parameters = (*ChangeFeed.parameters, "ticket")
    _permissions = ""

    def get(self, request: ApiRequest) -> Response:
        assert request.auth is not None
        # Before they are checked, so that no change after the check is missed.
        self._permissions = permission_states([request.auth.pk]).get(request.auth.pk, "")
        return super().get(request)

    def respond(self, request: ApiRequest, following: Following, page: FeedPage) -> Response:
        response = FollowerResponse(following.body(page), headers={"Link": links(following.url(page.cursor))})
        if following.wait and not page.events and not page.more:
            assert request.auth is not None
            response.follower = Follower(following, page, request.auth.pk, self._permissions)
        return response


urlpatterns = [
    path(PATH.removeprefix("/"), WaitingFeed.as_view()),
    path("api/problems/<slug:name>/", WaitingProblem.as_view()),
    re_path("", UnknownAddress.as_view()),
]
