"""Which suggesters and spaCy pipelines are installed, without importing them: the web process never imports spaCy."""

import re
from importlib.metadata import entry_points
from importlib.util import find_spec

from annotations.suggesters import registry

SPACY = "spacy"
_PACKAGE = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,99}\Z")


def suggesters() -> list[str]:
    """Names of the installed suggesters."""
    return registry.installed().names()


def spacy_pipelines() -> list[str]:
    """Names of the spaCy pipelines that are installed as packages."""
    return sorted({point.name for point in entry_points(group="spacy_models")})


_LANGUAGE = re.compile(r"[a-z]{2,3}\Z")


def language_error(code: str, pipeline: str) -> str | None:
    """The reason why articles in this language cannot have this spaCy pipeline; None if they can."""
    if not _LANGUAGE.match(code):
        return f"{code!r} is no language: use an ISO 639 code such as fr"
    if not pipeline:
        return f"there is no pipeline for {code}: name an installed one, or remove the language"
    error = suggester_error(SPACY, pipeline)
    return error[1] if error else None


def suggester_error(name: str, option: str) -> tuple[str, str] | None:
    """(field, reason) if a corpus cannot have this suggester with this option; None if it can.

    A pipeline must be an installed package, never a path: loading one runs its code.
    """
    if name not in (known := suggesters()):
        return "name", f"there is no suggester {name!r}: use one of {', '.join(known)}"
    if name != SPACY or not option:
        return None
    if not _PACKAGE.match(option):
        return "option", f"{option!r} is not an installed pipeline: use one of {', '.join(spacy_pipelines())}"
    if option not in spacy_pipelines() and find_spec(option) is None:
        return "option", (
            f"the spaCy pipeline {option!r} is not installed: install it "
            f"(.venv/bin/pip install {option.replace('_', '-')}), restart the workers, and choose it again"
        )
    return None
