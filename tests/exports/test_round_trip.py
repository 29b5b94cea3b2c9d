"""Every format goes out over HTTP, and what can be read again makes an equal corpus in one command."""

import json

import pytest
from django.core.management import CommandError, call_command

from annotations.exports.choices import ABOUT, file_name, is_streamed
from annotations.formats.registry import formats
from corpusapp.articles.models import Article, Corpus
from tests import factories
from tests.api.client import Rest
from tests.exports import cast

STATES = "confirmed,suggested,rejected"
# What each cannot carry; the others bring everything back.
TEXTS_ONLY = {"conll"}


@pytest.fixture
def corpus(db):
    return cast.make_desk()


def over_http(corpus, form) -> bytes:
    """The file of all that there is."""
    reader = Rest(factories.make_member(corpus, "reader"))
    if is_streamed(form):
        response = reader.get(f"corpora/desk/export/?format={form.name}&state={STATES}&chrome=1")
    else:
        address = reader.post(
            "corpora/desk/exports/", {"format": form.name, "state": STATES.split(","), "chrome": True}
        )
        assert address.status_code == 202, address.content
        cast.make_export(export_id=address.json()["id"])
        response = reader.get(address.json()["url"].removeprefix("/api/v1/") + "file/")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == form.media_type
    assert response["Content-Disposition"] == f'attachment; filename="{file_name(form, "desk")}"'
    return b"".join(response.streaming_content)


def test_every_format_is_told_of():
    assert list(ABOUT) == [form.name for form in formats]


@pytest.mark.parametrize("form", formats.written(), ids=lambda form: form.name)
def test_out_over_http_and_in_by_one_command(corpus, form, tmp_path, capsys):
    data = over_http(corpus, form)
    if not form.reads:
        assert len(data) > 200
        return
    path = tmp_path / f"project.{form.extension}"
    path.write_bytes(data)
    call_command("import_project", path, corpus="again", json=True)
    said = json.loads(capsys.readouterr().out)
    assert (said["format"].removesuffix("-tokens"), said["added"], said["failed"], said["made"]) == (
        form.name.removesuffix("-tokens"), 2, 0, True,
    )  # fmt: skip
    again = Corpus.objects.get(slug="again")
    if form.name in TEXTS_ONLY:
        assert [article.text for article in Article.objects.filter(corpus=again).order_by("pk")] == [
            cast.TEXT,
            cast.SHORT,
        ]
        spans = [sorted(span[:3] for span in row[-1]) for row in cast.held(again)]
        assert spans == [[(21, 26, "PERSON"), (37, 56, "EVENT")], [(0, 8, "PERSON")]]
    else:
        # Archives come in by the names of their files: article-10 before article-9.
        assert sorted(cast.held(again), key=str) == sorted(cast.held(corpus), key=str)


def test_offsets_in_utf16_go_out_and_come_back(corpus, tmp_path):
    reader = Rest(factories.make_member(corpus, "reader"))
    response = reader.get(f"corpora/desk/export/?offsets=utf16&state={STATES}&chrome=1")
    assert response["X-Offsets"] == "utf16"
    lines = [json.loads(line) for line in b"".join(response.streaming_content).splitlines()]
    assert {line["offsets"] for line in lines} == {"utf16"}
    for line in lines:
        units = line["text"].encode("utf-16-le")
        for span in line["spans"]:
            assert units[2 * span["start"] : 2 * span["end"]].decode("utf-16-le") == span["text"]
    path = tmp_path / "utf16.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    call_command("import_project", path, corpus="again")
    assert cast.held(Corpus.objects.get(slug="again")) == cast.held(corpus)


def test_labels_of_another_tool_are_made_and_what_has_no_place_is_told(db, tmp_path, capsys):
    lines = [
        {"id": 7, "text": "Zarif met Assad.", "label": [[0, 5, "Head of State"], [10, 15, "PERSON"]], "Comments": []},
        {"id": 8, "text": "Nobody.", "label": [[0, 99, "PERSON"]], "relations": [{"id": 1}]},
        {"id": 9, "label": []},
    ]
    path = tmp_path / "doccano.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines) + "{broken\n")
    call_command("import_project", path, corpus="theirs")
    said = capsys.readouterr().out
    assert "doccano" in said and "2 added" in said and "2 failed" in said
    assert "'Head of State' is called 'Head_of_State' here" in said
    assert "relations between spans have no place here" in said and "there is no text" in said and "line 4" in said
    assert [row[-1] for row in cast.held(Corpus.objects.get(slug="theirs"))] == [
        [(0, 5, "Head_of_State", "confirmed", None), (10, 15, "PERSON", "confirmed", None)],
        [],
    ]


def test_a_folder_of_brat_is_a_project(db, tmp_path, capsys):
    (tmp_path / "annotation.conf").write_text("[entities]\nPERSON\n")
    (tmp_path / "one.txt").write_text("Zarif met Assad.")
    (tmp_path / "one.ann").write_text("T1\tPERSON 0 5\tZarif\n")
    call_command("import_project", tmp_path, corpus="theirs")
    assert "brat" in capsys.readouterr().out
    assert [row[-1] for row in cast.held(Corpus.objects.get(slug="theirs"))] == [[(0, 5, "PERSON", "confirmed", None)]]


@pytest.mark.parametrize(
    ("content", "options", "reason"),
    [
        (b"just words\n", {}, "cannot be told what"),
        (b"[]", {"format": "label-studio"}, "holds no article"),
        (b"{}", {"corpus": "No Slug"}, "cannot be a corpus's slug"),
    ],
)
def test_what_is_no_project_makes_no_corpus(db, tmp_path, content, options, reason):
    path = tmp_path / "file.bin"
    path.write_bytes(content if content != b"{}" else b'{"text": "Zarif."}')
    with pytest.raises(CommandError, match=reason):
        call_command("import_project", path, **{"corpus": "theirs", **options})
    assert not Corpus.objects.exists()
    with pytest.raises(CommandError, match="cannot be read"):
        call_command("import_project", tmp_path / "absent", corpus="theirs")
