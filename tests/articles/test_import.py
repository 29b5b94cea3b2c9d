"""Imports: added articles, duplicates, versions, failures."""

import io
import json
import zipfile

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from annotations.review.models import Change, Decision, Review, Span
from corpusapp.articles import search
from corpusapp.articles.actions import import_articles as importing
from corpusapp.articles.actions.import_articles import import_articles
from corpusapp.articles.models import Article, Corpus, Role
from corpusapp.articles.search import SEARCHED_COLUMNS, VECTOR_SQL, configuration_of, searched
from corpusapp.core.errors import NotAllowed, NotFound
from corpusapp.intake.draft import draft_from_record
from tests import factories

pytestmark = pytest.mark.django_db


def run(*paths, **options):
    out, err = io.StringIO(), io.StringIO()
    call_command("import_articles", *map(str, paths), corpus="desk", json=True, stdout=out, stderr=err, **options)
    return json.loads(out.getvalue())


def write(path, *records):
    path.write_text("\n".join(json.dumps(record) for record in records))
    return path


def test_the_corpus_is_created_with_default_labels(tmp_path):
    counts = run(write(tmp_path / "a.jsonl", {"text": "Zarif"}), no_suggest=True, source="Wire")
    assert counts == {"added": 1, "duplicates": 0, "changed": 0, "failed": 0, "problems": []}
    corpus = Corpus.objects.get(slug="desk")
    assert corpus.labels.count() == 18
    article = corpus.articles.get()
    assert article.source.name == "Wire"
    assert Review.objects.get(article=article).stage == "new"


@pytest.mark.processes
@pytest.mark.parametrize("others", [1, 250])
def test_a_text_that_takes_too_long_to_complete_fails_alone(tmp_path, settings, others):
    """In a single chunk, which is completed in this process, and in one of several."""
    settings.IMPORT_MAX_SECONDS = 4
    rest = [{"text": f"Zarif met {number} ministers."} for number in range(others)]
    counts = run(write(tmp_path / "a.jsonl", {"text": "ab\n" * 900_000}, *rest), no_suggest=True)
    assert (counts["added"], counts["failed"]) == (others, 1)
    (problem,) = counts["problems"]
    assert (problem["item"], problem["line"]) == ("a.jsonl", 1) and "took more than" in problem["reason"]


def test_a_second_import_changes_nothing(tmp_path):
    folder = write(tmp_path / "a.jsonl", {"text": "One"}, {"text": "Two"}, {"text": "One"})
    assert run(folder, no_suggest=True)["added"] == 2
    counts = run(folder, no_suggest=True)
    assert (counts["added"], counts["duplicates"]) == (0, 3)
    assert Article.objects.count() == 2


def test_texts_that_differ_in_line_ends_are_duplicates(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"One\r\nTwo")
    (tmp_path / "b.txt").write_bytes(b"\xef\xbb\xbfOne\nTwo")
    counts = run(tmp_path, no_suggest=True)
    assert (counts["added"], counts["duplicates"], counts["failed"]) == (1, 1, 0)
    assert [problem["item"] for problem in counts["problems"]] == ["b.txt"]
    assert "byte-order mark" in counts["problems"][0]["reason"]


def test_json_output_has_failures_and_notes_without_duplicates(tmp_path):
    lines = write(tmp_path / "a.jsonl", {"text": "One"}, {"text": "One"}, {"text": "Two", "spans": [[0, 9, "ORG"]]})
    counts = run(lines, no_suggest=True)
    assert list(counts) == ["added", "duplicates", "changed", "failed", "problems"]
    (problem,) = counts["problems"]
    assert list(problem) == ["item", "line", "reason"] and (problem["item"], problem["line"]) == ("a.jsonl", 3)
    assert problem["reason"].startswith("spans[0].end: ")


