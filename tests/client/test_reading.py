"""Lists, articles, exports and releases, as a program reads them."""

import gzip
import hashlib
import json
import warnings

import pytest

from corpusapp.client import (
    BrokenDownload,
    Gone,
    Invalid,
    JobFailed,
    LeftOutWarning,
    NotFound,
    Unauthenticated,
    Unreachable,
    export,
)
from corpusapp.client.downloads import lines_of
from tests.client.articles import articles
from tests.client.desk import BreakingLine


@pytest.fixture
def filled(corpus):
    """Of 230 articles, 220 are done."""
    assert corpus.add(articles(230), suggest=False).added == 230
    assert corpus.finish(external_ids=[f"a-{number}" for number in range(220)]).applied == 220
    return corpus


def test_lists_are_read_to_their_end(desk, filled):
    assert filled.slug in [one.slug for one in desk.client().corpora()]
    assert len({row["id"] for row in filled.articles()}) == 230
    assert {row["stage"] for row in filled.articles(stage="done", fields="stage")} == {"done"}
    assert len(list(filled.spans(label="PERSON", state="confirmed"))) == 230
    assert "PERSON" in [label["name"] for label in filled.labels()]
    assert filled.record()["slug"] == filled.slug


def test_an_article_by_the_name_that_its_owner_gave_it(filled):
    article = filled.article(external_id="a-7")
    assert article["title"] == "Visit 7" and article["spans"][0]["text"] == "Zarif"
    assert filled.article(article["id"]) == article
    with pytest.raises(NotFound, match="a-999"):
        filled.article(external_id="a-999")
    with pytest.raises(ValueError, match="name one article"):
        filled.article()


def test_an_export_is_iterated_over_and_says_what_was_left_out(filled):
    reviewed = filled.export()
    lines = list(reviewed)
    assert len(lines) == 220 and reviewed.left_out_articles == 10
    assert all(line["text"][span["start"] : span["end"]] == span["text"] for line in lines for span in line["spans"])
    assert reviewed.report()["written"]["articles"] == 220
    assert len(list(filled.export(stage="any"))) == 230
    assert [line["spans"] for line in filled.export(label=["ORG"])] == [[]] * 220


def test_files_of_every_kind_are_saved_whole(filled, tmp_path):
    saved = filled.export("jsonl").save(tmp_path / "a.jsonl")
    assert len(saved.read_text().splitlines()) == 220
    made = filled.export("conll", label=["PERSON"])
    path = made.save(tmp_path / "a.conll")
    assert made.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert path.read_text().count("B-PERSON") == 220 and made.left_out_articles == 10
    assert len(list(filled.export("jsonl-tokens"))) == 220
    assert [one.name for one in tmp_path.iterdir()] != [] and not list(tmp_path.glob(".*"))


def test_what_fails_leaves_the_earlier_file(filled, tmp_path):
    path = tmp_path / "a.conll"
    path.write_text("before")
    filled.decide([{"external_id": "a-225", "verb": "add", "start": 0, "end": 17, "label": "ORG"}])
    with pytest.raises(JobFailed, match=r"refused|failed|left out"):
        filled.export("conll", strict=True, stage="any").save(path)
    with pytest.raises(Invalid, match="no label"):
        filled.export("conll", label=["NOBODY"]).save(path)
    with pytest.raises(Invalid, match="format"):
        filled.export("clay").save(path)
    with pytest.raises(ValueError, match="no lines"):
        next(iter(filled.export("conll")))
    assert path.read_text() == "before" and [one.name for one in tmp_path.iterdir()] == ["a.conll"]


def test_tables_and_documents_of_other_libraries(filled):
    with pytest.warns(LeftOutWarning, match="10 articles are not done") as warned:
        frame = filled.to_pandas()
    assert {one.filename for one in warned if one.category is LeftOutWarning} == {__file__}
    assert len(frame) == 220 and frame.attrs["left_out_articles"] == 10
    assert frame.loc[0, "text"][slice(frame.loc[0, "spans"][0]["start"], frame.loc[0, "spans"][0]["end"])] == "Zarif"
    with warnings.catch_warnings(action="error"):
        spans = filled.to_pandas(rows="spans", stage="any")
    assert set(spans["text"]) == {"Zarif"} and len(spans) == 230 and spans["article"].is_unique
    with pytest.raises(ValueError, match="articles or spans"):
        filled.to_pandas(rows="words")
    with pytest.warns(LeftOutWarning):
        dataset = filled.to_datasets()
    assert dataset.num_rows == 220 and dataset[0]["spans"][0]["label"] == "PERSON"
    import spacy

    with pytest.warns(LeftOutWarning):
        docs = filled.to_spacy(spacy.blank("en").vocab)
    assert [[(entity.text, entity.label_) for entity in doc.ents] for doc in docs] == [[("Zarif", "PERSON")]] * 220


