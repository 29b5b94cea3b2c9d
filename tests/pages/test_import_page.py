"""Import by the browser, and the page that says what came of it."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from annotations.suggestions.models import RunItem
from corpusapp.articles.models import Article, ImportBatch
from tests import factories


@pytest.fixture
def address(corpus):
    return reverse("import", args=[corpus.slug])


def files(*named):
    return [SimpleUploadedFile(name, text if isinstance(text, bytes) else text.encode()) for name, text in named]


def test_files_come_in_and_what_fails_is_named(address, corpus, visitors):
    lines = [json.dumps({"text": "One.", "source": "IRNA"}), "{broken", json.dumps({"text": "Two."})]
    named = files(
        ("a.txt", "A text\r\nof two lines."), ("b.jsonl", "\n".join(lines)), ("c.pdf", "x"), ("d.txt", b"\xff")
    )
    answer = visitors["manager"].post(address, {"files": named, "source": "SANA"})
    batch = ImportBatch.objects.get()
    assert answer.status_code == 303
    assert answer["Location"] == reverse("import-batch", args=[corpus.slug, batch.pk])
    assert (batch.origin, batch.added, batch.failed) == ("form", 3, 3)
    assert dict(Article.objects.values_list("text", "source__name")) == {
        "A text\nof two lines.": "SANA", "One.": "IRNA", "Two.": "SANA",
    }  # fmt: skip
    page = visitors["reader"].get(answer["Location"]).content.decode()
    for words in ("<td>b.jsonl</td><td>2</td>", "c.pdf", "d.txt", "not UTF-8", "0 of 3 articles are read"):
        assert words in page
    assert 'http-equiv="refresh"' in page


def test_progress_ends(address, corpus, visitors):
    visitors["manager"].post(address, {"files": files(("a.txt", "A text."))})
    batch = ImportBatch.objects.get()
    RunItem.objects.update(state=RunItem.State.FAILED, error="the pipeline is <b>missing</b>")
    page = visitors["reader"].get(reverse("import-batch", args=[corpus.slug, batch.pk])).content.decode()
    assert "data-poll" not in page
    assert "http-equiv" not in page
    assert "the pipeline is &lt;b&gt;missing&lt;/b&gt;" in page


def test_no_suggestions_where_none_are_wanted(address, visitors):
    visitors["manager"].post(address, {"files": files(("a.txt", "A text.")), "no_suggestions": "on"})
    assert not RunItem.objects.exists()


@pytest.mark.parametrize(("add_labels", "added"), [({}, 0), ({"add_labels": "on"}, 1)])
def test_unknown_labels(address, corpus, visitors, add_labels, added):
    line = json.dumps({"text": "Mars is far.", "spans": [[0, 4, "PLANET"]]})
    visitors["manager"].post(address, {"files": files(("a.jsonl", line)), **add_labels})
    assert corpus.articles.count() == added


def test_without_a_file_the_form_says_so_and_keeps_what_was_typed(address, visitors):
    answer = visitors["manager"].post(address, {"source": "SANA", "add_labels": "on"})
    page = answer.content.decode()
    assert answer.status_code == 400
    assert "choose at least one .txt or .jsonl file" in page
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
    assert ImportBatch.objects.get().problems.get().item == "empty.txt"
