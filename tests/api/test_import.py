"""`POST /api/v1/articles/`: one article, or a list that is taken item by item."""

import pytest

from annotations.review.models import Label, Review
from annotations.suggestions.models import RunItem
from corpusapp.articles.models import Article, ImportBatch
from tests.api.client import refusal

RECORD = {
    "text": "DAMASCUS - Zarif arrived on Monday.",
    "title": "Zarif in Damascus",
    "source": "SANA",
    "url": "https://example.org/zarif",
    "external_id": "sana-1",
    "published_on": "2018-09-03",
    "language": "en",
    "metadata": {"desk": ["syria", {"n": 1}]},
    "spans": [[11, 16, "PERSON"], {"start": 0, "end": 8, "label": "GPE", "state": "rejected"}],
    "zones": [[0, 10, "dateline"]],
}


def test_one_article_comes_in_whole(corpus, manager):
    response = manager.post("articles/?corpus=desk", RECORD)
    assert response.status_code == 201, response.content
    article = response.json()
    for name in ("text", "title", "source", "url", "external_id", "published_on", "language", "metadata"):
        assert article[name] == RECORD[name]
    assert (article["offsets"], article["length"], article["version"]) == ("code points", 35, 1)
    assert (article["corpus"], article["stage"], article["editor"]) == ("desk", "new", None)
    assert [(span["text"], span["label"], span["state"]) for span in article["spans"]] == [
        ("Zarif", "PERSON", "confirmed")
    ]
    assert [(zone["start"], zone["end"], zone["kind"]) for zone in article["zones"]] == [(0, 10, "dateline")]
    assert ImportBatch.objects.get().origin == "rest"
    assert manager.get(f"articles/{article['id']}/").json() == article


def test_the_same_text_again_answers_with_the_article_that_stands(corpus, manager):
    first = manager.post("articles/?corpus=desk", RECORD)
    again = manager.post("articles/?corpus=desk", {"text": RECORD["text"], "title": "Another title"})
    assert (again.status_code, again.json()) == (200, first.json())
    assert Article.objects.count() == 1


def test_a_withdrawn_article_with_this_text_is_told_of(corpus, manager):
    from corpusapp.articles.actions.withdraw import withdraw_articles
    from tests import factories

    pk = manager.post("articles/?corpus=desk", RECORD).json()["id"]
    withdraw_articles(user=factories.make_superuser(), corpus=corpus, article_ids=[pk])
    refusal(manager.post("articles/?corpus=desk", RECORD), 409, "text")


def test_another_text_under_the_same_id_is_a_new_version(corpus, manager):
    first = manager.post("articles/?corpus=desk", RECORD).json()
    second = manager.post("articles/?corpus=desk", {"text": "Corrected.", "external_id": "sana-1"}).json()
    assert (second["version"], second["previous"]) == (2, first["id"])
    assert manager.get(f"articles/{first['id']}/").json()["next"] == second["id"]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"text": None}, "text"),
        ({"text": "  \n "}, "text"),
        ({"text": 7}, "text"),
        ({"title": ["a"]}, "title"),
        ({"published_on": "3 September"}, "published_on"),
        ({"metadata": [1]}, "metadata"),
        ({"spans": {}}, "spans"),
        ({"spans": [[0, 8, "GPE"], [0, 8, "GPE"]]}, "spans[1]"),
        ({"spans": [[0, 8, "NOSUCH"]]}, "spans[0].label"),
        ({"spans": [{"start": 0, "end": 8, "label": "GPE", "state": "sure"}]}, "spans[0].state"),
        ({"zones": [[0, 8, "headline"]]}, "zones[0].kind"),
        ({"body": "x"}, "body"),
    ],
)
def test_a_refused_record_names_its_field(corpus, manager, change, field):
    refusal(manager.post("articles/?corpus=desk", {**RECORD, **change}), 400, field)
    assert not Article.objects.exists()


def test_labels_are_added_only_when_asked_for(corpus, manager):
    record = {**RECORD, "spans": [[0, 8, "PORT"]]}
    refusal(manager.post("articles/?corpus=desk", record), 400, "spans[0].label")
    assert manager.post("articles/?corpus=desk&add_labels=1", record).status_code == 201
    assert Label.objects.filter(corpus=corpus, name="PORT").exists()


def test_suggestions_are_deferred_unless_refused(corpus, manager):
    manager.post("articles/?corpus=desk&suggest=0", {"text": "One."})
    assert not RunItem.objects.exists()
    pk = manager.post("articles/?corpus=desk", {"text": "Two."}).json()["id"]
    assert RunItem.objects.get().article_id == pk


