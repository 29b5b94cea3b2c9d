"""The web process never imports spaCy."""

import subprocess
import sys

import pytest
from django.conf import settings

from tests.processes import environment

PROGRAM = """
import sys
from corpusapp.wsgi import application
from django.test import Client
for path in ("/sign-in/", "/", "/admin/", "/api/docs/", "/api/v1/articles/"):
    Client(headers={"host": "localhost"}).get(path)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("spacy", "thinc", "trafilatura")))
"""


@pytest.mark.processes
@pytest.mark.django_db(transaction=True)
def test_no_page_imports_spacy():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=settings.BASE_DIR, env=environment(), capture_output=True, text=True
    )
    assert done.stdout.strip() == "[]", done.stderr
