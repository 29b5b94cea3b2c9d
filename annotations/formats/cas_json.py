"""One document of a UIMA CAS in JSON (0.4), as INCEpTION exports it by default, as a record."""

from collections.abc import Iterator
from typing import Any

from annotations.formats import json_text
from annotations.formats.cas_types import DOCUMENT
from annotations.formats.cas_xmi_reading import INITIAL_VIEW, CasReading
from annotations.formats.companion import Restored
from annotations.formats.records import Record
from annotations.formats.report import Report
from corpusapp.text.utf16 import Utf16
from corpusapp.text.wellformed import fault

STRUCTURES = "%FEATURE_STRUCTURES"
_SOFA = "uima.cas.Sofa"


def read_json(data: bytes, where: str, report: Report) -> Iterator[Record]:
    try:
        structures = _structures(json_text.checked(json_text.loads(data.removeprefix(b"\xef\xbb\xbf"))))
    except json_text.Malformed as problem:
        report.refuse("file", problem.reason, where, problem.field)
        return
    sofas = [one for one in structures if one.get("%TYPE") == _SOFA and isinstance(one.get("sofaString"), str)]
    sofas.sort(key=lambda sofa: sofa.get("sofaID") != INITIAL_VIEW)
    if not sofas:
        report.refuse("text", "there is no JSON of a CAS with a text (a Sofa with its sofaString)", where)
        return
    if reason := fault(sofas[0]["sofaString"]):
        report.refuse("text", f"the text {reason}", where)
        return
    yield _record(structures, sofas[0], where, report)


def _structures(cas: dict[str, Any]) -> list[dict[str, Any]]:
    """The feature structures, which stand in a list or by their numbers."""
    found = cas.get(STRUCTURES)
    if isinstance(found, dict):
        found = [one | {"%ID": number} for number, one in found.items() if isinstance(one, dict)]
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _record(structures: list[dict[str, Any]], sofa: dict[str, Any], where: str, report: Report) -> Record:
    language, title, elsewhere = "", "", 0
    reading = CasReading(sofa["sofaString"], Utf16(sofa["sofaString"]), where, report)
    for one in structures:
        layer = one.get("%TYPE")
        if not isinstance(layer, str) or "begin" not in one:
            continue
        if layer == DOCUMENT:
            language, title = _text(one, "language"), _text(one, "documentTitle")
        elif str(one.get("@sofa", sofa.get("%ID"))) != str(sofa.get("%ID")):
            elsewhere += 1
        else:
            begin, end = (one.get(edge) if type(one.get(edge)) is int else None for edge in ("begin", "end"))
            reading.take(layer, begin, end, _features(one), f"{layer.rpartition('.')[2]} {one.get('%ID', '')}")
    if elsewhere:
        report.note("other views", f"{elsewhere} annotations of other views have no place here", where)
    return reading.record(Restored(None), language=language, title=title, id=where)


def _features(structure: dict[str, Any]) -> dict[str, str]:
    """The features in text; the ends of a relation, which are references, by their names."""
    texts = {key: value for key, value in structure.items() if isinstance(value, str) and key[:1] not in "%@#^"}
    ends = {key[1:]: "" for key in ("@Governor", "@Dependent") if key in structure}
    return texts | ends


def _text(structure: dict[str, Any], key: str) -> str:
    return structure[key] if isinstance(structure.get(key), str) else ""