def test_duplicates_are_counted_and_listed_with_their_articles(tmp_path):
    lines = write(tmp_path / "a.jsonl", {"text": "One"}, {"text": "Two"}, {"text": " One "})
    out, err = io.StringIO(), io.StringIO()
    values = {"corpus": "desk", "no_suggest": True, "stdout": out, "stderr": err}
    call_command("import_articles", str(lines), **values, list_duplicates=True)
    assert out.getvalue() == "2 added, 1 duplicates, 0 changed, 0 failed\n"
    first = Article.objects.get(text="One")
    assert f"a.jsonl:3 is a duplicate of article {first.pk}\n" in err.getvalue()
    assert "100%, 2 added, 1 duplicates, 0 failed, " in err.getvalue()


def test_every_form_is_read_and_columns_are_mapped(tmp_path):
    rows = "Schlagzeile,Inhalt,ort\nZarif in Damaskus,Zarif traf Muallem in Damaskus.,Damaskus\n"
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("rows.csv", rows)
        archive.writestr("one.txt", "Zarif left for Tehran.")
    columns = ["Schlagzeile=title", "Inhalt=text", "ort="]
    assert run(tmp_path, no_suggest=True, columns=columns)["added"] == 2
    article = Article.objects.get(title="Zarif in Damaskus")
    assert (article.text, article.metadata["ort"]) == ("Zarif traf Muallem in Damaskus.", "Damaskus")
    assert article.batch.options["columns"] == {"Schlagzeile": "title", "Inhalt": "text", "ort": ""}
    assert article.original.form == "csv"


@pytest.mark.parametrize("columns", [["Inhalt"], ["=text"], ["Inhalt=body"], ["Inhalt=text", "Inhalt=title"]])
def test_columns_that_cannot_be_mapped_are_refused_before_anything_is_read(tmp_path, columns):
    with pytest.raises(CommandError, match="--columns"):
        run(write(tmp_path / "a.jsonl", {"text": "One"}), columns=columns)
    assert not Corpus.objects.exists()


def test_an_encoding_is_named_or_detected_and_noted(tmp_path):
    (tmp_path / "a.txt").write_bytes("Wójcik z Łodzi".encode("cp852"))
    counts = run(tmp_path, no_suggest=True, encoding="cp852")
    assert (counts["added"], counts["problems"]) == (1, [])
    (tmp_path / "a.txt").write_bytes("Wójcik w środę był w Łodzi, a później w Gdańsku".encode("cp1250"))
    (note,) = run(tmp_path, no_suggest=True)["problems"]
    assert "the encoding was detected: cp1250" in note["reason"]
    assert Article.objects.filter(text="Wójcik z Łodzi").exists()
    with pytest.raises(CommandError, match="--encoding: the encoding 'klingon' is unknown: use"):
        run(tmp_path, encoding="klingon")


def test_the_limits_are_settings(tmp_path, settings):
    settings.IMPORT_MAX_TEXT_BYTES = 100
    (tmp_path / "long.txt").write_text("x" * 101)
    (tmp_path / "short.txt").write_text("x" * 100)
    counts = run(tmp_path, no_suggest=True)
    assert (counts["added"], counts["failed"]) == (1, 1)
    assert "more than 100 bytes" in counts["problems"][0]["reason"]


@pytest.mark.parametrize("key", ["external_id", "url"])
def test_another_text_under_the_same_key_is_a_new_version(tmp_path, key):
    first = {"text": "First", key: "k-1"}
    second, third = first | {"text": "Second"}, first | {"text": "Third"}
    run(write(tmp_path / "a.jsonl", first), no_suggest=True)
    counts = run(write(tmp_path / "b.jsonl", second, third), no_suggest=True)
    assert (counts["added"], counts["changed"]) == (2, 2)
    versions = Article.objects.order_by("version")
    assert [(article.text, article.version) for article in versions] == [("First", 1), ("Second", 2), ("Third", 3)]
    assert [article.previous_id for article in versions][1:] == [versions[0].pk, versions[1].pk]


