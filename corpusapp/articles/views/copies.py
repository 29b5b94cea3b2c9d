"""Near copies: one story in several papers, side by side."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from corpusapp.articles.actions.copies import leave_copies, set_counted_once
from corpusapp.articles.models import Article, Role, Zone
from corpusapp.articles.permissions import may
from corpusapp.articles.queries import copies as copies_of
from corpusapp.articles.views.articles import article_at
from corpusapp.articles.views.comparison import rows
from corpusapp.core.errors import Conflict, NotFound
from corpusapp.text.zones import CHROME, gaps

_SHOWN = 100


@login_required
@require_safe
def copies(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The article's near copies, and one of them beside it: `?with=` says which."""
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
def count_once(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Whether statistics count the group as one article: `once` is 1 or 0."""
    article = article_at(request, slug, pk, Role.EDITOR)
    if article.copy_group is None:
        raise Conflict(f"article {pk} has no near copies any more: there is nothing to count once")
    once = request.POST.get("once") == "1"
    set_counted_once(user=request.user, group=article.copy_group, once=once)
    messages.success(request, f"Statistics count {'this story once' if once else 'each of these articles'}.")
    return _back(article)


@login_required
@require_POST
def leave(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """The article is no copy of the others."""
    article = article_at(request, slug, pk, Role.EDITOR)
    leave_copies(user=request.user, article=article)
    messages.success(request, f"“{article.headline}” is no copy any more.")
    return HttpResponseRedirect(reverse("article", args=[slug, pk]), status=303)


def _back(article: Article) -> HttpResponse:
    return HttpResponseRedirect(reverse("copies", args=[article.corpus.slug, article.pk]), status=303)


def _other(asked: str, article: Article, group: Sequence[Article]) -> Article | None:
    """The copy that was asked for, else the first."""
    others = [member for member in group if member.pk != article.pk]
    if not asked:
        chosen = others[0].pk if others else None
    elif asked in {str(member.pk) for member in others}:
        chosen = int(asked)
    else:
        raise NotFound(f"article {asked[:20]!r} is no near copy of article {article.pk}")
    return Article.objects.select_related("source").get(pk=chosen) if chosen else None


def _running_texts(*articles: Article) -> list[str]:
    """The texts without their site furniture, which is each paper's own."""
    furniture: dict[int, list[tuple[int, int]]] = {article.pk: [] for article in articles}
    found = Zone.objects.filter(article__in=articles, kind=CHROME).order_by("start")
    for pk, start, end in found.values_list("article", "start", "end"):
        furniture[pk].append((start, end))
    return ["\n".join(a.text[start:end] for start, end in gaps(a.length, furniture[a.pk])) for a in articles]
