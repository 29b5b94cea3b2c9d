"""Drafts from files in foreign formats: fields are adapted, never refused."""

import re
from dataclasses import replace
from typing import Any

from corpusapp.intake.dates import day_of
from corpusapp.intake.draft import LENGTHS, Draft, draft_from_text

_UNFIT = re.compile("[\ud800-\udfff\0]")


def draft_from_found(text: str, *, item: str, line: int | None = None, published: str = "", **fields: Any) -> Draft:
    """The draft of `text`; raises `Unfit` only for the text.

    `fields` are fields of `Draft`; others, such as `author`, go to metadata. The date is parsed by `day_of`; its
    written form goes to metadata. A value too long for its column is noted and goes to metadata; a title is also
    truncated.
    """
    draft = draft_from_text(text, item=item)
    notes = list(draft.notes)
    metadata: dict[str, Any] = {}
    values: dict[str, Any] = {}
    for name, value in fields.items():
        value = " ".join(_UNFIT.sub("", str(value or "")).split())
        if not value:
            continue
        if name not in LENGTHS:
            metadata[name] = value
        elif len(value) <= LENGTHS[name]:
            values[name] = value
        else:
            notes.append(f"the {name} had {len(value)} characters: all of it is in the metadata")
            metadata[name] = value
            if name == "title":
                values[name] = value[: LENGTHS[name]]
    published = " ".join(_UNFIT.sub("", published).split())
    if published:
        metadata["published"] = published[:200]
    day = day_of(published)
    return replace(draft, **values, line=line, published_on=day, metadata=metadata, notes=tuple(notes))
