"""Prepared querysets return the rows of ordinary ones, for all values and in all threads."""

import sys
from concurrent.futures import ThreadPoolExecutor
from inspect import signature

import pytest
from django.db import DEFAULT_DB_ALIAS, DataError, connection
from django.db.models import F, Value
from django.db.models.functions import Concat
from django.urls import get_resolver

from corpusapp.articles.models import Article, Corpus
from corpusapp.core.prepared import Prepared, read_together
from tests.factories import make_article, make_corpus


@pytest.mark.django_db
def test_models_with_related_models_and_annotations_in_order(django_assert_num_queries):
    corpus, other = make_corpus(), make_corpus("other")
    articles = [make_article(corpus, text=f"Zarif arrived, {number}.") for number in range(3)]
    make_article(other)
    prepared = Prepared(
        lambda corpus: (
            Article.objects.filter(corpus=corpus)
            .select_related("corpus", "source")
            .defer("search_vector")
            .order_by("-id")
            .annotate(name=Concat(F("corpus__slug"), Value("/"), F("language")))
        ),
        corpus=int,
    )
    with django_assert_num_queries(1):
        found = prepared.all(corpus=corpus.pk)
        assert [article.corpus for article in found] == [corpus] * 3
        assert [article.name for article in found] == [f"{corpus.slug}/en"] * 3
    assert found == articles[::-1]
    assert found[0].text == "Zarif arrived, 2."
    assert prepared.all(corpus=0) == []
    assert prepared.first(corpus=0) is None
    assert prepared.first(corpus=corpus.pk) == articles[-1]


@pytest.mark.django_db
def test_placeholders_of_each_type_and_rows_of_values():
    one, two, three = (make_article(make_corpus(f"desk-{number}")) for number in range(3))
    by_ids = Prepared(lambda ids: Article.objects.filter(pk__any_of=ids).order_by("pk").values_list("pk"), ids=list)
    assert by_ids.all(ids=[one.pk, three.pk]) == [(one.pk,), (three.pk,)]
    assert by_ids.all(ids=[]) == []
    of_corpora = Prepared(
        lambda ids: Article.objects.filter(corpus_id__any_of=ids).order_by("pk").values_list("pk", flat=True), ids=list
    )
    assert of_corpora.all(ids=[two.corpus_id]) == [two.pk]
    by_slug = Prepared(lambda slug: Corpus.objects.filter(slug=slug).values("id"), slug=str)
    assert by_slug.all(slug=one.corpus.slug) == [{"id": one.corpus_id}]
    assert by_slug.all(slug="'; --") == []
    by_hash = Prepared(lambda digest: Article.objects.filter(text_sha256=digest), digest=bytes)
    assert by_hash.first(digest=bytes(two.text_sha256)).text == two.text
    assert by_hash.first(digest=b"") is None


@pytest.mark.django_db
def test_a_value_too_large_for_the_column_finds_nothing():
    assert Prepared(lambda pk: Article.objects.filter(pk=pk), pk=int).all(pk=10**20) == []


@pytest.mark.django_db
def test_several_are_read_together(django_assert_num_queries):
    corpus = make_corpus()
    article = make_article(corpus)
    by_id = Prepared(lambda pk: Article.objects.filter(pk=pk).select_related("corpus"), pk=int)
    slugs = Prepared(lambda slug: Corpus.objects.filter(slug=slug).values_list("slug", flat=True), slug=str)
    for _ in range(8):
        with django_assert_num_queries(3):
            found = read_together(by_id.of(pk=article.pk), slugs.of(slug=corpus.slug), by_id.of(pk=0))
        assert found == [[article], [corpus.slug], []]
        assert found[0][0].corpus == corpus


@pytest.mark.django_db(transaction=True)
def test_one_that_fails_fails_all_of_those_read_together():
    article = make_article(make_corpus())
    by_id = Prepared(lambda pk: Article.objects.filter(pk=pk), pk=int)
    with pytest.raises(DataError):
        read_together(by_id.of(pk=article.pk), by_id.of(pk="no number"))
    assert read_together(by_id.of(pk=article.pk)) == [[article]]


def test_a_placeholder_that_is_no_parameter_is_refused(db):
    with pytest.raises(AssertionError, match="no parameter of the SQL is size"):
        Prepared(lambda size: Article.objects.all()[:5], size=int).all(size=3)


@pytest.mark.django_db(transaction=True)
def test_threads_read_in_parallel():
    articles = [make_article(make_corpus(f"desk-{number}")) for number in range(4)]
    prepared = Prepared(lambda pk: Article.objects.filter(pk=pk).select_related("corpus"), pk=int)

    def read(number):
        try:
            wanted = articles[number % 4]
            found = prepared.first(pk=wanted.pk)
            return found == wanted and found.corpus == wanted.corpus
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as readers:
        assert all(readers.map(read, range(40)))


def _prepared_of_the_project() -> dict[str, Prepared]:
    get_resolver().url_patterns  # noqa: B018  # imports all pages
    modules = [module for name, module in sys.modules.items() if name.startswith(("corpusapp.", "annotations."))]
    return {
        f"{module.__name__}.{name}": value
        for module in modules
        for name, value in vars(module).items()
        if isinstance(value, Prepared)
    }


@pytest.mark.django_db
def test_each_of_the_project_can_be_compiled_and_run():
    found = _prepared_of_the_project()
    assert len(found) >= 10
    for name, prepared in found.items():
        nothing = prepared._placeholders
        assert prepared.all(**nothing) == list(prepared._compose(**nothing)) == [], name


@pytest.mark.django_db
def test_the_internals_of_django_that_prepared_uses_are_there():
    """An update of Django that moves one fails here by its name."""
    queryset = Article.objects.all()
    compiler = queryset.query.get_compiler(DEFAULT_DB_ALIAS)
    compiler.as_sql()
    for name in ("connection", "query", "select", "col_count", "get_converters", "execute_sql"):
        assert hasattr(compiler, name), f"SQLCompiler.{name}"
    for name in ("close_if_health_check_failed", "ensure_connection", "_prepare_cursor", "timezone"):
        assert hasattr(connection, name), f"DatabaseWrapper.{name}"
    for name in ("_iterable_class", "_known_related_objects", "_hints", "db", "query", "model"):
        assert hasattr(queryset, name), f"QuerySet.{name}"
    assert {"chunked_fetch", "chunk_size"} <= set(signature(compiler.execute_sql).parameters)
    assert list(signature(compiler.get_converters).parameters) == ["expressions"]
    assert list(signature(queryset._iterable_class.__init__).parameters)[:2] == ["self", "queryset"]