def test_keys_of_different_articles(tmp_path):
    lines = [
        {"text": "One", "external_id": "a", "url": "u1"},
        {"text": "Two", "external_id": "b", "url": "u2"},
        {"text": "Three", "external_id": "a", "url": "u2"},
        {"text": "Four", "external_id": "b", "url": "u1"},
    ]
    counts = run(write(tmp_path / "a.jsonl", *lines), no_suggest=True)
    assert (counts["added"], counts["changed"], counts["failed"]) == (4, 2, 0)


def test_decided_spans_are_decisions_of_the_importing_user(tmp_path):
    spans = [[0, 5, "PERSON"], {"start": 9, "end": 15, "label": "GPE", "state": "rejected"}]
    run(write(tmp_path / "a.jsonl", {"text": "Zarif in Tehran", "spans": spans}), no_suggest=True)
    assert list(Span.objects.values_list("start", "state", "pipeline")) == [
        (0, "confirmed", None),
        (9, "rejected", None),
    ]
    decision = Decision.objects.get()
    assert (decision.verb, decision.user.username) == ("import", "command-line")
    assert list(Change.objects.values_list("after_start", "after_state")) == [(0, "confirmed"), (9, "rejected")]


def test_imported_suggestions_name_the_import_and_are_not_replaced(tmp_path):
    span = {"start": 0, "end": 5, "label": "ORG", "state": "suggested"}
    run(write(tmp_path / "a.jsonl", {"text": "Zarif in Tehran", "spans": [span]}), wait=True)
    assert [(span.label.name, span.state, span.pipeline.name) for span in Span.objects.all()] == [
        ("ORG", "suggested", "import")
    ]


def test_an_unknown_label_fails_unless_labels_may_be_added(tmp_path):
    lines = write(
        tmp_path / "a.jsonl",
        {"text": "Zarif", "spans": [[0, 5, "MINISTER"]]},
        {"text": "Muallem", "spans": [[0, 7, "no name!"]]},
        {"text": "Khamis"},
    )
    counts = run(lines, no_suggest=True)
    assert (counts["added"], counts["failed"]) == (1, 2)
    assert counts["problems"][0]["line"] == 1
    assert counts["problems"][0]["reason"].startswith("spans[0].label: the corpus has no label 'MINISTER'")
    counts = run(lines, no_suggest=True, add_labels=True)
    assert (counts["added"], counts["duplicates"], counts["failed"]) == (1, 1, 1)
    assert Span.objects.get().label.name == "MINISTER"


def test_problems_have_item_and_line_without_a_server_path(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "Good"}\nnot json\n{"text": "abc", "spans": [[2, 1, "ORG"]]}')
    (tmp_path / "b.txt").write_bytes(b"\xff")
    counts = run(tmp_path, no_suggest=True)
    assert (counts["added"], counts["failed"]) == (1, 3)
    assert [(problem["item"], problem["line"]) for problem in counts["problems"]] == [
        ("a.jsonl", 2),
        ("a.jsonl", 3),
        ("b.txt", None),
    ]
    assert str(tmp_path) not in json.dumps(counts)


def test_an_import_with_only_failures_exits_with_an_error(tmp_path):
    with pytest.raises(CommandError, match="nothing was imported"):
        run(tmp_path / "absent.txt")


def test_a_stopped_import_continues_where_it_stopped(monkeypatch):
    corpus, user = factories.make_corpus(), factories.make_superuser()
    monkeypatch.setattr(importing, "CHUNK", 3)
    drafts = [draft_from_record({"text": f"Text {n}"}) for n in range(10)]

    def broken():
        yield from drafts[:7]
        raise KeyboardInterrupt

    values = {"user": user, "corpus": corpus, "origin": "command", "suggest": False}
    with pytest.raises(KeyboardInterrupt):
        import_articles(items=broken(), **values)
    stored = corpus.articles.count()
    assert stored in (0, 3, 6)
    batch = import_articles(items=drafts, **values)
    assert (batch.added, batch.duplicates) == (10 - stored, stored)
    assert corpus.articles.count() == 10


