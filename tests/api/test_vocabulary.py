"""Jobs, lists, filters and addresses are the same everywhere; former names answer, and say that they will go."""

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from annotations.exports.actions import make
from annotations.exports.api.filters import STAGES, FilterBody, filter_json, selection_of_body
from annotations.exports.selection import Selection
from annotations.review.models import State
from annotations.suggestions.models import TrainedModel
from corpusapp.articles.models import ImportBatch
from corpusapp.core.api.deprecation import SINCE
from corpusapp.core.api.fields import read
from tests import factories
from tests.api.client import Rest, linked, refusal
from tests.api.test_schema import ROOT
from tests.releases.cast import make as make_release

EXPORTS = "corpora/desk/exports/"


@pytest.fixture
def root(db) -> Rest:
    return Rest(factories.make_superuser())


def test_every_job_says_whether_it_is_done_and_when_to_ask_again(article, corpus, root):
    release = make_release(corpus)
    TrainedModel.objects.create(corpus=corpus, state=TrainedModel.State.TRAINING)
    asked = {
        "import": root.post("articles/?corpus=desk", b'{"text": "One."}', content_type="application/x-ndjson"),
        "run": root.post("corpora/desk/suggest/", {}),
        "export": root.post(EXPORTS, {"format": "conll"}),
        "release": root.post("corpora/desk/releases/", {"filter": {"stage": ["any"]}}),
        "export of a release": root.post("corpora/desk/releases/1/exports/", {"format": "docbin"}),
        "training": root.get(f"corpora/desk/models/{TrainedModel.objects.get().pk}/"),
    }
    for name, answer in asked.items():
        document = answer.json()
        assert answer.status_code < 300, (name, document)
        assert (document["job_state"] in ("waiting", "running"), document["done"]) == (True, False), name
        assert isinstance(document["id"], int) and answer["Retry-After"] == "1", name
    ended = root.get(f"corpora/desk/releases/{release.number}/")
    assert (ended.json()["id"], ended.json()["done"], "Retry-After" in ended) == (release.number, True, False)
    batch = ImportBatch.objects.get(pk=asked["import"].json()["id"])
    cancelled = root.post(f"batches/{batch.pk}/cancel/", {})
    assert (cancelled.json()["job_state"], cancelled.json()["done"], "Retry-After" in cancelled) == (
        "cancelled", True, False,
    )  # fmt: skip
    report = root.post("articles/?corpus=desk", [{"text": "Two."}]).json()
    assert (report["id"], report["done"], report["job_state"]) == (report["batch"], True, "done")


def test_every_list_of_jobs_has_their_ids(article, corpus, root):
    make_release(corpus)
    root.post("articles/?corpus=desk", [{"text": "One."}])
    root.post("corpora/desk/suggest/", {})
    root.post(EXPORTS, {"format": "conll"})
    for path in ("batches/", "runs/", "exports/", "releases/"):
        (row, *_) = root.get(f"corpora/desk/{path}").json()["results"]
        assert row["id"] and row["job_state"] and isinstance(row["done"], bool), path


def test_addresses_are_absolute(article, corpus, root):
    export = root.post(EXPORTS, {"format": "conll"})
    make.make_export(export_id=export.json()["id"])
    done = root.get(export["Location"]).json()
    make_release(corpus), make_release(corpus)
    release = root.get("corpora/desk/releases/1/").json()
    compared = root.get("corpora/desk/releases/1/compare/2/").json()
    stream = root.get("corpora/desk/export/?stage=any")
    list(stream.streaming_content)
    urls = [export["Location"], done["url"], done["file"], done["losses"], release["url"], release["file"]]
    urls += [compared["lines"], linked(stream)["describedby"]]
    for url in urls:
        assert url.startswith("http://testserver/api/v1/") and root.get(url).status_code == 200, url


def test_a_list_names_its_next_page_in_the_header_too(article, reader):
    first = reader.get("spans/", limit=2)
    assert linked(first) == {"next": first.json()["next"]}
    second = reader.get(first.json()["next"])
    assert len(second.json()["results"]) == 1 and "Link" not in second and second.json()["next"] is None


def test_every_list_of_the_schema_has_results_and_next():
    schema = yaml.safe_load((ROOT / "openapi.yaml").read_text())
    bare = [
        path
        for path, verbs in schema["paths"].items()
        for content in verbs.get("get", {"responses": {}})["responses"].get("200", {}).get("content", {}).values()
        if (shape := content.get("schema", {})).get("type") == "array"
        or ("results" in (found := _properties(schema, shape)) and "next" not in found)
    ]
    assert not bare


def _properties(schema: dict, shape: dict) -> dict:
    name = shape.get("$ref", "").rpartition("/")[2]
    return schema["components"]["schemas"][name].get("properties", {}) if name else {}


@settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.fixed_dictionaries(
        {},
        optional={
            "state": st.lists(st.sampled_from(State.values), min_size=1),
            "stage": st.lists(st.sampled_from(STAGES), min_size=1),
            "label": st.lists(st.sampled_from(["PERSON", "ORG"])),
            "source": st.sampled_from(["", "SANA"]),
            "published_from": st.dates().map(str),
            "published_to": st.dates().map(str),
            "updated_since": st.datetimes().map(lambda moment: moment.isoformat()),
            "chrome": st.booleans(),
            "finished_by": st.booleans(),
        },
    )
)
def test_a_filter_that_is_answered_can_be_sent_back(body):
    selection = selection_of_body(read(FilterBody, body))
    answered = filter_json(selection.as_json())
    assert selection_of_body(read(FilterBody, answered)) == selection
    assert selection_of_body(read(FilterBody, filter_json({}))) == Selection(stages=("any",)), "older than `stage`"


def test_filters_of_an_export_come_and_go_by_one_name(article, corpus, root):
    sent = {"state": ["confirmed", "suggested"], "stage": ["any"], "source": "SANA"}
    answer = root.post(EXPORTS, {"format": "conll", "filter": sent})
    assert answer.json()["filter"] == sent and root.get(EXPORTS).json()["results"][0]["filter"] == sent
    made = root.post("corpora/desk/releases/", {"filter": answer.json()["filter"]})
    assert made.json()["filter"] == sent
    refusal(root.post(EXPORTS, {"format": "conll", "filter": {"stat": []}}), 400, "filter")
    refusal(root.post(EXPORTS, {"format": "conll", "filter": {"state": ["x"]}}), 400, "filter.state")
    refusal(root.post(EXPORTS, {"format": "conll", "filter": {"updated_since": "x"}}), 400, "filter.updated_since")
    refusal(root.post(EXPORTS, {"format": "conll", "filter": sent, "source": "IRNA"}), 400, "source")


def test_flat_filters_still_work_and_are_announced_as_deprecated(article, root):
    answer = root.post(EXPORTS, {"format": "conll", "source": "SANA", "stage": ["any"]})
    assert (answer.status_code, answer.json()["filter"]) == (202, {"source": "SANA", "stage": ["any"]})
    assert "source: use filter.source" in answer["Link"] and "stage: use filter.stage" in answer["Link"]
    assert answer["Deprecation"] == f"@{SINCE.timestamp():.0f}"
    assert linked(answer)["deprecation"] == "http://testserver/api/docs/"
    assert "use filter.s" not in root.post(EXPORTS, {"format": "docbin", "filter": {"source": "SANA"}})["Link"]


def test_former_names_answer_with_a_deprecation_header(article, corpus, root):
    make_release(corpus)
    report = root.post("articles/?corpus=desk", [{"text": "One."}])
    run = root.post("corpora/desk/suggest/", {})
    export, release = root.post(EXPORTS, {"format": "conll"}), root.get("corpora/desk/releases/1/")
    for answer, former, name in (
        (report, "batch", "id"), (root.get(f"batches/{report.json()['id']}/"), "batch", "id"), (run, "run", "id"),
        (export, "filters", "filter"), (release, "filters", "filter"),
    ):  # fmt: skip
        assert answer.json()[former] == answer.json()[name]
        assert answer["Deprecation"].startswith("@") and f"{former}: use {name}" in answer["Link"]
    for path in ("batches/", "runs/", "exports/", "releases/"):
        assert "Deprecation" in root.get(f"corpora/desk/{path}"), path
    for path in ("articles/", f"articles/{article.pk}/", "corpora/", "corpora/desk/models/"):
        assert "Deprecation" not in root.get(path), path


def test_each_deprecated_name_is_marked_in_the_schema():
    shapes = yaml.safe_load((ROOT / "openapi.yaml").read_text())["components"]["schemas"]
    marked = {
        (shape, name)
        for shape, about in shapes.items()
        for name, member in about.get("properties", {}).items()
        if member.get("deprecated")
    }
    assert {
        ("ImportReport", "batch"), ("ImportDetail", "state"), ("ImportRow", "batch"), ("Run", "run"),
        ("RunRow", "run"), ("Model", "state"), ("Export", "filters"), ("Release", "filters"),
        ("ReleaseBrief", "state"), ("ExportBody", "source"),
    } <= marked  # fmt: skip
    members = [member for about in shapes.values() for member in about.get("properties", {}).values()]
    assert all(member.get("deprecated") for member in members if "Deprecated:" in member.get("description", ""))
    page = (ROOT / "docs" / "api-versions.md").read_text().partition("## Deprecated now")[2]
    assert not [name for _, name in marked if f"`{name}`" not in page]
