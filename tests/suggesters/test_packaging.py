"""A packaged pipeline can be installed and loaded."""

import subprocess
import sys

import pytest
import spacy

from annotations.suggesters.packaging import files_digest, write_wheel

CODE = "import spacy; nlp = spacy.load('en_harbour'); print([(e.text, e.label_) for e in nlp('At Larkin Quay.').ents])"


def pipeline(folder):
    nlp = spacy.blank("en", meta={"name": "harbour", "version": "1.2.0+d0123"})
    nlp.add_pipe("entity_ruler").add_patterns([{"label": "ORG", "pattern": "Larkin Quay"}])
    nlp.to_disk(folder)
    return folder


@pytest.mark.processes
def test_pip_installs_it_and_spacy_opens_it_by_its_name(tmp_path):
    wheel = write_wheel(pipeline(tmp_path / "pipeline"), tmp_path)
    assert wheel.name == "en_harbour-1.2.0+d0123-py3-none-any.whl"
    there = tmp_path / "there"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--target", str(there), str(wheel)]
    subprocess.run(install, check=True, capture_output=True)
    environment = {"PYTHONPATH": str(there), "PATH": ""}
    ran = subprocess.run(
        [sys.executable, "-c", CODE], cwd=tmp_path, env=environment, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[('Larkin Quay', 'ORG')]"


def test_a_wheel_is_reproducible(tmp_path):
    folder = pipeline(tmp_path / "pipeline")
    first = write_wheel(folder, tmp_path).read_bytes()
    assert write_wheel(folder, tmp_path).read_bytes() == first
    digest = files_digest(folder)
    (folder / "meta.json").write_text("{}")
    assert files_digest(folder) != digest
