"""The server and the scripts draw a text the same way, and their verbs have the same result: one table of cases each.

Both exist because a page is drawn before its scripts come, and a decision shows before the server answers.
"""

import pytest
from django.conf import settings

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Label, Span, State
from tests import factories
from tests.browser.test_workbench import at_work

pytestmark = pytest.mark.browser

TEXT = (
    "A title\n\n\nDAMASCUS, Jan 3 (SANA) – The Syrian  foreign ministry <b>said</b> 🇸🇾 e\u0301lan & more.\n"
    "A line that is long enough to be a paragraph by itself, as the lines of news go.\nB\n\n"
    "قال وزير الخارجية\nShare this"
)
S, C, R = State.SUGGESTED, State.CONFIRMED, State.REJECTED


def span(words, label="ORG", state=S, score=0.9):
    start = TEXT.index(words)
    return start, start + len(words), label, state, score


NAMED = span("Syrian  foreign ministry")
DRAWN = {
    "none": [],
    "one of each state": [span("DAMASCUS", "GPE"), span("SANA", state=C, score=None), span("Jan 3", "DATE", R)],
    "scores": [span("DAMASCUS", score=0.2), span("SANA", score=0.6), span("Jan 3", "DATE", score=None)],
    "nested": [NAMED, span("Syrian", "NORP"), span("foreign ministry", state=C, score=None), span("The Syrian", "GPE")],
    "the same range": [span("DAMASCUS", "GPE"), span("DAMASCUS", "ORG"), span("DAMASCUS", "LOC", C, None)],
    "crossing": [span("The Syrian"), span("Syrian  foreign", "NORP")],
    "markup, emoji, marks": [span("<b>said</b>"), span("🇸🇾", "GPE"), span("e\u0301lan", "EVENT"), span("&")],
    "over lines": [span("more.\nA line"), span("go.\nB\n\nقال"), span("title\n\n\nDAM", "WORK_OF_ART")],
    "edges of the text": [span("A title"), (len(TEXT) - 4, len(TEXT), "ORG", S, 0.5), (0, 1, "NORP", C, None)],
    "in boilerplate": [span("Share"), span("الخارجية")],
    "seven deep": [(30, 80 - 3 * depth, name, S, 0.9) for depth, name in enumerate(
        ("PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "EVENT"))],
}  # fmt: skip
ZONES = [[0, 7, "title"], [10, 34, "dateline"], [len(TEXT) - 10, len(TEXT), "chrome"]]


def stored(article, spans, zones=()):
    made = factories.make_article(article.corpus, TEXT, zones=list(zones))
    labels = dict(Label.objects.filter(corpus=article.corpus).values_list("name", "pk"))
    pipeline = factories.make_pipeline()
    for start, end, label, state, score in spans:
        proposed = score is not None or state == S
        Span.objects.create(
            article=made, corpus=made.corpus, article_length=made.length, start=start, end=end,
            label_id=labels[label], state=state, score=score, pipeline=pipeline if proposed else None,
        )  # fmt: skip
    return made


def module(name):
    return f"{settings.STATIC_URL}js/{name}.js"


# Draw the ranges of all spans again, and describe the elements before and after: attributes in order, and the texts.
REDRAWN = """async ([store, renderer]) => {
    const [{ SpanStore }, { TextRenderer }] = [await import(store), await import(renderer)];
    const text = document.getElementById("text");
    const described = (node) => node.nodeType === Node.TEXT_NODE ? node.data : [
        node.localName,
        Object.fromEntries([...node.attributes].map(({ name, value }) => [name, value]).sort()),
        [...node.childNodes].map(described),
    ];
    const before = described(text);
    const spans = new SpanStore(document.getElementById("desk"));
    new TextRenderer(text, spans).draw(spans.drawn().map((span) => ({ id: span.id, before: span, after: span })));
    return [before, described(text)];
}"""


@pytest.mark.parametrize("zones", [[], ZONES], ids=["plain", "zones"])
@pytest.mark.parametrize("name", DRAWN)
def test_a_text_is_drawn_the_same_way(open_page, article, editor, name, zones):
    made = stored(article, DRAWN[name], zones)
    page = open_page(editor)
    page.route("**/workbench.js", lambda route: route.abort())
    page.goto(f"/corpora/desk/articles/{made.pk}/?rejected=1")
    server, scripts = page.evaluate(REDRAWN, [module("span-store"), module("text-renderer")])
    assert scripts == server


GPE, ORG = span("DAMASCUS", "GPE"), span("DAMASCUS", "ORG")
# Spans, then the choices on them by their place in the list.
VERBS = {
    "confirm": ([GPE], [("confirm", 0, {})]),
    "reject": ([GPE], [("reject", 0, {})]),
    "confirm what was rejected": ([span("DAMASCUS", "GPE", R)], [("confirm", 0, {})]),
    "relabel": ([GPE], [("relabel", 0, {"label": "ORG"})]),
    "relabel to one that waits": ([GPE, ORG], [("relabel", 0, {"label": "ORG"})]),
    "relabel to one that was rejected": ([GPE, span("DAMASCUS", "ORG", R)], [("relabel", 0, {"label": "ORG"})]),
    "relabel to one that is confirmed": ([GPE, span("DAMASCUS", "ORG", C, None)], [("relabel", 0, {"label": "ORG"})]),
    "move": ([GPE], [("move", 0, {"start": 9, "end": 18})]),
    "move and relabel": ([GPE], [("move", 0, {"start": 9, "end": 18, "label": "ORG"})]),
    "move to where one is": (
        [GPE, span("SANA", "GPE")],
        [("move", 0, dict(zip(("start", "end"), span("SANA")[:2], strict=True)))],
    ),
    "add": ([], [("add", None, {"start": 10, "end": 18, "label": "GPE"})]),
    "add what waits": ([GPE], [("add", None, {"start": 10, "end": 18, "label": "GPE"})]),
    "add what was rejected": ([span("DAMASCUS", "GPE", R)], [("add", None, {"start": 10, "end": 18, "label": "GPE"})]),
    "several": ([GPE, NAMED, span("SANA")], [("confirm", 0, {}), ("reject", 1, {}), ("relabel", 2, {"label": "GPE"})]),
}
APPLIED = """async ([store, choices]) => {
    const { SpanStore } = await import(store);
    const spans = new SpanStore(document.getElementById("desk"));
    const { offsets, byName } = spans;
    for (const { verb, span, start, end, label } of choices) {
        const range = start === undefined ? {} : { start: offsets.unit(start), end: offsets.unit(end) };
        spans.apply({ verb, span: span ?? undefined, ...range, ...(label ? { label: byName.get(label).id } : {}) });
    }
    return [...spans.spans.values()]
        .map((one) => [offsets.point(one.start), offsets.point(one.end), spans.labels.get(one.label).name, one.state]);
}"""


@pytest.mark.parametrize("name", VERBS)
def test_a_verb_has_the_same_result(open_page, article, editor, name):
    rows, verbs = VERBS[name]
    made = stored(article, rows)
    ids = [Span.objects.get(article=made, start=row[0], end=row[1], label__name=row[2]).pk for row in rows]
    choices = [(verb, None if at is None else ids[at], values) for verb, at, values in verbs]
    page = at_work(open_page(editor), made, "?rejected=1")
    sent = [{"verb": verb, "span": pk, **values} for verb, pk, values in choices]
    shown = page.evaluate(APPLIED, [module("span-store"), sent])
    decide(user=editor, article=made, choices=[Choice(verb, pk, pk and 1, **values) for verb, pk, values in choices])
    after = made.spans.values_list("start", "end", "label__name", "state")
    kept = {(start, end, label, state[0]) for start, end, label, state in after}
    # What was left behind is rejected in the database, and no longer on the page.
    assert {tuple(one) for one in shown} <= kept
    assert {one for one in kept if one[3] != "r"} == {tuple(one) for one in shown if one[3] != "r"}
