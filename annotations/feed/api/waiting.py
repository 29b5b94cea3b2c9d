"""The change feed in the process of waiting followers: its view, which leaves out what only the web server does."""

from dataclasses import dataclass

from django.urls import path, re_path
from rest_framework.response import Response

from annotations.feed.api.changes import ChangeFeed, Following
from annotations.feed.api.tickets import PATH, TicketAuthentication
from annotations.feed.queries import FeedPage, permission_states
from corpusapp.accounts.api.access import TokenAuthentication
from corpusapp.accounts.requests import ApiRequest
from corpusapp.core.api.views import UnknownAddress


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
        response = FollowerResponse(following.body(page))
        response["Link"] = f'<{following.url(page.cursor)}>; rel="wait"'
        if following.wait and not page.events and not page.more:
            assert request.auth is not None
            response.follower = Follower(following, page, request.auth.pk, self._permissions)
        return response


urlpatterns = [path(PATH.removeprefix("/"), WaitingFeed.as_view()), re_path("", UnknownAddress.as_view())]
