"""Lists of entities in CSV, TSV, JSON Lines and SKOS, as entries.

Nothing but the file is read: no `@context`, no `owl:imports`. Lengths and characters are checked where entries are
stored. Use it in a child process, with limits of time and memory.
"""

import csv
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from annotations.linkers.identifiers import identifier_of, language_code

FORMATS = {
    "csv": "CSV or TSV", "jsonl": "JSON Lines", "turtle": "Turtle", "xml": "RDF/XML", "json-ld": "JSON-LD",
    "nt": "N-Triples",
}  # fmt: skip
_ENDINGS = {
    "csv": "csv", "tsv": "csv", "txt": "csv", "jsonl": "jsonl", "ndjson": "jsonl", "json": "jsonl", "ttl": "turtle",
    "n3": "turtle", "skos": "turtle", "rdf": "xml", "owl": "xml", "xml": "xml", "jsonld": "json-ld", "nt": "nt",
}  # fmt: skip
NAME, LABEL, DESCRIPTION, ALIASES, IDENTIFIER = "name", "label", "description", "aliases", "identifier"
# The scheme of identifiers that name none.
OWN = "local"
_USUAL = {
    NAME: "name preferred_name preflabel pref_label title entity canonical_name",
    LABEL: "label type class category kind entity_type",
    DESCRIPTION: "description definition note gloss summary comment",
    ALIASES: "aliases alias altlabel alt_label alternative_names other_names also_known_as aka synonyms",
    f"{IDENTIFIER}:": "id identifier external_id key notation",
    f"{IDENTIFIER}:wikidata": "wikidata qid wikidata_id wikidata_qid",
}
_MEANINGS = {name: meaning for meaning, names in _USUAL.items() for name in names.split()}
_MEANINGS |= {scheme: f"{IDENTIFIER}:{scheme}" for scheme in ("viaf", "gnd", "geonames", "isni", "orcid", "lei")}
_SEPARATORS = re.compile(r"\s*[|;\n]\s*")
_ROW_BYTES = 200_000


class Entry(NamedTuple):
    """An entity of a list. `line` is None in RDF, where `subject` says which it is. Aliases are (name, language)."""

    line: int | None
    subject: str
    name: str
    label: str = ""
    description: str = ""
    identifiers: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()


class Fault(NamedTuple):
    """An entry that cannot be read, and why."""

    line: int | None
    subject: str
    field: str
    reason: str


class UnreadableList(ValueError):
    """The file as a whole cannot be read. The message says why, and at which line."""


@dataclass
class EntityList:
    """What was read of a file: its entries, in order, and what its columns mean; an ignored one means ''."""

    format: str
    entries: list[Entry] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)
    columns: dict[str, str] = field(default_factory=dict)


def read_list(
    data: bytes, name: str = "", format: str = "", columns: Mapping[str, str] | None = None, scheme: str = OWN,
    languages: Sequence[str] = ("en",), most: int = 10_000,
) -> EntityList:  # fmt: skip
    """The entities of a file. Its format is that of its name, or else found by its first characters.

    `columns` ({column: meaning}) overrides what a column is taken for; a meaning is `name`, `label`, `description`,
    `aliases`, `aliases@ar`, `identifier:SCHEME`, or empty to ignore the column. `scheme` is that of identifiers that
    name none, `languages` those in which an entity of SKOS is named, best first. Raises `UnreadableList`, also for more
    than `most` entries.
    """
    text = _decoded(data)
    found = format or _ENDINGS.get(name.rpartition(".")[2].lower(), "") or _by_content(text)
    if found == "csv":
        listed = _read_rows(text, columns or {}, scheme, most)
    elif found == "jsonl" and not _is_json_ld(text):
        listed = _read_lines(text, columns or {}, scheme, most)
    else:
        from annotations.linkers.skos import read_concepts

        listed = EntityList("json-ld" if found == "jsonl" else found)
        listed.entries = read_concepts(text, listed.format, languages, most)
    if not listed.entries and not listed.faults:
        raise UnreadableList(
            f"no entity was found, reading it as {FORMATS[listed.format]}: check the file and its name"
        )
    return listed


