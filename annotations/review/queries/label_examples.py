"""How a label was used so far."""

from annotations.review.models import MAIN_LAYER, Label, Span, State

SHOWN = 3
_LOOKED_AT = 200


def examples_of(label: Label) -> list[Span]:
    """At most SHOWN of the label's newest confirmed spans, each of another article, with their articles."""
    spans = Span.objects.filter(corpus_id=label.corpus_id, label=label, state=State.CONFIRMED, layer=MAIN_LAYER)
    newest = spans.filter(article__withdrawn_at=None).order_by("-pk").values_list("pk", "article")[:_LOOKED_AT]
    first: dict[int, int] = {}
    for pk, article in newest:
        first.setdefault(article, pk)
    chosen = list(first.values())[:SHOWN]
    return list(Span.objects.filter(pk__in=chosen).select_related("article").order_by("-pk"))
