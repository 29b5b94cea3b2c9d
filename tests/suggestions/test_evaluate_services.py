"""`manage.py evaluate --service` scores a service with the base. No test here may use the database."""

import json
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from tests.services import BACKEND, serving

# The base does not recognize the second name, which is in another script.
TEXT = "Talks went on in Damascus. In دمشق they wrote otherwise."


@pytest.fixture(scope="module")
def address():
    with serving(BACKEND) as found:
        yield found


@pytest.fixture
def gold(tmp_path):
    path = tmp_path / "gold.jsonl"
    path.write_text(json.dumps({"text": TEXT, "spans": [[17, 25, "GPE"], [30, 34, "GPE"]]}) + "\n")
    return path


def f1(*arguments, **options):
    out = StringIO()
    call_command("evaluate", *map(str, arguments), labels="GPE", json=True, stdout=out, **options)
    return json.loads(out.getvalue())["micro"]["f1"]


@pytest.mark.parametrize("suggester", ["news", "spacy"])
@pytest.mark.parametrize("path, kind", [("steady", "plain"), ("backend", "label-studio")])
def test_a_service_improves_the_score(gold, address, suggester, path, kind):
    alone = f1(gold, suggester=suggester)
    assert f1(gold, suggester=suggester, service=f"{address}/{path}", service_kind=kind) == 1.0 > alone


@pytest.mark.parametrize(
    "options, reason",
    [
        ({"service": "ftp://host"}, "with http or https"),
        ({"service": "http://host", "service_kind": "soap"}, "use one of plain, label-studio"),
        ({"service": "http://127.0.0.1:9"}, "the service at http://127.0.0.1:9 does not answer: connection refused"),
    ],
)
def test_invalid_services_are_refused(gold, options, reason):
    with pytest.raises(CommandError, match=reason):
        f1(gold, **options)