def test_only_managers_import():
    corpus = factories.make_corpus()
    values = {"corpus": corpus, "items": [draft_from_record({"text": "Zarif"})], "origin": "form", "suggest": False}
    with pytest.raises(NotAllowed, match="needs the role manager"):
        import_articles(user=factories.make_member(corpus, Role.EDITOR), **values)
    with pytest.raises(NotFound):
        import_articles(user=factories.make_user("stranger"), **values)
    assert import_articles(user=factories.make_member(corpus, Role.MANAGER), **values).added == 1


def test_a_text_too_large_for_a_search_vector_is_imported():
    corpus = factories.make_corpus()
    text = " ".join(f"word{n}" for n in range(250_000))
    article = factories.make_article(corpus, text)
    assert article.length == len(text)


WRITINGS = [
    ("Zarif visits Damascus", "The minister's visits — and the FBI's re-election — cost €3.50 at https://example.org/a."),
    ("Visite à Damas", "Les ministres français se sont rencontrés à l’aéroport : « Nous étions prêts », ont-ils dit."),
    ("İstanbul'da görüşme", "IŞIK Üniversitesi'nde bakanlar görüştüler ve kararlar aldılar."),
    ("外长访问大马士革", "伊朗外长星期二抵达大马士革，与叙利亚总统会谈。A股大跌，部长们的讨论持续了三个小时。"),
    ("وزیر خارجه در دمشق", "وزیر امور خارجه می‌گوید دیدارها ادامه دارد و گفتگوها سازنده بوده است، دمشق، تهران."),
    ("", ""),
]  # fmt: skip


def long_import(number=250):
    """An import of several chunks, whose articles are completed by child processes."""
    corpus, user = factories.make_corpus("long"), factories.make_superuser()
    records = [
        {"title": title, "text": f"{text} Number {number}.", "external_id": str(number)}
        for number, (title, text) in zip(range(number), WRITINGS * number, strict=False)
    ]
    batch = import_articles(
        user=user, corpus=corpus, items=map(draft_from_record, records), origin="form", suggest=False
    )
    assert (batch.added, batch.failed) == (number, 0)
    return corpus


def stored_vectors(corpus):
    with connection.cursor() as cursor:
        made = f"SELECT a.search_vector::text, {VECTOR_SQL}::text FROM articles_article a JOIN unnest(%s::bigint[]"
        words = ["configuration", *(column.split()[0] for column in SEARCHED_COLUMNS.split(", "))]
        columns = ", ".join(["%s::text[]"] * len(words))
        articles = list(corpus.articles.order_by("pk"))
        values = [
            (name, *searched(article.title, article.text, name))
            for article in articles
            for name in [configuration_of(article.language)]
        ]
        cursor.execute(
            f"{made}, {columns}) AS given (pk, {', '.join(words)}) ON given.pk = a.id ORDER BY a.id",
            [[article.pk for article in articles], *map(list, zip(*values, strict=True))],
        )
        return cursor.fetchall()


@pytest.mark.processes
def test_vectors_made_beside_the_import_are_those_of_the_stored_texts():
    found = stored_vectors(long_import())
    assert len({vector for vector, _ in found}) == len(found) == 250
    assert all(vector == made for vector, made in found)
    assert any("'外长'" in vector for vector, _ in found)


@pytest.mark.processes
def test_an_import_makes_its_vectors_itself_if_they_could_not_be_made_beside_it(monkeypatch):
    monkeypatch.setattr(search, "_VECTORS", "SELECT * FROM no_such_table WHERE %b = %b AND %b = %b AND %b = ''")
    found = stored_vectors(long_import())
    assert all(vector == made for vector, made in found)
