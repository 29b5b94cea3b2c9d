"""Django's `DATABASES` from DATABASE_URL."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from corpusapp.core.home import Home
from corpusapp.embedded.databases import configure


def test_without_a_url_the_embedded_server_is_used(tmp_path):
    assert configure("", Home(tmp_path))["ENGINE"] == "corpusapp.embedded"


def test_a_url_with_all_parts(tmp_path):
    url = "postgresql://desk:p%40ss@db.example:6543/news?sslmode=require"
    database = configure(url, Home(tmp_path))
    assert database["ENGINE"] == "corpusapp.core.postgresql"
    assert [database[name] for name in ("HOST", "PORT", "USER", "PASSWORD", "NAME")] == [
        "db.example", "6543", "desk", "p@ss", "news",
    ]  # fmt: skip
    options = database["OPTIONS"]
    assert (options["sslmode"], options["prepare_threshold"]) == ("require", 0)
    assert options["options"] == "-c plan_cache_mode=force_generic_plan"


def test_options_of_a_url_are_kept(tmp_path):
    database = configure("postgresql://desk@db/news?options=-c%20work_mem%3D8MB", Home(tmp_path))
    assert database["OPTIONS"]["options"] == "-c work_mem=8MB -c plan_cache_mode=force_generic_plan"


def test_with_a_pooler_no_statements_are_prepared(tmp_path):
    database = configure("postgresql://desk@pooler:6432/news", Home(tmp_path), pooled=True)
    assert database["OPTIONS"] == {"prepare_threshold": None}


@pytest.mark.parametrize("url", ["mysql://desk:hunter2@db/news", "postgresql://desk:hunter2@db", "hunter2"])
def test_the_error_of_a_malformed_url_does_not_quote_its_password(tmp_path, url):
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL") as refused:
        configure(url, Home(tmp_path))
    assert "hunter2" not in str(refused.value)
