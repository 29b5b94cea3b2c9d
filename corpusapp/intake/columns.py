"""Map common names of keys and columns to the keys of a record."""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

from corpusapp.intake.dates import day_of
from corpusapp.intake.draft import KEYS, METADATA, STAGES, Unfit

HTML = "html"
# If several columns map to one key, the first name listed here wins; the others go to metadata.
USUAL = {
    "text": "text article_text full_text fulltext main_text maintext content body article article_body articlebody "
    "story raw_text",
    HTML: "html raw_html page_html html_content content_html",
    "title": "title headline heading",
    "url": "url link href uri article_url source_url canonical_url permalink",
    "source": "source publisher site outlet publication newspaper source_name site_name domain",
    "published_on": "published_on published published_at publishedat publication_date publish_date date_publish "
    "date_published datepublished pubdate pub_date date datetime timestamp",
    "external_id": "external_id id article_id guid uuid",
    "language": "language lang",
}
_LONGEST = 60
_RANK = {name: (key, rank) for key, names in USUAL.items() for rank, name in enumerate(names.split())}


def key_of(column: str, mapping: Mapping[str, str]) -> tuple[str, int] | None:
    """(key, rank among its names) of a column; None if it is unknown. `mapping` ({column: key}) takes precedence."""
    if column in mapping:
        return (mapping[column], -1) if mapping[column] else None
    if column in KEYS:
        return column, 0
    return _usual(column) if len(column) <= _LONGEST else None


@lru_cache(maxsize=1024)
def _usual(column: str) -> tuple[str, int] | None:
    return _RANK.get(re.sub(r"[\s\-.]+", "_", column.strip().lower()))


def checked_mapping(mapping: Mapping[str, str]) -> dict[str, str]:
    """`mapping` as a dict; raises `ValueError` for an unknown key. An empty key means metadata."""
    for column, key in mapping.items():
        if key and key not in (*KEYS, HTML):
            raise ValueError(f"column {column!r} cannot become {key!r}: the keys are {', '.join((*KEYS, HTML))}")
    return dict(mapping)


def mapping_of(pairs: Iterable[str]) -> dict[str, str]:
    """{theirs: ours} from strings `THEIRS=OURS`. Only THEIRS may contain an equals sign. Raises `ValueError`."""
    mapping: dict[str, str] = {}
    for pair in pairs:
        theirs, _, ours = pair.rpartition("=")
        if not theirs:
            raise ValueError(f"{pair[:60]!r} is not a pair: write THEIRS=OURS, such as Headline=title")
        if theirs in mapping:
            raise ValueError(f"the column {theirs[:60]!r} is listed twice: list it once")
        mapping[theirs] = ours
    return checked_mapping(mapping)


def has_text(columns: list[str], mapping: Mapping[str, str]) -> bool:
    """Whether one of the columns has the text of articles."""
    return any((found := key_of(column, mapping)) and found[0] in ("text", HTML) for column in columns)


def mapped(record: Any, mapping: Mapping[str, str]) -> tuple[Any, tuple[str, ...]]:
    """(record with our keys and the rest in its metadata, notes); a value that is not an object does not change."""
    if not isinstance(record, Mapping):
        return record, ()
    # Other programs use `stage` with other meanings.
    foreign = "stage" in record and record["stage"] not in (None, "", *STAGES)
    if not mapping and not foreign and all(key in KEYS for key in record):
        return record, ()
    chosen: dict[str, tuple[int, str]] = {}
    for column, value in record.items():
        if (found := key_of(str(column), mapping)) and value not in (None, ""):
            key, rank = found
            chosen[key] = min(chosen.get(key, (rank, column)), (rank, column))
    taken = {column: key for key, (_, column) in chosen.items()}
    result: dict[str, Any] = {}
    rest: dict[str, Any] = {}
    notes: list[str] = []
    for column, value in record.items():
        target = None if foreign and column == "stage" else taken.get(column)
        if target is None:
            if value not in (None, ""):
                rest[str(column)] = value
            elif column in METADATA and column not in chosen:
                result[column] = value  # An upsert clears it.
        elif target == column and not (target == "source" and isinstance(value, Mapping)):
            result[target] = value
        else:
            _translate(result, rest, notes, column, target, value)
    if rest:
        own = result.get("metadata")
        if own is not None and not isinstance(own, dict):
            raise Unfit("metadata must be a JSON object", "metadata")
        result["metadata"] = {**rest, **(own or {})}
    return result, tuple(notes)


def _translate(
    result: dict[str, Any], rest: dict[str, Any], notes: list[str], column: str, key: str, value: Any
) -> None:
    """Set the key for a column with another name, whose value may have another form: dates, ids, objects."""
    if key == "published_on":
        rest[column] = value
        if day := _day(value):
            result[key] = day.isoformat()
        else:
            notes.append(f"{column}: unreadable date {str(value)[:40]!r}")
    elif key == "source" and isinstance(value, Mapping) and isinstance(value.get("name"), str):
        result[key] = value["name"]
    elif key in ("external_id", "source", "url", "language", "title") and not isinstance(value, str | int):
        rest[column] = value
    else:
        result[key] = value


def _day(value: Any) -> date | None:
    return day_of(value) if isinstance(value, str) else None
