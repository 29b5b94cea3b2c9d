"""Reads run a fixed number of queries, whatever the number of spans, articles and decisions."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from tests import factories

TEXT = "Zarif met Assad. " * 500


def _queries(client, path: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        response = client.get(path)
        assert response.status_code == 200
        if response.streaming:
            list(response.streaming_content)
    return len(captured)


@pytest.mark.parametrize("path", ["articles/{}/", "articles/{}/spans/", "articles/{}/decisions/"])
def test_article_with_5_and_with_500_spans(corpus, editor, path):
    counts = []
    # Other near copies are counted, so both articles have some.
    factories.make_article(corpus, TEXT)
    for number, count in enumerate((5, 500)):
        article = factories.make_article(corpus, TEXT + str(number))
        spans = factories.suggest(article, *[(17 * n, 17 * n + 5, "PERSON") for n in range(count)])
        # Both keep a suggestion, since pipelines are read together.
        for span in spans[1 :: max(1, count // 20)]:
            editor.patch(f"spans/{span.pk}/", {"revision": 1, "label": "ORG"})
        editor.get(path.format(article.pk))
        counts.append(_queries(editor, path.format(article.pk)))
    assert counts[0] == counts[1] <= 13


@pytest.mark.parametrize(
    "path",
    ["articles/?corpus=desk", "articles/?q=Zarif", "corpora/desk/", "corpora/", "corpora/desk/export/?stage=any"],
)
def test_corpus_with_2_and_with_20_articles(corpus, reader, path):
    counts = []
    for until in (2, 20):
        for number in range(2 if until == 20 else 0, until):
            article = factories.make_article(corpus, f"{number} Zarif met Assad.", source=f"Source {number}")
            factories.suggest(article, (2, 7, "PERSON"))
        reader.get(path)
        counts.append(_queries(reader, path))
    assert counts[0] == counts[1] <= 13
