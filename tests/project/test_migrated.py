"""The kept data folder of the tests is made anew whenever what decides its content changes."""

import pytest

from tests import migrated


@pytest.fixture
def project(tmp_path, monkeypatch):
    files = {
        "corpusapp/__init__.py": "",
        "corpusapp/embedded/cluster.py": "SETTINGS = {}",
        "corpusapp/embedded/databases.py": "",
        "corpusapp/articles/__init__.py": "",
        "corpusapp/articles/sql.py": "from corpusapp.text import folding",
        "corpusapp/articles/views.py": "",
        "corpusapp/articles/migrations/0001_initial.py": "from corpusapp.articles.sql import GUARD",
        "corpusapp/text/__init__.py": "",
        "corpusapp/text/folding.py": "",
        "annotations/review/migrations/0001_initial.py": "",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    monkeypatch.setattr(migrated, "BASE", tmp_path)
    return tmp_path


@pytest.mark.parametrize(
    "name",
    [
        "corpusapp/articles/migrations/0001_initial.py",
        "annotations/review/migrations/0001_initial.py",
        "annotations/review/migrations/0002_new.py",
        "corpusapp/articles/sql.py",
        "corpusapp/text/folding.py",
        "corpusapp/embedded/cluster.py",
    ],
)
def test_a_change_of_a_migration_or_of_what_it_imports_makes_another(project, name):
    before = migrated.digest()
    (project / name).write_text("CHANGED = True")
    assert migrated.digest() != before


def test_other_changes_do_not(project):
    before = migrated.digest()
    (project / "corpusapp/articles/views.py").write_text("CHANGED = True")
    assert migrated.digest() == before
