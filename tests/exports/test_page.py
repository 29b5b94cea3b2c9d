"""The page of exports."""

import pytest

from annotations.exports.format_choices import ABOUT
from annotations.exports.models import Export
from annotations.exports.queries import preview
from corpusapp.articles.models import Corpus, Role
from tests import factories
from tests.exports import cast

PAGE = "/corpora/desk/export/"


@pytest.fixture
def corpus(db):
    return cast.make_desk()


@pytest.fixture
def reader(client, corpus):
    client.force_login(factories.make_member(corpus, Role.READER, "reader"))
    return client


def order(client, **fields):
    return client.post(PAGE, {"format": "conll", "state": ["confirmed"], **fields})


def test_it_says_what_each_format_holds_and_cannot(reader):
    page = reader.get(PAGE).text
    for about in ABOUT.values():
        assert about.lacks in page
    assert 'value="jsonl" checked' in page
    assert "No files yet" in page
    assert 'value="done" checked> done <span class="count">0</span>' in page
    assert 'value="any"> any stage <span class="count">2</span>' in page
    assert 'value="parquet" checked' in reader.get(f"{PAGE}?format=parquet").text


def test_from_the_form_to_the_file(reader):
    cast.finish_all(Corpus.objects.get())
    factories.make_article(Corpus.objects.get(), "Not yet.", source="SANA")
    answer = order(reader, label=["PERSON"], source="SANA")
    assert (answer.status_code, answer["Location"]) == (303, f"{PAGE}#made")
    page = reader.get(PAGE).text
    assert "No worker is running" in page and 'data-poll="1500"' in page
    export = Export.objects.get()
    cast.make_export(export_id=export.pk)
    page = reader.get(PAGE).text
    assert "confirmed · articles done · PERSON · from SANA" in page
    assert "1 article left out because of its stage." in page
    assert "Nothing was left out" in page and "data-poll" not in page
    body = b"".join(reader.get(f"/corpora/desk/exports/{export.pk}/file/").streaming_content)
    assert b"B-PERSON" in body and b"Kharrazi" not in body


def test_the_preview_says_what_the_file_will_hold_and_lack(reader, corpus):
    page = order(reader, preview="1", stage=["any"], state=["confirmed", "suggested"], format="docbin")
    assert page.status_code == 200 and not Export.objects.exists()
    assert "The file will contain 2 articles with 4 confirmed spans and 1 suggested span." in page.text
    assert "<li>1 rejected span</li>" in page.text and f"The format cannot hold {ABOUT['docbin'].lacks}" in page.text
    assert 'value="docbin" checked' in page.text
    everything = order(reader, preview="1", stage=["any"], state=["confirmed", "suggested", "rejected"]).text
    assert "Nothing is left out." in everything
    refused = order(reader, preview="1", state=["sure"])
    assert refused.status_code == 400 and "The file will contain" not in refused.text


def test_spans_in_boilerplate_are_counted_as_left_out(reader, corpus):
    article = corpus.articles.get(external_id="e-1")
    factories.suggest(article, (69, 74, "PERSON"))
    chosen = {"preview": "1", "stage": ["any"], "state": ["suggested"]}
    page = order(reader, **chosen).text
    assert "with 0 suggested spans." in page and "<li>1 span in boilerplate</li>" in page
    assert "with 1 suggested span." in order(reader, **chosen, chrome="on").text


def test_too_many_spans_are_not_counted(corpus, monkeypatch):
    monkeypatch.setattr(preview, "MOST_COUNTED", 1)
    found = preview.preview_selection(corpus, cast.ANY)
    assert (found.articles, found.spans, found.counted) == (2, [], False)


def test_losses_stand_on_the_page(reader, corpus):
    cast.finish_all(corpus)
    export = cast.made(corpus, "conll", cast.Selection())
    cast.made(corpus, "conll", cast.Selection(), strict=True)
    page = reader.get(PAGE).text
    assert f'href="/corpora/desk/exports/{export.pk}/losses/"' in page and "field external_id: 2" in page
    assert reader.get(f"/corpora/desk/exports/{export.pk}/losses/").status_code == 200
    assert "1 left out or changed" in page
    assert "e-1 [31, 44) PERSON: overlaps a longer span" in page
    assert "No file.</strong> CoNLL-2003 (IOB2) cannot hold everything" in page


@pytest.mark.parametrize(
    "fields",
    [{"format": "csv"}, {"state": ["sure"]}, {"label": ["PORT"]}, {"published_from": "x"}, {"source": "a\0"}],
)
def test_what_is_wrong_is_told_and_nothing_is_ordered(reader, fields):
    answer = order(reader, **fields)
    assert answer.status_code == 400 and "refusal" in answer.text
    assert not Export.objects.exists()


def test_strangers_find_nothing_and_readers_remove_only_their_own(client, reader, corpus):
    order(reader)
    mine = Export.objects.get()
    theirs = cast.made(corpus, "jsonl")
    assert reader.post(f"/corpora/desk/exports/{theirs.pk}/remove/").status_code == 403
    assert reader.post(f"/corpora/desk/exports/{mine.pk}/remove/").status_code == 303
    assert list(Export.objects.all()) == [theirs]
    client.force_login(factories.make_user("stranger"))
    for path in (PAGE, f"/corpora/desk/exports/{theirs.pk}/file/"):
        assert client.get(path).status_code == 404
    assert client.post(f"/corpora/desk/exports/{theirs.pk}/remove/").status_code == 404
    client.logout()
    assert client.get(PAGE).status_code == 302
