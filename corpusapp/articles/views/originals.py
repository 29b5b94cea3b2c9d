"""An article's original: its bytes to take home, and what a new reading of them would change."""

from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_http_methods, require_safe

from corpusapp.articles.actions.reread import NewReading, apply_reading, compare_reading
from corpusapp.articles.models import Article, Role
from corpusapp.articles.originals import original_bytes
from corpusapp.articles.permissions import may
from corpusapp.articles.queries import original_facts
from corpusapp.articles.views.articles import article_at
from corpusapp.articles.views.comparison import rows
from corpusapp.core.errors import NotFound

_ZONES_SHOWN = 200


@login_required
@require_safe
def download(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The bytes as they came in. Somebody else wrote them, so no browser may show them as a page of ours."""
    found = original_bytes(article_at(request, slug, pk))
    if found is None:
        raise NotFound(f"article {pk} has no original: none was kept when it came in")
    name, data = found
    response = HttpResponse(data, content_type="application/octet-stream")
    response.headers["Content-Disposition"] = content_disposition_header(as_attachment=True, filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reading(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """What today's readers make of the original, beside what stands; a POST takes it over."""
    if request.method == "POST":
        return _applied(request, article_at(request, slug, pk, Role.EDITOR))
    article = article_at(request, slug, pk)
    new = compare_reading(user=request.user, article=article)
    gone, come = _zones(article, new)
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "editor": may(request.user, article.corpus, Role.EDITOR),
        "original": original_facts(article),
        "new": new,
        "rows": None if new.same_text else rows(article.text, new.text),
        "kept": _marked(article)[:_ZONES_SHOWN] if new.same_text else [],
        "gone": gone[:_ZONES_SHOWN],
        "come": come[:_ZONES_SHOWN],
        "same": new.same_text and new.same_zones,
    }
    return render(request, "articles/reading.html", context)


@dataclass(frozen=True, order=True)
class QuotedZone:
    """A zone by its words, which are its own in whichever text it stands."""

    kind: str
    quote: str


def _zones(article: Article, new: NewReading) -> tuple[list[QuotedZone], list[QuotedZone]]:
    """Zones that the new reading does not have, and those that it has beside the others, in reading order."""
    standing = [QuotedZone(zone.kind, article.text[zone.start : zone.end]) for zone in article.zones.all()]
    found = [QuotedZone(zone.kind, new.text[zone.start : zone.end]) for zone in new.zones]
    before, after = set(standing), set(found)
    return [zone for zone in standing if zone not in after], [zone for zone in found if zone not in before]


def _marked(article: Article) -> list[QuotedZone]:
    """Zones that persons marked."""
    zones = article.zones.exclude(set_by=None)
    return [QuotedZone(zone.kind, article.text[zone.start : zone.end]) for zone in zones]


def _applied(request: HttpRequest, article: Article) -> HttpResponse:
    now = apply_reading(user=request.user, article=article)
    if now.pk == article.pk:
        messages.success(request, "The zones are those of the new reading. The text and what you decided stay.")
    else:
        messages.success(request, "The new reading is this new version. The earlier one stays, with what you decided.")
    return HttpResponseRedirect(reverse("article", args=[article.corpus.slug, now.pk]), status=303)
