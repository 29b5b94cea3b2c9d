"""What the open page of an article asks now and then: is anything new, who else is here. Two short queries."""

import hashlib

from django.http import HttpResponse, HttpResponseNotModified, JsonResponse
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_http_methods

from annotations.review.actions.presence import be_present, leave
from annotations.review.queries import own_decisions
from annotations.review.queries.mark import mark_of
from annotations.review.queries.presence import also_here
from annotations.review.views.page import article_at
from corpusapp.accounts.requests import UserRequest
from corpusapp.core.errors import NotFound


@ensure_csrf_cookie
@require_http_methods(["GET", "HEAD", "POST"])
def pulse(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """GET says how the article stands, with an ETag over all of it; POST also that the page is open, or `left`.

    With `strokes` it names the user's own that an undo and a redo would turn. Signed out it is 401, so that a page can
    tell this from a desk that is down.
    """
    if not request.user.is_authenticated:
        return JsonResponse({"user": None}, status=401)
    try:
        article = article_at(request, slug, pk)
    except NotFound:
        return JsonResponse({"user": request.user.pk, "gone": True}, status=404)
    if request.method == "POST":
        (leave if "left" in request.POST else be_present)(user=request.user, article=article)
    here = [str(user) for user in also_here(request.user, article)]
    found = {"user": request.user.pk, "mark": mark_of(article), "here": here}
    if "strokes" in request.GET:
        own = dict(zip(("last", "undone"), own_decisions(request.user, article), strict=True))
        found |= {name: decision.pk if decision else None for name, decision in own.items()}
    etag = f'"{hashlib.sha256(repr(found).encode()).hexdigest()[:16]}"'
    headers = {"ETag": etag, "Cache-Control": "private, no-cache"}
    if request.method != "POST" and request.headers.get("If-None-Match", "").removeprefix("W/") == etag:
        return HttpResponseNotModified(headers=headers)
    return JsonResponse(found, headers=headers)
