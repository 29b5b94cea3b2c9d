"""What the file of an export or a release would hold, and what it would leave out, before it is created."""

from dataclasses import dataclass, replace

from django.db.models import Count, Exists, OuterRef, Q

from annotations.exports.queries.records import chosen_articles
from annotations.exports.selection import ANY, Selection
from annotations.formats.records import STATES
from annotations.review.models import MAIN_LAYER, Review, Span
from corpusapp.articles.models import Corpus, Zone
from corpusapp.text.zones import CHROME

# Spans are counted in up to this many articles.
MOST_COUNTED = 20_000


@dataclass(frozen=True)
class SelectionPreview:
    """What a selection includes now. `spans` and `left_out` are phrases: "12 confirmed spans".

    `counted` is False if the articles are too many to count their spans.
    """

    articles: int
    spans: list[str]
    left_out: list[str]
    counted: bool = True


def preview_selection(corpus: Corpus, selection: Selection) -> SelectionPreview:
    """Count what `selection` includes and leaves out. Raises `Invalid` for an unknown label."""
    articles = chosen_articles(corpus, selection)
    number, left_out = articles.count(), _left_out_articles(corpus, selection)
    if number > MOST_COUNTED:
        return SelectionPreview(number, [], left_out, counted=False)
    labelled = Q(label__name__in=selection.labels) if selection.labels else Q(pk__isnull=False)
    overlap = Zone.objects.filter(article=OuterRef("article"), start__lt=OuterRef("end"), end__gt=OuterRef("start"))
    in_chrome = Exists(overlap.filter(kind=CHROME))
    rows = Span.objects.filter(corpus=corpus, layer=MAIN_LAYER, article__in=articles).order_by().values_list("state")
    counted = rows.annotate(
        all=Count("id"), labelled=Count("id", filter=labelled), chrome=Count("id", filter=labelled & Q(in_chrome))
    )
    found = {state: tuple(numbers) for state, *numbers in counted}
    included, excluded, unlabelled, chrome = [], [], 0, 0
    for state in STATES:
        total, of_labels, of_chrome = found.get(state, (0, 0, 0))
        if state not in selection.states:
            excluded += [_phrase(total, f"{state} span")] if total else []
            continue
        left_in_chrome = 0 if selection.chrome else of_chrome
        included.append(_phrase(of_labels - left_in_chrome, f"{state} span"))
        unlabelled, chrome = unlabelled + total - of_labels, chrome + left_in_chrome
    excluded += [f"{_phrase(unlabelled, 'span')} with other labels"] if unlabelled else []
    excluded += [f"{_phrase(chrome, 'span')} in boilerplate"] if chrome else []
    return SelectionPreview(number, included, left_out + excluded)


def _left_out_articles(corpus: Corpus, selection: Selection) -> list[str]:
    """The articles that are left out because of their stage, by stage."""
    if selection.any_stage:
        return []
    of_any_stage = chosen_articles(corpus, replace(selection, stages=(ANY,)))
    reviews = Review.objects.filter(layer=MAIN_LAYER, article__in=of_any_stage).exclude(stage__in=selection.stages)
    stages = reviews.order_by("stage").values_list("stage").annotate(n=Count("id"))
    return [f"{_phrase(number, 'article')} with the stage {stage.replace('_', ' ')}" for stage, number in stages]


def _phrase(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
