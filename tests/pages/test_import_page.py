"""Import by the browser, and the page that says what came of it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from annotations.review.actions.labels import add_label
from annotations.suggestions.models import RunItem
from corpusapp.articles.models import Article, ImportBatch
from tests import factories


@pytest.fixture
def address(corpus):
    return reverse("import", args=[corpus.slug])


def files(*named):
    return [SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()) for name, text in named]


@pytest.fixture
def bring(address, corpus, visitors):
    """Send files as the manager and work them off; returns the batch and the address of its page."""

    def send(*named, work=True, **values):
        answer = visitors["manager"].post(address, {"files": files(*named), **values})
        batch = ImportBatch.objects.get()
        assert answer.status_code == 303
        assert answer["Location"] == reverse("import-batch", args=[corpus.slug, batch.pk])
        return factories.work_off(batch) if work else batch, answer["Location"]

    return send


def test_an_upload_waits_for_a_worker_and_its_page_follows(bring, visitors):
    batch, page = bring(("a.txt", "A text."), ("b.txt", "Another text."), work=False)
    assert (batch.origin, batch.state, batch.added) == ("form", "waiting", 0)
    waiting = visitors["reader"].get(page).content.decode()
    assert "Waiting for a worker" in waiting
    assert 'http-equiv="refresh"' in waiting and "data-poll" in waiting
    ImportBatch.objects.update(state="running", items=1, read_bytes=5)
    reading = visitors["reader"].get(page).content.decode()
    assert f"Importing: {500 // batch.total_bytes} % of" in reading
    ImportBatch.objects.update(state="waiting", items=0)
    factories.work_off(batch)
    RunItem.objects.update(state=RunItem.State.DONE)
    finished = visitors["reader"].get(page).content.decode()
    assert "Finished: 2 items read." in finished
    assert "data-poll" not in finished and "http-equiv" not in finished


def test_files_come_in_and_what_fails_is_named(bring, visitors):
    lines = [json.dumps({"text": "One.", "source": "IRNA"}), "{broken", json.dumps({"text": "Two."})]
    named = ("a.txt", "A text\r\nof two lines."), ("b.jsonl", "\n".join(lines)), ("c.bin", b"\0\1\2" * 99)
    batch, address = bring(*named, source="SANA")
    assert (batch.added, batch.failed) == (3, 2)
    assert dict(Article.objects.values_list("text", "source__name")) == {
        "A text\nof two lines.": "SANA", "One.": "IRNA", "Two.": "SANA",
    }  # fmt: skip
    page = visitors["reader"].get(address).content.decode()
    for words in ("b.jsonl</td>", ">2</td>", "c.bin", "0 of 3 articles processed"):
        assert words in page
    assert "Try again" not in page
    assert "Try all again" in visitors["manager"].get(address).content.decode()


def test_unusual_columns_are_named(bring):
    batch, _ = bring(("a.csv", "Volltext,Kopf\nIt rained.,Rain\n"), columns="Volltext = text\n\nKopf=title")
    assert batch.failed == 0
    assert Article.objects.values_list("text", "title").get() == ("It rained.", "Rain")


@pytest.mark.parametrize(
    ("columns", "sentence"),
    [("Volltext", "is not a mapping"), ("a = text\na = title", "is listed twice"), ("a = body", "cannot become")],
)
def test_columns_that_cannot_be(address, visitors, columns, sentence):
    answer = visitors["manager"].post(address, {"files": files(("a.csv", "a\nb\n")), "columns": columns})
    assert answer.status_code == 400
    assert sentence in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_an_upload_over_the_limit_is_refused_whole(address, visitors, settings):
    settings.IMPORT_MAX_UPLOAD_BYTES = 10
    answer = visitors["manager"].post(address, {"files": files(("a.txt", "x" * 11))})
    assert answer.status_code == 400
    assert "more than 10 bytes" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_full_disk_refuses_the_upload_whole(address, visitors, settings, tmp_path):
    # A folder that is not there fails as a full one does: by an OSError where the file is begun.
    settings.FILE_UPLOAD_TEMP_DIR = str(tmp_path / "gone")
    settings.DEBUG = False
    small, large = ("a.txt", "A text."), ("b.txt", "x" * (settings.FILE_UPLOAD_MAX_MEMORY_SIZE + 1))
    answer = visitors["manager"].post(address, {"files": files(small, large)})
    assert answer.status_code == 507
    assert "nothing was imported" in answer.content.decode()
    assert not ImportBatch.objects.exists()


def test_a_duplicate_leads_to_what_it_repeats(bring, corpus, visitors):
    there = factories.make_article(corpus, "It rained in Homs.", title="Rain in <Homs>")
    ImportBatch.objects.exclude(pk=there.batch_id).delete()
    page = visitors["manager"].post(
        reverse("import", args=[corpus.slug]), {"files": files(("a.txt", "It rained  in Homs.\n"))}
    )
    batch = factories.work_off()
    assert (batch.added, batch.duplicates) == (0, 1)
    html = visitors["reader"].get(page["Location"]).content.decode()
    assert f'<a href="{reverse("article", args=[corpus.slug, there.pk])}" dir="auto">Rain in &lt;Homs&gt;</a>' in html
    Article.objects.update(withdrawn_at="2026-01-01T00:00Z")
    assert "(withdrawn)" in visitors["reader"].get(page["Location"]).content.decode()


MARS = json.dumps({"text": "Mars is far.", "spans": [[0, 4, "PLANET"]]})


def test_what_failed_is_tried_again(bring, corpus, visitors):
    batch, page = bring(("a.jsonl", MARS))
    problem = batch.problems.get(kind="failed")
    assert "no label" in visitors["manager"].get(page).content.decode()
    again = reverse("import-retry", args=[corpus.slug, batch.pk, problem.pk])
    failed = visitors["manager"].post(again, follow=True).content.decode()
    assert "a.jsonl failed again: " in failed
    add_label(user=factories.make_superuser(), corpus=corpus, name="PLANET", definition="A planet", family="places")
    done = visitors["manager"].post(again, follow=True).content.decode()
    assert "a.jsonl is imported." in done
    assert "Failed items" not in done
    batch.refresh_from_db()
    assert (batch.added, batch.failed) == (1, 0)
    assert visitors["manager"].post(again).status_code == 409


def test_all_that_failed_is_tried_again(bring, corpus, visitors):
    batch, _ = bring(("a.jsonl", MARS + "\n" + MARS.replace("Mars", "Moon") + "\n{broken\n"))
    assert batch.failed == 3
    add_label(user=factories.make_superuser(), corpus=corpus, name="PLANET", definition="A planet", family="places")
    again = reverse("import-retry-all", args=[corpus.slug, batch.pk])
    page = visitors["manager"].post(again, follow=True).content.decode()
    assert "Tried again: 2 imported, 1 failed." in page
    assert corpus.articles.count() == 2


@pytest.mark.parametrize(("who", "status"), [("stranger", 404), ("reader", 403), ("editor", 403)])
def test_only_managers_try_again(bring, corpus, visitors, who, status):
    batch, _ = bring(("a.jsonl", MARS))
    problem = batch.problems.get(kind="failed")
    for address in (
        reverse("import-retry", args=[corpus.slug, batch.pk, problem.pk]),
        reverse("import-retry-all", args=[corpus.slug, batch.pk]),
    ):
        assert visitors[who].post(address).status_code == status
        assert visitors[who].get(address).status_code in (404, 403, 405)


def test_a_problem_of_another_import_is_not_found(bring, corpus, visitors):
    batch, _ = bring(("a.jsonl", MARS))
    other = factories.make_article(factories.make_corpus("beside"), "Beside.").batch
    problem = other.problems.create(item="x", reason="y")
    assert visitors["manager"].post(
        reverse("import-retry", args=[corpus.slug, batch.pk, problem.pk])
    ).status_code == 404  # fmt: skip


def test_suggestions_that_failed_say_why(bring, visitors):
    _, address = bring(("a.txt", "A text."))
    RunItem.objects.update(state=RunItem.State.FAILED, error="the pipeline is <b>missing</b>")
    page = visitors["reader"].get(address).content.decode()
    assert "data-poll" not in page
    assert "http-equiv" not in page
    assert "the pipeline is &lt;b&gt;missing&lt;/b&gt;" in page


def test_a_fixed_number_of_queries(bring, visitors):
    batch, address = bring(("a.jsonl", MARS), ("b.txt", "A text."))
    with CaptureQueriesContext(connection) as few:
        visitors["manager"].get(address)
    article = Article.objects.get()
    for number in range(9):
        batch.problems.create(item=f"{number}.txt", reason="not so", kind=("failed", "duplicate", "note")[number % 3],
                              article=article if number % 3 == 1 else None)  # fmt: skip
    with CaptureQueriesContext(connection) as many:
        visitors["manager"].get(address)
    assert len(many) == len(few)


def test_no_suggestions_where_none_are_wanted(bring):
    bring(("a.txt", "A text."), no_suggestions="on")
    assert not RunItem.objects.exists()


@pytest.mark.parametrize(("add_labels", "added"), [({}, 0), ({"add_labels": "on"}, 1)])
def test_unknown_labels(address, corpus, visitors, add_labels, added):
    line = json.dumps({"text": "Mars is far.", "spans": [[0, 4, "PLANET"]]})
    visitors["manager"].post(address, {"files": files(("a.jsonl", line)), **add_labels})
    factories.work_off()
    assert corpus.articles.count() == added


def test_without_a_file_the_form_says_so_and_keeps_what_was_typed(address, visitors):
    answer = visitors["manager"].post(address, {"source": "SANA", "add_labels": "on"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "choose at least one file" in page
    assert 'value="SANA"' in page
    assert not ImportBatch.objects.exists()


@pytest.mark.parametrize("who", ["reader", "editor"])
def test_only_managers_import(address, visitors, who):
    assert visitors[who].post(address, {"files": files(("a.txt", "A text."))}).status_code == 403
    assert not ImportBatch.objects.exists()


def test_imports_of_another_corpus_are_not_found(article, visitors):
    other = factories.make_article(factories.make_corpus("beside"), "Beside.")
    own = reverse("import-batch", args=[article.corpus.slug, other.batch_id])
    assert visitors["manager"].get(own).status_code == 404
    assert visitors["manager"].get(reverse("import-batch", args=["beside", other.batch_id])).status_code == 404


def test_an_empty_file_fails_by_its_name(address, corpus, visitors):
    visitors["manager"].post(address, {"files": files(("empty.txt", b""))})
    assert factories.work_off().problems.get().item == "empty.txt"
