"""A corpus with pipelines for several languages, with two real ones."""

import pytest

from annotations.review.actions.choices import Choice
from annotations.review.actions.decide import decide
from annotations.review.models import Span
from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.actions.learn import learn_from_decisions
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import CorpusSuggester
from annotations.suggestions.queries.name_statistics import parts_by_language
from corpusapp.articles.models import Article, Role
from corpusapp.core.errors import Invalid
from tests import factories

pytestmark = pytest.mark.django_db
FRENCH = "La ministre Ségolène Martin a rencontré lundi à Berlin des représentants des syndicats, a-t-elle dit."
ENGLISH = "The minister Angela Larkin met representatives of the company in Berlin on Monday, he said."
ARABIC = "التقى الوزير فيصل المقداد نظيره في دمشق يوم الاثنين وبحثا العلاقات الثنائية بين البلدين"


@pytest.fixture
def corpus():
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


def article(corpus, text, language):
    made = factories.make_article(corpus, text)
    Article.objects.filter(pk=made.pk).update(language=language)
    return made


def suggest(manager, corpus, *articles):
    run = start_run(user=manager, corpus=corpus, article_ids=[article.pk for article in articles])
    process_run(run=run)
    learn_from_decisions(corpus=corpus)


def spans(article):
    rows = Span.objects.filter(article=article).select_related("label", "pipeline")
    return {(article.text[row.start : row.end], row.label.name) for row in rows}


def test_each_article_is_read_by_the_pipeline_of_its_language(corpus, manager):
    choose_suggester(user=manager, corpus=corpus, name="spacy", languages={"fr": "fr_core_news_sm"})
    english, french, arabic = (
        article(corpus, text, code) for text, code in ((ENGLISH, "en"), (FRENCH, "fr"), (ARABIC, "ar"))
    )
    suggest(manager, corpus, english, french, arabic)
    assert {("Angela Larkin", "PERSON"), ("Berlin", "GPE")} <= spans(english)
    assert {("Ségolène Martin", "PERSON"), ("Berlin", "GPE")} <= spans(french)
    assert spans(arabic) == set()
    pipeline = Span.objects.filter(article=french).first().pipeline
    assert "en_core_web_sm" in pipeline.name and "fr_core_news_sm" in pipeline.name


def test_a_language_without_a_pipeline_gets_the_names_that_were_decided(corpus, manager):
    first, second = (article(corpus, text, "ar") for text in (ARABIC, f"{ARABIC}.\nعاد إلى دمشق"))
    suggest(manager, corpus, first, second)
    assert spans(second) == set()
    start = first.text.index("دمشق")
    decide(user=manager, article=first, choices=[Choice("add", start=start, end=start + 4, label="GPE")])
    learn_from_decisions(corpus=corpus)
    assert spans(second) == {("دمشق", "GPE")}


def test_paragraphs_in_another_language_are_read_in_theirs(corpus, manager):
    text = f"{ENGLISH}\n{FRENCH}\nShort."
    start = len(ENGLISH) + 1
    assert parts_by_language(text, "en") == ((start, start + len(FRENCH), "fr"),)
    choose_suggester(user=manager, corpus=corpus, name="spacy", languages={"fr": "fr_core_news_sm"})
    mixed = article(corpus, text, "en")
    suggest(manager, corpus, mixed)
    assert {("Angela Larkin", "PERSON"), ("Ségolène Martin", "PERSON")} <= spans(mixed)


def test_the_table_of_labels_applies_to_pipelines_without_person(corpus, manager):
    languages = {"fr": "fr_core_news_sm"}
    choose_suggester(
        user=manager, corpus=corpus, name="spacy", languages=languages, label_map={"PER": "NORP", "LOC": ""}
    )
    french, english = article(corpus, FRENCH, "fr"), article(corpus, ENGLISH, "en")
    suggest(manager, corpus, french, english)
    assert ("Ségolène Martin", "NORP") in spans(french) and "GPE" not in {label for _, label in spans(french)}
    assert ("Angela Larkin", "PERSON") in spans(english)


@pytest.mark.parametrize(
    ("languages", "reason"),
    [
        ({"french": "fr_core_news_sm"}, "'french' is no language"),
        ({"fr": ""}, "there is no pipeline for fr"),
        ({"fr": "fr_core_news_none"}, "is not installed: install it"),
        ({"fr": "../pipeline"}, "is not an installed pipeline"),
    ],
)
def test_languages_and_pipelines_are_checked(corpus, manager, languages, reason):
    with pytest.raises(Invalid, match=reason) as refused:
        choose_suggester(user=manager, corpus=corpus, name="spacy", languages=languages)
    assert refused.value.field == "languages"
    assert not CorpusSuggester.objects.exists()


def test_managers_set_languages_and_labels_on_the_page_and_over_rest(corpus, manager, client):
    client.force_login(manager)
    address = f"/corpora/{corpus.slug}/suggester/"
    body = {"name": "spacy", "languages": "fr fr_core_news_sm\n", "label_map": "PER PERSON\nMISC", "bylines": ""}
    assert client.post(address, body).status_code == 302
    chosen = CorpusSuggester.objects.get()
    assert (chosen.languages, chosen.label_map, chosen.bylines) == (
        {"fr": "fr_core_news_sm"}, {"PER": "PERSON", "MISC": ""}, False,
    )  # fmt: skip
    page = client.get(address).content.decode()
    assert "fr fr_core_news_sm" in page and "PER PERSON\nMISC" in page
    refused = client.post(address, {**body, "languages": "fr fr_core_news_sm extra"})
    assert refused.status_code == 400 and "write two words a line" in refused.content.decode()
    sent = {"name": "spacy", "languages": {"fr": "fr_core_news_sm"}}
    answer = client.put(f"/api/v1/corpora/{corpus.slug}/suggester/", sent, content_type="application/json").json()
    assert (answer["languages"], answer["label_map"], answer["bylines"]) == (
        sent["languages"], {"PER": "PERSON", "LOC": "GPE", "MISC": ""}, True,
    )  # fmt: skip
