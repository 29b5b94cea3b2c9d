"""Knowledge bases: their settings, looking an entity up, taking what was found, and the address for OpenRefine."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from annotations.entities.actions.knowledge import look_up, take_candidate
from annotations.entities.actions.knowledge_services import WIKIDATA, remove_service, save_service
from annotations.entities.forms import KnowledgeServiceForm, read_revision
from annotations.entities.models import Entity
from annotations.entities.queries.knowledge import get_service, services_of
from annotations.entities.views.common import corpus_with_entities, counted, redirect_done
from annotations.entities.views.entity import entity_form, page_of
from annotations.review.forms import client_key, read_id
from corpusapp.accounts.actions.tokens import create_token
from corpusapp.accounts.models import Token
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Corpus, Role
from corpusapp.articles.permissions import require
from corpusapp.core.errors import Conflict, Invalid

_PANEL = "#knowledge"


@entity_form
def look_up_entity(request: UserRequest, entity: Entity) -> HttpResponse:
    """Look an entity up; its page then shows the candidates."""
    service = get_service(entity.corpus, read_id(request.POST.get("service", ""), "service"))
    answer = look_up(user=request.user, entity=entity, service=service)
    messages.success(request, f"{service.name} has {counted(len(answer.candidates), 'candidate')} for “{entity.name}”.")
    return HttpResponseRedirect(f"{page_of(entity)}{_PANEL}", status=303)


@entity_form
def take(request: UserRequest, entity: Entity) -> HttpResponse:
    """Take over a candidate that the page shows."""
    service = get_service(entity.corpus, read_id(request.POST.get("service", ""), "service"))
    candidate = request.POST.get("candidate", "")
    result = take_candidate(
        user=request.user, entity=entity, revision=read_revision(request.POST), service=service, candidate=candidate,
        client_key=client_key(request.POST, "take", entity.pk, service.pk, candidate),
    )  # fmt: skip
    messages.success(request, f"“{entity.name}” is {service.scheme} {candidate}: its names are taken over.")
    return redirect_done(f"{page_of(entity)}{_PANEL}", result.decision.pk)


# Settings.


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: UserRequest, slug: str) -> HttpResponse:
    """The knowledge bases of a corpus. A valid form adds one."""
    corpus = _managed(request, slug)
    form = KnowledgeServiceForm(request.POST or None, initial={} if services_of(corpus) else WIKIDATA)
    if form.is_bound and form.is_valid():
        try:
            service = save_service(user=request.user, corpus=corpus, **form.cleaned_data)
        except (Conflict, Invalid) as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, refusal.detail)
        else:
            messages.success(request, f"{service.name} is added: entities can be looked up in it.")
            return _to(corpus)
    return _page(request, corpus, form)


@login_required
@require_POST
def remove(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    corpus = _managed(request, slug)
    service = get_service(corpus, pk)
    remove_service(user=request.user, service=service)
    messages.success(request, f"{service.name} is removed. Identifiers that entities have of it stay.")
    return _to(corpus)


@login_required
@require_POST
def address(request: UserRequest, slug: str) -> HttpResponse:
    """Create a token that reads this corpus alone, and show the address for OpenRefine with its key once."""
    corpus = _managed(request, slug)
    _, key = create_token(
        user=request.user, name=f"OpenRefine: {corpus.slug}"[:100], scope=Token.Scope.READ, corpus=corpus
    )
    url = request.build_absolute_uri(f"/api/reconcile/{corpus.slug}/key/{key}/")
    return _page(request, corpus, KnowledgeServiceForm(), url=url)


def _managed(request: UserRequest, slug: str) -> Corpus:
    corpus = corpus_with_entities(request, slug)
    require(request.user, corpus, Role.MANAGER)
    return corpus


def _page(request: UserRequest, corpus: Corpus, form: KnowledgeServiceForm, url: str = "") -> HttpResponse:
    context = {"corpus": corpus, "manages": True, "form": form, "services": services_of(corpus), "url": url}
    return render(request, "entities/knowledge_settings.html", context, status=400 if form.errors else 200)


def _to(corpus: Corpus) -> HttpResponse:
    return HttpResponseRedirect(reverse("settings-knowledge", args=[corpus.slug]), status=303)
