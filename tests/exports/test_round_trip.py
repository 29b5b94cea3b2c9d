"""Every format is exported over HTTP, and those that can be read import into an equal corpus."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command

from annotations.exports.actions.import_project import import_project
from annotations.exports.format_choices import ABOUT, file_name, is_streamed
from annotations.exports.queries.records import export_records
from annotations.exports.selection import Selection
from annotations.formats.registry import formats
from annotations.review.models import Decision, Review, Span
from corpusapp.articles.actions.corpora import discard_corpus
from corpusapp.articles.models import Article, Corpus, ImportProblem
from corpusapp.core.errors import Conflict
from tests import factories
from tests.api.client import Rest
from tests.exports import cast

STATES = "confirmed,suggested,rejected"
# What each format loses; the others preserve everything.
TEXTS_ONLY = {"conll"}


@pytest.fixture
def corpus(db):
    corpus = cast.make_desk()
    cast.finish_all(corpus)
    return corpus


def over_http(corpus, form) -> bytes:
    """The file of the complete corpus."""
    reader = Rest(factories.make_member(corpus, "reader"))
    if is_streamed(form):
        response = reader.get(f"corpora/desk/export/?format={form.name}&state={STATES}&chrome=1")
    else:
        address = reader.post(
            "corpora/desk/exports/",
            {"format": form.name, "filter": {"state": STATES.split(","), "chrome": True}},
        )
        assert address.status_code == 202, address.content
        cast.make_export(export_id=address.json()["id"])
        response = reader.get(address.json()["url"] + "file/")
    assert response.status_code == 200, response.content
    assert response["Content-Type"] == form.media_type
    assert response["Content-Disposition"] == f'attachment; filename="{file_name(form, "desk")}"'
    return b"".join(response.streaming_content)


def test_every_format_is_told_of():
    assert list(ABOUT) == [form.name for form in formats.written()]


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
        # Archives are read by the names of their files: article-10 before article-9.
        assert sorted(cast.held(again), key=str) == sorted(cast.held(corpus), key=str)
        # The stage is imported: the importer finishes done articles with undecided suggestions, and can undo that.
        finished = Decision.objects.filter(corpus=again, verb="finish").values_list("user__username", flat=True)
        assert list(finished) == ["command-line", "command-line"]
        assert set(Review.objects.filter(corpus=again).values_list("stage", flat=True)) == {"done"}


def test_imported_gold_can_come_in_as_done(db, tmp_path):
    """Completely imported and decided articles are done; those with unsure, suggested or lost spans stay open."""
    lines = [
        {"id": 1, "text": "Zarif met Assad.", "label": [[0, 5, "PERSON"]], "relations": [{"id": 1}]},
        {"id": 2, "text": "Nobody was named.", "label": []},
        {"id": 3, "text": "Assad left.", "label": [[0, 99, "PERSON"]]},
        {"id": 4, "text": "Zarif left.", "label": [[0, 5, "PERSON"]], "corpusapp": {"stage": "in_review"}},
    ]
    path = tmp_path / "gold.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    call_command("import_project", path, corpus="open", format="doccano")
    assert not Review.objects.filter(stage="done").exists()
    call_command("import_project", path, corpus="gold", format="doccano", done=True)
    reviews = Review.objects.filter(corpus__slug="gold").order_by("article_id")
    assert [(review.stage, review.done_by and review.done_by.username) for review in reviews] == [
        ("done", "command-line"),
        ("done", "command-line"),
        ("new", None),
        ("new", None),
    ]
    reported = ImportProblem.objects.filter(batch__corpus__slug="gold", reason__startswith="not marked done")
    assert reported.count() == 2
    exported = list(export_records(Corpus.objects.get(slug="gold"), Selection()))
    assert [record.text for record in exported] == ["Zarif met Assad.", "Nobody was named."]


def test_what_nobody_has_annotated_does_not_come_in_as_done(db, tmp_path):
    text = "Zarif met Assad."
    regions = {"from_name": "l", "to_name": "text", "type": "labels"}
    value = {"start": 0, "end": 5, "text": "Zarif", "labels": ["PERSON"]}
    tasks = [
        {"id": 1, "data": {"text": text}, "annotations": [{"result": [{**regions, "value": value}]}]},
        {"id": 2, "data": {"text": "Seen."}, "annotations": [{"result": []}]},
        {"id": 3, "data": {"text": "Not seen."}, "annotations": []},
        {"id": 4, "data": {"text": "Passed over."}, "annotations": [{"result": [], "was_cancelled": True}]},
    ]
    (tmp_path / "tasks.json").write_text(json.dumps(tasks))
    brat = {"a.txt": text, "a.ann": "T1\tPERSON 0 5\tZarif\n", "b.txt": "Seen.", "b.ann": "", "c.txt": "Not seen."}
    seen = {
        "admin.jsonl": {"id": 1, "text": text, "label": [[0, 5, "PERSON"]]},
        "ana.jsonl": {"id": 2, "text": "Seen.", "label": []},
    }
    doccano = {**seen, "unknown.jsonl": {"id": 3, "text": "Not seen.", "label": []}}
    packed(tmp_path / "brat.zip", brat)
    packed(tmp_path / "doccano.zip", {name: json.dumps(line) for name, line in doccano.items()})
    for name in ("tasks.json", "brat.zip", "doccano.zip"):
        corpus = name.partition(".")[0]
        call_command("import_project", tmp_path / name, corpus=corpus, done=True)
        done = Review.objects.filter(corpus__slug=corpus, stage="done").values_list("article__text", flat=True)
        assert set(done) == {text, "Seen."}, name


def packed(path, members):
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in members.items():
            archive.writestr(name, content)


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


def test_an_encoding_is_named_or_detected_and_noted(db, tmp_path, capsys):
    path = tmp_path / "eng.conll"
    path.write_bytes("Jürgen I-PER\ngrüßt O\nMünchen I-LOC\n".encode("latin-1"))
    call_command("import_project", path, corpus="theirs")
    assert "the encoding was detected: cp1252" in capsys.readouterr().out
    path.write_bytes("Wójcik B-PER\n".encode("cp852"))
    call_command("import_project", path, corpus="theirs", encoding="IBM852")
    assert set(Article.objects.values_list("text", flat=True)) == {"Jürgen grüßt München", "Wójcik"}
    with pytest.raises(CommandError, match="the encoding 'klingon' is unknown"):
        call_command("import_project", path, corpus="more", encoding="klingon")
    path.write_text('{"text": "Weil", "label": [[0, 4, "PER"]]}')
    with pytest.raises(CommandError, match="doccano JSONL is UTF-8, or says what it is"):
        call_command("import_project", path, corpus="more", encoding="cp852")
    assert not Corpus.objects.filter(slug="more").exists()


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
        (b"just words\n", {}, "was not recognized"),
        (b"[]", {"format": "label-studio"}, "contains no articles"),
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


def imported(path, capsys, **options) -> tuple[dict, list]:
    """(output of the command, spans of the new corpus)."""
    call_command("import_project", path, corpus="theirs", json=True, **options)
    said = json.loads(capsys.readouterr().out)
    return said, [row[-1] for row in cast.held(Corpus.objects.get(slug="theirs"))]


def test_what_a_guess_moved_is_suggested_by_the_import(db, tmp_path, capsys):
    (tmp_path / "one.txt").write_text("NEWS\nZarif met Assad in Doha.", newline="")
    (tmp_path / "one.ann").write_text("T1\tPERSON 0 5\tZarif\nT2\tPERSON 15 20\tAssad\nT3\tGPE 0 4\tRome\n")
    said, spans = imported(tmp_path, capsys)
    assert spans == [[(5, 10, "PERSON", "suggested", None), (15, 20, "PERSON", "confirmed", None)]]
    moved = Span.objects.get(state="suggested")
    assert moved.pipeline.name == "import"
    assert any("'Rome' do not stand at [0, 4)" in problem for problem in said["problems"])


def test_line_ends_move_with_the_spans(db, tmp_path, capsys):
    (tmp_path / "one.txt").write_bytes("Zarif\r\n😀\r\nmet Assad.".encode())
    (tmp_path / "one.ann").write_text("T1\tPERSON 12 17\tAssad\n")
    said, spans = imported(tmp_path, capsys)
    assert spans == [[(12, 17, "PERSON", "confirmed", None)]]
    assert any("CRLF as one" in problem for problem in said["problems"])


def test_columns_are_named_on_the_command_line(db, tmp_path, capsys):
    path = tmp_path / "own.tsv"
    path.write_text("B-PER\tZarif\nO\tleft\n")
    _, spans = imported(path, capsys, columns=["2=word", "1=tag"])
    assert spans == [[(0, 5, "PER", "confirmed", None)]]
    for columns, reason in ((["2"], "write COLUMN=MEANING"), (["2=text"], "cannot be 'text'")):
        with pytest.raises(CommandError, match=reason):
            call_command("import_project", path, corpus="other", format="conll", columns=columns)
    with pytest.raises(CommandError, match="no columns that could be named"):
        call_command("import_project", path, corpus="other", format="brat", columns=["2=word"])
    assert not Corpus.objects.filter(slug="other").exists()


@pytest.mark.parametrize(
    ("content", "form", "reason"),
    [
        (b'{"id": 1, "label": []}\n' * 12, "doccano", "line 1: text: there is no text(?s:.*)and more of this kind"),
        (b'{"id": 1, "text": "  ", "label": []}\n', "doccano", "the text is empty"),
        (b'[{"id": 1, "data": {"text": "https://example.org/1.txt"}}]', "label-studio", "at https://example.org/1.txt"),
        (b"Der DET\nHund NOUN\n", "conll", "no column holds tags"),
    ],
)
def test_an_import_of_which_nothing_comes_leaves_no_corpus(db, tmp_path, content, form, reason):
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=reason):
        call_command("import_project", path, corpus="theirs", format=form)
    assert not Corpus.objects.exists()


class Breaking(io.BytesIO):
    """A file that cannot be read after its second line."""

    lines = 0

    def readline(self, size: int | None = -1) -> bytes:
        self.lines += 1
        if self.lines > 2:
            raise OSError("the disk is gone")
        return super().readline(size)


def test_an_import_that_breaks_off_leaves_no_empty_corpus(db):
    lines = b'{"id": 1, "text": "Zarif.", "label": []}\n' * 5
    with pytest.raises(OSError, match="the disk is gone"):
        import_project(
            user=factories.make_superuser(), slug="theirs", source=Breaking(lines), name="file", format="doccano"
        )
    assert not Corpus.objects.exists()


def test_a_corpus_with_articles_is_not_discarded(corpus):
    with pytest.raises(Conflict, match="contains articles"):
        discard_corpus(user=factories.make_superuser(), corpus=corpus)
    assert Corpus.objects.filter(pk=corpus.pk).exists()
