"""Every filter of the lists of articles and of spans, alone and together."""

import pytest

from annotations.review.models import Span
from tests import factories
from tests.api.client import refusal

PAST, FUTURE = "2015-09-03T00:00:00Z", "2999-09-03T00:00:00Z"


@pytest.fixture
def second(article, corpus, editor):
    """An article with suggestions of another pipeline. In the first article one span is confirmed."""
    span = Span.objects.filter(article=article).first()
    assert editor.patch(f"spans/{span.pk}/", {"revision": 1, "state": "confirmed"}).status_code == 200
    second = factories.make_article(corpus, "IRNA reports 🕊 from Homs.", source="IRNA", published_on="2018-10-01")
    pipeline = factories.make_pipeline("other")
    assert pipeline.version == "1"
    (sure,) = factories.suggest(second, (20, 24, "GPE"), score=0.9)
    Span.objects.filter(pk=sure.pk).update(pipeline=pipeline)
    return second


def test_filters_of_articles(second, article, reader):
    wrong = []
    for query, expected in (
        ("corpus=desk", [second, article]),
        ("source=IRNA", [second]),
        ("published_from=2018-09-04", [second]),
        ("published_to=2018-09-04", [article]),
        ("stage=in_review", [article]),
        ("label=PERSON", [article]),
        ("label=GPE", [second, article]),
        ("state=confirmed", [article]),
        ("state=rejected", []),
        ("state=confirmed&label=GPE", []),
        ("editor=editor", [article]),
        ("editor=reader", []),
        ("pipeline=other 1", [second]),
        ("pipeline=hand 1&label=ORG", [article]),
        ("pipeline=none 7", []),
        ("score_from=0.8", [second]),
        ("score_to=0.8", []),
        (f"updated_since={PAST}", [second, article]),
        (f"updated_since={FUTURE}", []),
        ("editor=editor&state=suggested&label=ORG&q=Muallem", [article]),
    ):
        got = [row["id"] for row in reader.get(f"articles/?{query}").json()["results"]]
        if got != [one.pk for one in expected]:
            wrong.append(f"{query}: {got}")
    assert not wrong, wrong


def test_filters_of_spans(second, article, reader):
    def texts(query: str) -> set[str]:
        return {row["text"] for row in reader.get(f"spans/?{query}").json()["results"]}

    whole = {"Zarif", "Muallem", "Damascus", "Homs"}
    wrong = []
    for query, expected in (
        ("", whole),
        ("corpus=desk", whole),
        (f"article={second.pk}", {"Homs"}),
        ("source=IRNA", {"Homs"}),
        ("published_from=2018-09-04", {"Homs"}),
        ("published_to=2018-09-04", whole - {"Homs"}),
        ("stage=in_review", whole - {"Homs"}),
        ("label=GPE", {"Damascus", "Homs"}),
        ("state=confirmed", {"Zarif"}),
        ("state=suggested,rejected", whole - {"Zarif"}),
        ("editor=editor", {"Zarif"}),
        ("editor=reader", set()),
        ("pipeline=other 1", {"Homs"}),
        ("score_from=0.8", {"Homs"}),
        ("score_to=0.8", set()),
        (f"updated_since={PAST}", {"Zarif"}),
        (f"updated_since={FUTURE}", set()),
        ("label=GPE&source=SANA&state=suggested", {"Damascus"}),
    ):
        if (got := texts(query)) != expected:
            wrong.append(f"{query}: {got}")
    assert not wrong, wrong


def test_list_of_spans_is_paged_and_names_its_offsets(second, article, reader):
    whole = reader.get("spans/").json()
    first = reader.get("spans/?limit=3").json()
    rest = reader.get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    assert first["results"] + rest["results"] == whole["results"] and rest["next"] is None
    assert whole["offsets"] == "code points" and whole["results"][0]["article"] == second.pk
    counted = reader.get("spans/?offsets=utf16&fields=id,start,end").json()
    assert counted["offsets"] == "utf16" and counted["results"][0]["start"] == 21
    assert reader.get("spans/?fields=id,text").json()["results"][0].keys() == {"id", "text"}
    answer = reader.get("spans/")
    assert (
        reader._http.get("/api/v1/spans/", headers={**reader._headers, "If-None-Match": answer["ETag"]}).status_code
        == 304
    )


def test_invalid_filters_are_refused_with_their_field(second, reader, stranger):
    for path in ("articles", "spans"):
        for query, field in (
            ("state=gone", "state"), ("score_from=2", "score_from"), ("score_to=nan", "score_to"),
            ("score_to=x", "score_to"), ("stage=x", "stage"), ("updated_since=x", "updated_since"),
            ("published_from=1", "published_from"), ("pipeline=%00", "pipeline"), ("editor=%00", "editor"),
            ("cursor=x", "cursor"), ("limit=0", "limit"), ("fields=words", "fields"),
        ):  # fmt: skip
            refusal(reader.get(f"{path}/?{query}"), 400, field)
        # An empty parameter is refused, since it would silently filter nothing.
        for name in (
            "published_to",
            "updated_since",
            "score_to",
            "limit",
            "cursor",
            "label",
            "stage",
            "state",
            "corpus",
        ):
            assert name in refusal(reader.get(f"{path}/?{name}="), 400, name)["detail"]
        refusal(reader.get(f"{path}/?state=,"), 400, "state")
        refusal(stranger.get(f"{path}/?corpus=desk"), 404)
    refusal(stranger.get(f"spans/?article={second.pk}"), 404)
    assert stranger.get("spans/").json()["results"] == []
