import io

import pytest

from annotations.formats.recognise import recognise
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats

READ = [each.name for each in formats.read()]


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("count", [1, 3])
def test_every_format_that_is_read_is_known_by_its_bytes(name, count):
    records = [Record(text="😀 Zarif came.", spans=(SpanRecord(2, 7, "PERSON"),), id=n) for n in range(count)]
    file = io.BytesIO()
    formats.get(name).write(records, file)
    file.seek(0)
    assert recognise(file) == name.replace("-tokens", "")
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"EU NNP I-NP I-ORG\nrejects VBZ I-VP O\n", "conll"),
        (b'{"id": 1, "text": "a", "entities": [], "relations": []}', "doccano"),
        (b'\xef\xbb\xbf[{"id": 1, "annotations": [], "data": {"text": "a"}}]', "label-studio"),
        (b'[{"id": 1, "data": {"text": "' + b"a" * 400_000 + b'"}}]', "label-studio"),
        (b"Plain text, no more.\n", None),
        (b"", None),
        (b"PK\x03\x04 damaged", None),
        (b"<html></html>", None),
        (b"\x89PNG\r\n", None),
    ],
)
def test_files_of_others(data, name):
    assert recognise(io.BytesIO(data)) == name
