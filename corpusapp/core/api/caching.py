"""`ETag` and `If-None-Match` on every read of the API."""

from django.http import HttpRequest, HttpResponse
from django.middleware.http import ConditionalGetMiddleware


class ConditionalReads(ConditionalGetMiddleware):
    """A read that would be answered as before is answered 304. What is streamed has no ETag but its own."""

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if not request.path.startswith("/api/v1/") or response.status_code != 200:
            return response
        response.setdefault("Cache-Control", "private, no-cache")
        return super().process_response(request, response)
