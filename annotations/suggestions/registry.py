"""Which suggester works for a corpus. Only the worker's side calls this: it imports spaCy."""

from functools import lru_cache

from django.conf import settings

from annotations.suggesters.protocol import Suggester


@lru_cache(maxsize=2)
def _spacy(pipeline: str) -> Suggester:
    from annotations.suggesters.spacy_ner import SpacyNer

    return SpacyNer(pipeline)


def suggester() -> Suggester:
    """The suggester that the settings name; raises `PipelineMissing` where it is not installed."""
    return _spacy(settings.SPACY_PIPELINE)