def test_what_was_reviewed_comes_in_as_done(corpus, manager):
    """Where the record says so, or the request of all that come with decided spans."""
    gold = {"text": "Zarif met Assad.", "spans": [[0, 5, "PERSON"]], "stage": "done"}
    one = manager.post("articles/?corpus=desk", gold).json()
    assert (one["stage"], one["finished_by"], one["editor"]) == ("done", "manager", "manager")
    log = manager.get(f"articles/{one['id']}/decisions/").json()["results"]
    assert [(decision["verb"], decision["user"]) for decision in log] == [("import", "manager"), ("finish", "manager")]
    assert manager.post(f"decisions/{log[1]['id']}/undo/").status_code == 201
    elsewhere = {"start": 5, "end": 10, "label": "PERSON", "text": "Assad"}
    records = [
        {"text": "Muallem left.", "spans": [[0, 7, "PERSON"]]},
        {"text": "Nobody was named.", "spans": []},
        {"text": "A bare text."},
        {"text": "Assad left.", "spans": [{"start": 0, "end": 5, "label": "PERSON", "state": "suggested"}]},
        {"text": "Zarif left.", "spans": [[0, 5, "PERSON"]], "stage": "in_review"},
        {"text": "Assad stayed.", "spans": [elsewhere], "stage": "done"},
    ]
    assert manager.post("articles/?corpus=desk&done=1&suggest=0", records).status_code == 201
    stages = Review.objects.filter(corpus=corpus, article__gt=one["id"]).order_by("article_id")
    assert list(stages.values_list("stage", flat=True)) == ["done", "done", "new", "suggested", "new", "suggested"]
    refusal(manager.post("articles/?corpus=desk", {"text": "Other.", "stage": "ready"}), 400, "stage")
    changes = manager.get("changes/?corpus=desk&limit=200").json()["results"]
    moved = [event["article"] for event in changes if event.get("stage") == "done"]
    assert len(moved) == 3


@pytest.mark.parametrize("wrapped", [True, False])
def test_a_list_is_taken_item_by_item(corpus, manager, wrapped):
    manager.post("articles/?corpus=desk", RECORD)
    records = [
        {"text": "New."},
        RECORD,
        {"text": "Changed.", "external_id": "sana-1"},
        {"text": "Bad.", "spans": [[0, 9, "GPE"]]},
        {"text": "Bad label.", "spans": [[0, 3, "NOSUCH"]]},
        7,
        {"text": "\ud800"},
    ]
    body = {"corpus": "desk", "articles": records} if wrapped else records
    response = manager.post("articles/" if wrapped else "articles/?corpus=desk", body)
    assert response.status_code == 201, response.content
    report = response.json()
    counts = {name: report[name] for name in ("added", "duplicates", "changed", "failed")}
    assert counts == {"added": 2, "duplicates": 1, "changed": 1, "failed": 4}
    problems = {problem["item"]: problem for problem in report["problems"]}
    fields = {item: problem["field"] for item, problem in problems.items()}
    assert fields == {
        "articles[3]": "spans[0].end", "articles[4]": "spans[0].label", "articles[5]": "", "articles[6]": "text",
    }  # fmt: skip
    assert set(problems["articles[3]"]) == {"id", "item", "line", "reason", "field", "retryable"}
    assert "past the end" in problems["articles[3]"]["reason"]
    first = Article.objects.get(external_id="sana-1", version=1)
    assert report["repeats"] == [{"item": "articles[1]", "line": None, "duplicate_of": first.pk}]
    batch = manager.get(f"batches/{report['id']}/").json()
    assert {name: batch[name] for name in report} == report
    assert (batch["state"], batch["percent"], batch["items"]) == ("finished", 100, 7)


def test_a_duplicate_within_the_list_names_the_one_before(corpus, manager):
    report = manager.post("articles/?corpus=desk", [{"text": "One."}, {"text": "One."}]).json()
    assert (report["added"], report["duplicates"]) == (1, 1)
    article = Article.objects.get()
    assert report["repeats"] == [{"item": "articles[1]", "line": None, "duplicate_of": article.pk}]


