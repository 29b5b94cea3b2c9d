"""Pages of an article's original: download, read again; and of its near copies, side by side."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.actions.copies import leave_copies, set_counted_once
from corpusapp.articles.actions.reread import NewReading, apply_reading, compare_reading
from corpusapp.articles.models import Article, Role, Zone
from corpusapp.articles.originals import original_response
from corpusapp.articles.permissions import get_article, may
from corpusapp.articles.queries import copies as copies_of
from corpusapp.articles.queries import original_facts
from corpusapp.core.errors import Conflict, NotFound
from corpusapp.text.differences import Piece, side_by_side
from corpusapp.text.zones import CHROME, gaps

_ZONES_SHOWN = 200


@login_required
@require_safe
def download(request: UserRequest, slug: str, pk: int) -> HttpResponseBase:
    """Download the original."""
    return original_response(request, article_at(request, slug, pk))


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def reading(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Compare the result of the current readers with the article; a POST applies it."""
    if request.method == "POST":
        return _applied(request, article_at(request, slug, pk, Role.EDITOR))
    article = article_at(request, slug, pk)
    new = compare_reading(user=request.user, article=article)
    removed, added = _zones(article, new)
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "editor": may(request.user, article.corpus, Role.EDITOR),
        "original": original_facts(article),
        "new": new,
        "rows": None if new.same_text else rows(article.text, new.text),
        "kept": _marked(article)[:_ZONES_SHOWN] if new.same_text else [],
        "gone": removed[:_ZONES_SHOWN],
        "come": added[:_ZONES_SHOWN],
        "same": new.same_text and new.same_zones,
    }
    return render(request, "articles/reading.html", context)


@dataclass(frozen=True, order=True)
class QuotedZone:
    """A zone by its text, to compare zones of different texts."""

    kind: str
    quote: str


def _zones(article: Article, new: NewReading) -> tuple[list[QuotedZone], list[QuotedZone]]:
    """(zones that the new reading lacks, zones that it adds), in reading order."""
    current = [QuotedZone(zone.kind, article.text[zone.start : zone.end]) for zone in article.zones.all()]
    found = [QuotedZone(zone.kind, new.text[zone.start : zone.end]) for zone in new.zones]
    before, after = set(current), set(found)
    return [zone for zone in current if zone not in after], [zone for zone in found if zone not in before]


def _marked(article: Article) -> list[QuotedZone]:
    """The zones marked by persons."""
    zones = article.zones.exclude(set_by=None)
    return [QuotedZone(zone.kind, article.text[zone.start : zone.end]) for zone in zones]


def _applied(request: UserRequest, article: Article) -> HttpResponse:
    now = apply_reading(user=request.user, article=article)
    if now.pk == article.pk:
        messages.success(request, "Zones replaced. The text and all decisions are unchanged.")
    else:
        messages.success(request, "New version created. The earlier version and its decisions are unchanged.")
    return HttpResponseRedirect(reverse("article", args=[article.corpus.slug, now.pk]), status=303)


def article_at(request: UserRequest, slug: str, pk: int, role: Role = Role.READER) -> Article:
    article = get_article(request.user, pk, role)
    if article.corpus.slug != slug:
        raise NotFound(f"there is no article {pk} in {slug!r} that you can see")
    return article


# Maximum code points of texts that are compared; time is quadratic in length.
MOST_COMPARED = 30_000


@dataclass(frozen=True)
class Row:
    """One paragraph of both texts; a side without pieces lacks it."""

    left: list[Piece]
    right: list[Piece]

    @property
    def same(self) -> bool:
        return bool(self.left and self.right) and not any(piece.changed for piece in self.left + self.right)


def rows(left: str, right: str) -> list[Row] | None:
    """The texts side by side; None if they are too long to be compared in a request."""
    if max(len(left), len(right)) > MOST_COMPARED:
        return None
    return [Row(*row) for row in side_by_side(left, right)]


_SHOWN = 100


@login_required
@require_safe
def copies(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """The article's near copies, and one of them side by side with it: `?with=` has its id."""
    article = article_at(request, slug, pk)
    group = list(copies_of(article)[: _SHOWN + 1])
    other = _other(request.GET.get("with", ""), article, group)
    context = {
        "corpus": article.corpus,
        "article": article,
        "manages": may(request.user, article.corpus, Role.MANAGER),
        "editor": may(request.user, article.corpus, Role.EDITOR),
        "group": article.copy_group,
        "members": group[:_SHOWN],
        "more": len(group) > _SHOWN,
        "other": other,
        "rows": rows(*_running_texts(article, other)) if other else None,
    }
    return render(request, "articles/copies.html", context)


@login_required
@require_POST
def count_once(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Set whether statistics count the group as one article: `once` is 1 or 0."""
    article = article_at(request, slug, pk, Role.EDITOR)
    if article.copy_group is None:
        raise Conflict(f"article {pk} no longer has near copies: there is nothing to count once")
    once = request.POST.get("once") == "1"
    set_counted_once(user=request.user, group=article.copy_group, once=once)
    messages.success(request, f"Statistics count {'this story once' if once else 'each of these articles'}.")
    return _back(article)


@login_required
@require_POST
def leave(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Remove the article from its group of near copies."""
    article = article_at(request, slug, pk, Role.EDITOR)
    leave_copies(user=request.user, article=article)
    messages.success(request, f"“{article.headline}” is no longer marked as a near copy.")
    return HttpResponseRedirect(reverse("article", args=[slug, pk]), status=303)


def _back(article: Article) -> HttpResponse:
    return HttpResponseRedirect(reverse("copies", args=[article.corpus.slug, article.pk]), status=303)


def _other(requested: str, article: Article, group: Sequence[Article]) -> Article | None:
    """The copy with the requested id, else the first."""
    others = [member for member in group if member.pk != article.pk]
    if not requested:
        chosen = others[0].pk if others else None
    elif requested in {str(member.pk) for member in others}:
        chosen = int(requested)
    else:
        raise NotFound(f"article {requested[:20]!r} is not a near copy of article {article.pk}")
    return Article.objects.select_related("source").get(pk=chosen) if chosen else None


def _running_texts(*articles: Article) -> list[str]:
    """The texts without boilerplate, which differs by site."""
    boilerplate: dict[int, list[tuple[int, int]]] = {article.pk: [] for article in articles}
    found = Zone.objects.filter(article__in=articles, kind=CHROME).order_by("start")
    for pk, start, end in found.values_list("article", "start", "end"):
        boilerplate[pk].append((start, end))
    return ["\n".join(a.text[start:end] for start, end in gaps(a.length, boilerplate[a.pk])) for a in articles]