def checked_columns(columns: Mapping[str, str]) -> dict[str, str]:
    """`columns` of `read_list`. Raises ValueError for an unknown meaning."""
    for column, meaning in columns.items():
        kind, _, rest = meaning.partition(":" if meaning.startswith(IDENTIFIER) else "@")
        known = kind in (NAME, LABEL, DESCRIPTION, ALIASES) or (kind == IDENTIFIER and rest)
        if meaning and (not known or (rest and kind not in (ALIASES, IDENTIFIER))):
            raise ValueError(
                f"column {column[:60]!r} cannot be {meaning[:60]!r}: use name, label, description, aliases, "
                "aliases@ar, identifier:SCHEME, or nothing to ignore it"
            )
    return dict(columns)


def _decoded(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise UnreadableList(f"line {line} is not UTF-8 (byte {error.start}): save the file as UTF-8") from None


def _by_content(text: str) -> str:
    start = text.lstrip()[:2000]
    if start.startswith(("<?xml", "<rdf:", "<!DOCTYPE")):
        return "xml"
    if start.startswith(("{", "[")):
        return "jsonl"
    if re.search(r"^\s*(@prefix|@base|PREFIX|BASE)\b", start, re.MULTILINE | re.IGNORECASE):
        return "turtle"
    if re.match(r"(<[^>\s]*>|_:\S+)\s+<[^>\s]*>\s", start):
        return "nt"
    return "csv"


def _is_json_ld(text: str) -> bool:
    return bool(re.match(r"\s*[\[{]\s*\{?\s*\"@(context|id|graph|type)\"", text))


# Rows and lines.


def meaning_of(column: str, scheme: str = OWN) -> str:
    """What a column or key of this name usually means; empty if that is unknown."""
    plain = re.sub(r"[\s\-.]+", "_", column.strip().lower())
    if plain.startswith(f"{IDENTIFIER}:") and len(plain) > len(IDENTIFIER) + 1:
        return plain
    base, _, language = plain.partition("@")
    meaning = _MEANINGS.get(base, "")
    if language:
        return f"{ALIASES}@{language}" if meaning in (NAME, ALIASES) else meaning
    return f"{meaning}{scheme}" if meaning == f"{IDENTIFIER}:" else meaning


def _meanings(names: Sequence[str], columns: Mapping[str, str], scheme: str) -> dict[str, str]:
    """What each column means. Where no column is the name, `label` is: as SKOS and others call it."""
    found = {name: columns.get(name, meaning_of(name, scheme)) for name in names}
    if NAME not in found.values():
        label = next((name for name, kind in found.items() if kind == LABEL and name not in columns), None)
        label = next((name for name in found if name.strip().lower() == "label" and name not in columns), label)
        if label is not None:
            found[label] = NAME
    return found


def _read_rows(text: str, columns: Mapping[str, str], scheme: str, most: int) -> EntityList:
    listed = EntityList("csv")
    csv.field_size_limit(_ROW_BYTES)
    rows = csv.reader(text.splitlines(keepends=True), delimiter=_delimiter(text), strict=True)
    start = 1
    try:
        header = next(rows, [])
        listed.columns = _meanings(header, columns, scheme)
        if NAME not in listed.columns.values():
            named = ", ".join(name[:40] for name in header[:12])
            raise UnreadableList(f"no column is the name: the first line has {named!r}, say which is the name")
        for row in rows:
            first, start = start + 1, rows.line_num
            if any(cell.strip() for cell in row):
                _check_count(listed, most)
                _add_row(listed, first, dict(zip(header, row, strict=False)), len(row) - len(header), scheme)
    except csv.Error as error:
        raise UnreadableList(f"line {rows.line_num} is no CSV: {error}") from None
    return listed


def _delimiter(text: str) -> str:
    header = text.partition("\n")[0]
    return max(",;\t", key=header.count)


def _add_row(listed: EntityList, line: int, row: Mapping[str, str], more: int, scheme: str) -> None:
    if more > 0:
        listed.faults.append(Fault(line, "", "", f"has {more} cells more than the first line has columns"))
        return
    values: dict[str, Any] = {"aliases": [], "identifiers": []}
    for column, cell in row.items():
        meaning = listed.columns[column]
        if meaning and cell.strip():
            _take(values, meaning, cell.strip(), scheme)
    listed.entries.append(_entry(line, values))


def _take(values: dict[str, Any], meaning: str, text: str, scheme: str) -> None:
    if meaning.startswith(ALIASES):
        code = language_code(meaning.partition("@")[2])
        values["aliases"] += [(name, code) for name in _SEPARATORS.split(text) if name]
    elif meaning.startswith(f"{IDENTIFIER}:"):
        named = meaning.partition(":")[2]
        values["identifiers"] += [identifier_of(one, named or scheme) for one in _SEPARATORS.split(text) if one]
    else:
        values.setdefault(meaning, text)


def _entry(line: int, values: Mapping[str, Any]) -> Entry:
    name = values.get(NAME, "")
    return Entry(
        line, name, name, values.get(LABEL, ""), values.get(DESCRIPTION, ""),
        tuple(dict.fromkeys(values["identifiers"])), tuple(dict.fromkeys(values["aliases"])),
    )  # fmt: skip


def _read_lines(text: str, columns: Mapping[str, str], scheme: str, most: int) -> EntityList:
    listed = EntityList("jsonl")
    for line, value in _json_values(text):
        _check_count(listed, most)
        if isinstance(value, Fault):
            listed.faults.append(value)
            continue
        if not isinstance(value, dict):
            listed.faults.append(Fault(line, "", "", "is not a JSON object"))
            continue
        meanings = _meanings(list(value), columns, scheme)
        listed.columns |= {key: meaning for key, meaning in meanings.items() if key != "identifiers"}
        entry = _read_object(line, value, meanings, scheme)
        if isinstance(entry, Entry):
            listed.entries.append(entry)
        else:
            listed.faults.append(entry)
    return listed


def _json_values(text: str) -> Iterator[tuple[int, Any]]:
    """(line, value or fault) of JSON Lines, or of one array."""
    if text.lstrip().startswith("["):
        try:
            yield from ((number, value) for number, value in enumerate(json.loads(text), 1))
        except (ValueError, RecursionError) as error:
            raise UnreadableList(f"the file is no JSON array: {error}") from None
        return
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                yield number, json.loads(line)
            except (ValueError, RecursionError) as error:
                yield number, Fault(number, "", "", f"is not JSON: {str(error)[:200]}")


def _read_object(line: int, value: Mapping[str, Any], meanings: Mapping[str, str], scheme: str) -> Entry | Fault:
    values: dict[str, Any] = {"aliases": [], "identifiers": []}
    for key, given in value.items():
        meaning = meanings[key]
        try:
            if key == "identifiers" and key not in meanings.values() and not meaning:
                values["identifiers"] += list(_identifiers(given, scheme))
            elif meaning.startswith(ALIASES):
                values["aliases"] += list(_aliases(given, language_code(meaning.partition("@")[2])))
            elif meaning and given is not None:
                for text in given if isinstance(given, list) and meaning.startswith(IDENTIFIER) else [given]:
                    _take(values, meaning, _text(text).strip(), scheme)
        except ValueError as error:
            return Fault(line, str(value.get(NAME, ""))[:100], key[:60], str(error))
    return _entry(line, values)


def _text(value: Any) -> str:
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if not isinstance(value, str):
        raise ValueError("is not text")
    return value


def _aliases(value: Any, language: str) -> Iterator[tuple[str, str]]:
    """From one text, a list of texts, or of objects with name and language."""
    for one in value if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            yield _text(one.get("name")).strip(), language_code(_text(one.get("language") or ""))
        elif one is not None:
            yield _text(one).strip(), language


def _identifiers(value: Any, scheme: str) -> Iterator[tuple[str, str]]:
    """From an object by scheme, or a list of URIs, pairs, or objects with scheme and value."""
    if isinstance(value, dict):
        for named, ids in value.items():
            yield from (identifier_of(_text(one).strip(), named) for one in (ids if isinstance(ids, list) else [ids]))
    elif isinstance(value, list):
        for one in value:
            if isinstance(one, dict):
                yield _text(one.get("scheme")).strip(), _text(one.get("value")).strip()
            elif isinstance(one, list) and len(one) == 2:
                yield _text(one[0]).strip(), _text(one[1]).strip()
            else:
                yield identifier_of(_text(one).strip(), scheme)
    elif value is not None:
        raise ValueError("is neither an object by scheme nor a list")


def _check_count(listed: EntityList, most: int) -> None:
    if len(listed.entries) + len(listed.faults) >= most:
        raise UnreadableList(f"the list has more than {most:,} entities: import it in parts")
