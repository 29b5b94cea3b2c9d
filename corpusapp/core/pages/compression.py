"""Pages go out compressed, and no browser keeps them. What is streamed, REST and downloads among it, goes out as it is
made.
"""

from django.http import HttpRequest, HttpResponse
from django.middleware.gzip import GZipMiddleware


class CompressedPages(GZipMiddleware):
    """Compresses HTML alone. Django adds bytes of a random number to it, so that lengths tell nothing of a token.

    A page that is kept would come back as it was before the decisions that were taken on it.
    """

    def process_response(self, request: HttpRequest, response: HttpResponse) -> HttpResponse:
        if response.streaming or not response.get("Content-Type", "").startswith("text/html"):
            return response
        response.setdefault("Cache-Control", "private, no-store")
        return super().process_response(request, response)
