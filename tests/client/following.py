"""A copy and an export in the same form, to compare them."""

from typing import Any

from corpusapp.client import Corpus, SQLiteStore


def copy_of(store: SQLiteStore) -> dict[int, Any]:
    return {article["id"]: _comparable(article) for article in store.articles()}


def export_of(corpus: Corpus) -> dict[int, Any]:
    everything = corpus.export(stage="any", state="confirmed,rejected", chrome=True)
    return {article["id"]: _comparable(article) for article in everything}


def _comparable(article: Any) -> Any:
    about = {name: article[name] for name in ("external_id", "title", "language", "stage", "text", "meta")}
    columns = ("id", "start", "end", "label", "text", "state", "revision")
    spans = sorted(tuple(span[name] for name in columns) for span in article["spans"])
    return about, spans, sorted((zone["start"], zone["end"], zone["kind"]) for zone in article["zones"])
