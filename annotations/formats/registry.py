"""All formats by name. spaCy and Arrow are imported only with the first text that needs them."""

from collections.abc import Iterator

from annotations.formats.brat import Brat
from annotations.formats.cas_xmi import CasXmi
from annotations.formats.conll import Conll
from annotations.formats.docbin import DocBinFormat
from annotations.formats.doccano import Doccano
from annotations.formats.inception import CasJson, WebAnnoTsv
from annotations.formats.jsonl import JsonLines, TokenLines
from annotations.formats.label_studio import LabelStudio
from annotations.formats.parquet import Parquet
from annotations.formats.protocol import Format
from annotations.formats.tei import Tei
from annotations.formats.web_annotation import WebAnnotation


class UnknownFormat(LookupError):
    """There is no such format. The message lists the known ones."""


class Registry:
    def __init__(self) -> None:
        self._formats: dict[str, Format] = {}

    def add(self, form: Format) -> None:
        """Register a format. Raises ValueError if its name is taken."""
        if form.name in self._formats:
            raise ValueError(f"there is already a format {form.name!r}: {type(self._formats[form.name]).__name__}")
        self._formats[form.name] = form

    def get(self, name: str) -> Format:
        if name not in self._formats:
            raise UnknownFormat(f"there is no format {name!r}: use one of {', '.join(self._formats)}")
        return self._formats[name]

    def __iter__(self) -> Iterator[Format]:
        return iter(self._formats.values())

    def written(self) -> list[Format]:
        return [each for each in self if each.writes]

    def read(self) -> list[Format]:
        return [each for each in self if each.reads]


formats = Registry()
for _format in (
    JsonLines(),
    TokenLines(),
    DocBinFormat(),
    Conll(),
    Doccano(),
    LabelStudio(),
    Brat(),
    WebAnnotation(),
    CasXmi(),
    CasJson(),
    WebAnnoTsv(),
    Parquet(),
    Tei(),
):
    formats.add(_format)