def test_a_missing_library_is_named_with_its_extra(filled, monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(ImportError, match=r"corpusapp-client\[pandas\]"):
        filled.to_pandas()


def test_releases(filled, tmp_path):
    first = filled.make_release("May")
    filled.finish(external_ids=["a-220"])
    second = filled.make_release("June", notes="One more.")
    assert [one.number for one in filled.releases()] == [2, 1]
    path = filled.release(1).download(tmp_path / "may.jsonl.gz")
    assert hashlib.sha256(path.read_bytes()).hexdigest() == first.record["sha256"]
    lines = [json.loads(line) for line in gzip.decompress(path.read_bytes()).splitlines()]
    assert list(first) == lines and len(lines) == 220
    parts = second.splits()
    assert sum(len(list(part)) for part in parts.values()) == 221
    assert {line["split"] for line in parts["train"]} == {"train"} and len(list(second.export(part="dev"))) > 5
    assert first.compare(second)["articles"] == {"added": 1, "changed": 0, "removed": 0}
    assert [one["article"]["external_id"] for one in first.differences(2)] == ["a-220"]
    assert second.manifest["counts"]["articles"] == 221
    with pytest.raises(NotFound):
        filled.release(3)


def test_a_broken_stream_gives_each_article_once(desk, filled, tmp_path):
    size = len(filled.export().save(tmp_path / "whole").read_bytes())
    for read in (
        lambda export: [line["external_id"] for line in export],
        lambda export: list(export.to_pandas()["external_id"]),
        lambda export: [json.loads(line)["external_id"] for line in export.save(tmp_path / "b").open()],
    ):
        line = BreakingLine(desk.port, size // 2, size // 3)
        with warnings.catch_warnings(action="ignore", category=LeftOutWarning):
            found = read(desk.client(line.url).corpus(filled.slug).export())
        assert line.is_whole and found == [f"a-{number}" for number in range(220)]
        line.close()


def test_a_stream_that_always_breaks_is_given_up(desk, filled, tmp_path):
    line = BreakingLine(desk.port, *[5000] * 20)
    with pytest.raises(BrokenDownload, match="broke off"):
        desk.client(line.url).corpus(filled.slug).export().save(tmp_path / "a.jsonl")
    assert not list(tmp_path.iterdir())
    line.close()


def test_a_broken_download_goes_on_where_it_was(desk, filled, tmp_path):
    size = len(filled.export("jsonl-tokens").save(tmp_path / "whole").read_bytes())
    line = BreakingLine(desk.port, size // 2, size // 3)
    made = desk.client(line.url).corpus(filled.slug).export("jsonl-tokens")
    path = made.save(tmp_path / "a.jsonl")
    assert line.is_whole and path.read_bytes() == (tmp_path / "whole").read_bytes()
    assert b"".join(line.requests).lower().count(b"range: bytes=") == 2
    line.close()


def test_other_bytes_than_those_of_the_release_are_refused(filled, tmp_path):
    filled.make_release("May")
    release = filled.release(1)
    release.record["sha256"] = "0" * 64
    with pytest.raises(BrokenDownload, match="SHA-256"):
        release.download(tmp_path / "may.jsonl.gz")
    assert not list(tmp_path.iterdir())


def test_refusals_are_errors_of_their_kind(desk, corpus):
    from corpusapp.client import Desk

    with pytest.raises(Unauthenticated, match=r"Bearer|token") as refused:
        list(Desk(desk.url, "cap_wrong").corpora())
    assert refused.value.status == 401
    with pytest.raises(NotFound) as refused:
        desk.client().corpus("nowhere").record()
    assert (refused.value.type, refused.value.status) == ("not-found", 404)
    with pytest.raises(Gone):
        desk.client().get("changes/", after="0f2f6c0e-7b0b-4f0e-9a55-6f8f0f1b6c1d")
    with pytest.raises(Invalid) as refused:
        list(corpus.articles(colour="red"))
    assert refused.value.field == "colour"
    with pytest.raises(Unreachable):
        Desk("http://127.0.0.1:9/", "token", patience=0.5).get("corpora/")


def test_the_desk_and_its_token_are_read_from_the_environment(desk, monkeypatch):
    from corpusapp.client import Desk

    for name in ("CORPUSAPP_URL", "CORPUSAPP_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(ValueError, match="CORPUSAPP_URL"):
        Desk()
    monkeypatch.setenv("CORPUSAPP_URL", desk.url)
    with pytest.raises(ValueError, match="CORPUSAPP_TOKEN"):
        Desk()
    monkeypatch.setenv("CORPUSAPP_TOKEN", desk.token)
    with Desk() as one:
        assert desk.token not in repr(one)
        assert list(one.corpora())
    with pytest.raises(ValueError, match="not the address"):
        Desk("desk.example", "token")


def test_lines_are_cut_at_their_ends_wherever_the_pieces_end():
    data = b'{"a": 1}\n\n{"b": 2}\n{"c": 3}'
    for size in range(1, len(data) + 1):
        pieces = [data[at : at + size] for at in range(0, len(data), size)]
        assert list(lines_of(iter(pieces))) == [b'{"a": 1}', b'{"b": 2}', b'{"c": 3}']


def test_a_list_of_filters_goes_into_a_body_as_a_list():
    chosen = {"state": "confirmed,rejected", "stage": ["any"], "source": "SANA", "strict": True, "label": None}
    made = export.Export(None, "corpora/desk/", "conll", chosen)
    filter = {"state": ["confirmed", "rejected"], "stage": ["any"], "source": "SANA"}
    assert made._body() == {"format": "conll", "strict": True, "filter": filter}
