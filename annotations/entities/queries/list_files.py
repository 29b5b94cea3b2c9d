"""Reads files of entities, in a child process with limits of time and memory."""

from collections.abc import Mapping

from annotations.linkers.lists import FORMATS, OWN, EntityList, UnreadableList, checked_columns, read_list
from corpusapp.articles.models import Corpus
from corpusapp.core.errors import Invalid, TooMany
from corpusapp.intake import child

# What a page or a request takes while somebody waits for it, and what the command takes.
MAX_BYTES, MAX_ENTITIES = 10_000_000, 10_000
MAX_COMMAND_BYTES, MAX_COMMAND_ENTITIES = 500_000_000, 1_000_000
_SECONDS, _COMMAND_SECONDS, _MEMORY = 20, 600, 2_000_000_000


def read_list_file(
    data: bytes, *, corpus: Corpus, name: str = "", format: str = "", columns: Mapping[str, str] | None = None,
    scheme: str = "", command: bool = False,
) -> EntityList:  # fmt: skip
    """The entities of a file; see `read_list`. `command` allows larger ones.

    Refuses: `TooMany` (bytes), `Invalid` (format, columns, and a file that cannot be read in full).
    """
    most, entities = (MAX_COMMAND_BYTES, MAX_COMMAND_ENTITIES) if command else (MAX_BYTES, MAX_ENTITIES)
    if len(data) > most:
        advice = "import it in parts" if command else "import it in parts, or by manage.py import_entities"
        raise TooMany(f"the file has {len(data):,} bytes: the limit is {most:,}, {advice}", field="file")
    if format and format not in FORMATS:
        raise Invalid(f"there is no format {format[:40]!r}: use one of {', '.join(FORMATS)}", field="format")
    try:
        chosen = checked_columns(columns or {})
    except ValueError as error:
        raise Invalid(str(error), field="columns") from error
    languages = list(dict.fromkeys([corpus.language, "en"]))
    try:
        return child.call(
            read_list, data, name, format, chosen, scheme or OWN, languages, entities,
            seconds=_COMMAND_SECONDS if command else _SECONDS, memory=_MEMORY,
        )  # fmt: skip
    except UnreadableList as error:
        raise Invalid(str(error), field="file") from error
    except child.Stopped as stopped:
        raise Invalid(f"reading the file {stopped}: import it in parts", field="file") from stopped
