"""Which suggester works for a corpus. Only the worker's side calls this: it imports spaCy."""

from functools import lru_cache

from django.conf import settings

from annotations.suggesters.protocol import Suggester
from annotations.suggesters.reader import NewsReader
from annotations.suggesters.registry import installed
from annotations.suggestions.installed import SPACY
from annotations.suggestions.models import CorpusSuggester


@lru_cache(maxsize=4)
def _reader(name: str, option: str) -> NewsReader:
    return reader_over(installed().make(name, option))


def reader_over(base: Suggester) -> NewsReader:
    """The reader upon a base suggester; a base that does not say its language is taken for English."""
    return NewsReader(base, english=getattr(base, "language", "en") == "en")


def reader_of(corpus_id: int) -> NewsReader:
    """The reader of a corpus; raises `PipelineMissing` where its pipeline is not installed, `UnknownSuggester`."""
    chosen = CorpusSuggester.objects.filter(pk=corpus_id).first() or CorpusSuggester()
    option = chosen.option or (settings.SPACY_PIPELINE if chosen.name == SPACY else "")
    return _reader(chosen.name, option)