def test_what_can_be_read_off_the_text_stands_in_the_detail(corpus, manager):
    text = "TEHRAN, Aug. 8 (MNA) -- Zarif arrived.\nRead more: Assad in Moscow\n"
    record = {"text": text, "url": "https://example.org/2016/08/08/zarif", "metadata": {"author": "Sara Ahmadi"}}
    article = manager.post("articles/?corpus=desk", record).json()
    assert article["dateline"] == {"place": "TEHRAN", "date": "Aug. 8", "agency": "MNA"}
    assert (article["published_on"], article["published_precision"]) == ("2016-08-08", "day")
    assert article["published_evidence"]["kind"] in ("url", "dateline")
    assert (article["author"], article["direction"], article["copies"]) == ("Sara Ahmadi", "ltr", None)
    assert article["original"]["form"] == "json" and article["original"]["size"] > len(text)
    assert [zone["kind"] for zone in article["zones"]] == ["dateline", "chrome"]


def test_right_to_left_articles_say_so(corpus, manager):
    article = manager.post("articles/?corpus=desk", {"text": "وزیر خارجه ایران وارد دمشق شد.", "language": "fa"}).json()
    assert article["direction"] == "rtl"


def test_a_failed_item_is_tried_again_when_what_was_wrong_is_mended(corpus, manager):
    report = manager.post("articles/?corpus=desk", [{"text": "Latakia", "spans": [[0, 7, "PORT"]]}, {"text": ""}])
    document = refusal(report, 400)
    labelled, empty = document["problems"]
    assert (labelled["retryable"], empty["retryable"]) == (True, False)
    again = manager.post(f"problems/{labelled['id']}/retry/")
    assert (again.status_code, again.json()["came_in"], again.json()["field"]) == (200, False, "spans[0].label")
    manager.post("corpora/desk/labels/", {"name": "PORT"})
    assert manager.post(f"problems/{labelled['id']}/retry/").json()["came_in"] is True
    assert Article.objects.get().text == "Latakia"
    batch = manager.get(f"batches/{document['id']}/").json()
    assert (batch["added"], batch["failed"], [problem["id"] for problem in batch["problems"]]) == (1, 1, [empty["id"]])
    refusal(manager.post(f"problems/{labelled['id']}/retry/"), 409)
    refusal(manager.post(f"problems/{empty['id']}/retry/"), 409)


def test_what_an_import_says_of_its_items_comes_page_by_page(corpus, manager):
    records = [{"text": f"Article {number}."} for number in range(3)]
    bad = [{"text": "Bad", "spans": [[0, 9, "ORG"]]}, {"text": ""}]
    path = f"batches/{manager.post('articles/?corpus=desk', [*records, *records, *bad]).json()['id']}/problems/"
    first = manager.get(path, limit=2).json()
    rest = manager.get(first["next"].removeprefix("http://testserver/api/v1/")).json()
    rows = manager.get(path).json()["results"]
    assert first["results"] == rows[:2] and rest["results"] == rows[2:4] and rest["next"] and len(rows) == 5
    failed, duplicates = (manager.get(path, kind=kind).json()["results"] for kind in ("failed", "duplicate"))
    assert [(row["item"], row["field"]) for row in failed] == [("articles[6]", "spans[0].end"), ("articles[7]", "text")]
    assert [row["duplicate_of"] for row in duplicates] == list(
        Article.objects.order_by("pk").values_list("pk", flat=True)
    )
    assert not any(row["retryable"] or row["came_in"] for row in duplicates)
    refusal(manager.get(path, kind="odd"), 400, "kind")


def test_a_list_of_duplicates_is_200_and_one_of_failures_400(corpus, manager):
    assert manager.post("articles/?corpus=desk", [RECORD]).status_code == 201
    assert manager.post("articles/?corpus=desk", [RECORD, RECORD]).json()["duplicates"] == 2
    document = refusal(manager.post("articles/?corpus=desk", [{"text": ""}, {}]), 400)
    assert (document["failed"], [problem["field"] for problem in document["problems"]]) == (2, ["text", "text"])


def test_only_managers_import(corpus, editor, reader):
    for client in (editor, reader):
        refusal(client.post("articles/?corpus=desk", RECORD), 403)
        refusal(client.post("articles/?corpus=desk", [RECORD]), 403)
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize(
    ("path", "body", "status"),
    [
        ("articles/", RECORD, 400),
        ("articles/?corpus=nosuch", RECORD, 404),
        ("articles/?corpus=desk", [], 400),
        ("articles/?corpus=desk", {"articles": {}}, 400),
        ("articles/?corpus=desk", {"corpus": "other", "articles": [RECORD]}, 400),
        ("articles/?corpus=desk", {"articles": [RECORD], "text": "x"}, 400),
        ("articles/?corpus=desk&add_labels=maybe", RECORD, 400),
    ],
)
def test_the_corpus_and_the_options_are_named_plainly(corpus, manager, path, body, status):
    refusal(manager.post(path, body), status)
    assert not Article.objects.exists()
