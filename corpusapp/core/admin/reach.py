"""What the person behind a request reaches in the admin site. Asked many times a request, looked up once."""

from django.http import HttpRequest

from corpusapp.articles.models import Corpus, Role


def sees_all(request: HttpRequest) -> bool:
    """Model-wide admin is for superusers."""
    return request.user.is_active and request.user.is_superuser


def managed_corpora(request: HttpRequest) -> frozenset[int]:
    """The ids of the corpora that this person manages. For superusers ask `sees_all` first."""
    user = request.user
    if not user.is_active:
        return frozenset()
    known = getattr(request, "_managed_corpora", None)
    if known is None or known[0] != user.pk:
        ids = Corpus.objects.visible_to(user, Role.MANAGER).values_list("pk", flat=True)
        known = request._managed_corpora = (user.pk, frozenset(ids))
    return known[1]


def withdrawn_corpora(request: HttpRequest) -> frozenset[int]:
    """The ids of the withdrawn corpora that this person may restore, and of which nothing else is reached."""
    user = request.user
    if not user.is_active:
        return frozenset()
    return frozenset(Corpus.objects.withdrawn_by(user).values_list("pk", flat=True))
