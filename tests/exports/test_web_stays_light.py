"""The web process never loads spaCy or Arrow for exports."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests import factories
from tests.exports import cast
from tests.processes import environment

PROGRAM = """
import sys
from corpusapp.wsgi import application
from corpusapp.accounts.models import User
from django.test import Client
client = Client(headers={"host": "localhost"})
client.force_login(User.objects.get(username="reader"))
print(client.get("/corpora/desk/export/").status_code, end=" ")
for name in ("jsonl", "doccano", "label-studio", "brat", "web-annotation", "cas-xmi", "tei"):
    answer = client.get(f"/api/v1/corpora/desk/export/?format={name}")
    b"".join(answer.streaming_content)
    print(answer.status_code, end=" ")
for name in ("conll", "docbin", "jsonl-tokens", "parquet"):
    print(client.post("/corpora/desk/export/", {"format": name}).status_code, end=" ")
print(client.get("/api/v1/corpora/desk/exports/").status_code)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("spacy", "thinc", "pyarrow")))
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_no_heavy_import_behind_any_export():
    factories.make_member(cast.make_desk(), "reader", "reader")
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=settings.BASE_DIR, env=environment(), capture_output=True, text=True
    )
    answers, _, modules = done.stdout.strip().partition("\n")
    assert answers == " ".join(["200"] * 8 + ["303"] * 4 + ["200"]), done.stderr
    assert modules == "[]"
