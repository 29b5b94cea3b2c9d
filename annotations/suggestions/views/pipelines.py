"""The pages of a corpus's models: quality, training, promotion."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from annotations.review.models import Stage
from annotations.review.queries import facets
from annotations.suggestions.actions.cancel import cancel_training
from annotations.suggestions.actions.promote_model import promote_model, rollback_model
from annotations.suggestions.actions.train_model import train_model
from annotations.suggestions.models import Run, TrainedModel
from annotations.suggestions.pipelines import weights
from annotations.suggestions.queries.name_statistics import learned_habits
from annotations.suggestions.queries.runs import adaptation_of, propagation, suggester_of
from annotations.suggestions.queries.trained_models import (
    decisions_since_training,
    effort_by_week,
    get_model,
    is_training,
    learning_curve,
    promoted_model,
)
from corpusapp.accounts.requests import UserRequest
from corpusapp.articles.models import Role
from corpusapp.articles.permissions import get_corpus, may
from corpusapp.core.errors import Conflict, Invalid

_SHOWN = 50


@login_required
@require_safe
def pipelines(request: UserRequest, slug: str) -> HttpResponse:
    """List the models of a corpus with their scores, the learning curve, and the editors' effort by week."""
    corpus = get_corpus(request.user, slug)
    models = list(TrainedModel.objects.select_related("user").filter(corpus=corpus)[:_SHOWN])
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "chosen": suggester_of(corpus),
        "default": settings.SPACY_PIPELINE,
        "models": models,
        "curve": learning_curve(models),
        "promoted": promoted_model(corpus),
        "training": is_training(corpus.pk),
        "waiting": decisions_since_training(corpus.pk),
        "needed": settings.TRAIN_AFTER_DECISIONS,
        "propagation": propagation(corpus.pk),
        "adaptation": adaptation_of(corpus.pk),
        "habits": learned_habits(corpus.pk),
        "weeks": effort_by_week(corpus.pk),
        "facets": facets(corpus),
        "stages": [choice for choice in Stage.choices if choice[0] != Stage.DONE],
    }
    return render(request, "suggestions/pipelines.html", context)


@login_required
@require_safe
def model(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Show one model: its data, scores by label, and confusions."""
    corpus = get_corpus(request.user, slug)
    found = get_model(corpus, pk)
    context = {
        "corpus": corpus,
        "manages": may(request.user, corpus, Role.MANAGER),
        "model": found,
        "labels": _by_label(found),
        "package": weights.package_file(found.digest) is not None,
    }
    return render(request, "suggestions/model.html", context)


@login_required
@require_POST
def train(request: UserRequest, slug: str) -> HttpResponse:
    """Queue a training."""
    corpus = get_corpus(request.user, slug)
    try:
        train_model(user=request.user, corpus=corpus)
        messages.success(request, "Training queued. Suggestions continue meanwhile.")
    except (Conflict, Invalid) as refusal:
        messages.error(request, refusal.detail)
    return redirect("pipelines", slug)


@login_required
@require_POST
def cancel(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Cancel a training."""
    try:
        cancel_training(user=request.user, model=get_model(get_corpus(request.user, slug, Role.MANAGER), pk))
        messages.success(request, "Training cancelled. No model was saved.")
    except Conflict as refusal:
        messages.error(request, refusal.detail)
    return redirect("pipelines", slug)


@login_required
@require_POST
def promote(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Promote a model."""
    return _switch_model(request, slug, pk, promote_model)


@login_required
@require_POST
def rollback(request: UserRequest, slug: str, pk: int) -> HttpResponse:
    """Go back to the former model."""
    return _switch_model(request, slug, pk, rollback_model)


def _switch_model(request: UserRequest, slug: str, pk: int, act: Callable[..., Run | None]) -> HttpResponse:
    try:
        run = act(user=request.user, model=get_model(get_corpus(request.user, slug), pk))
    except Conflict as refusal:
        messages.error(request, refusal.detail)
        return redirect("pipelines", slug)
    messages.success(request, "Done. Suggestions of open articles are being updated; decisions stay unchanged.")
    return redirect("suggestion-run", slug, run.pk) if run else redirect("pipelines", slug)


def _by_label(model: TrainedModel) -> list[dict[str, Any]]:
    """Rows with the scores before and after, by label."""
    before, after = (model.before or {}).get("labels", {}), (model.after or {}).get("labels", {})
    return [{"name": name, "before": before.get(name), "after": after.get(name)} for name in sorted({*before, *after})]
