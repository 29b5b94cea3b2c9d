import io
import zipfile

import pytest

from annotations.formats.detection import detect_format
from annotations.formats.records import Record, SpanRecord
from annotations.formats.registry import formats

READ = [each.name for each in formats.read() if each.writes]


@pytest.mark.parametrize("name", READ)
@pytest.mark.parametrize("count", [1, 3])
def test_every_format_that_is_read_is_known_by_its_bytes(name, count):
    records = [Record(text="😀 Zarif came.", spans=(SpanRecord(2, 7, "PERSON"),), id=n) for n in range(count)]
    file = io.BytesIO()
    formats.get(name).write(records, file)
    file.seek(0)
    assert detect_format(file) == name.replace("-tokens", "")
    assert file.tell() == 0


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (b"EU NNP I-NP I-ORG\nrejects VBZ I-VP O\n", "conll"),
        (b'{"id": 1, "text": "a", "entities": [], "relations": []}', "doccano"),
        (b'\xef\xbb\xbf[{"id": 1, "annotations": [], "data": {"text": "a"}}]', "label-studio"),
        (b'[{"id": 1, "data": {"text": "' + b"a" * 400_000 + b'"}}]', "label-studio"),
        (b"#\thttps://example.org/1\n1\tBern\tB-LOC\tO\n2\tist\tO\tO\n", "conll"),
        (b"# id 7f\tdomain=en\nlena _ _ B-PER\nleft _ _ O\n", "conll"),
        ("Bern B-LOC\rist O\r".encode("utf-16"), "conll"),
        (b"Rz MISC\n8. O\n\nBern CITY\n", "conll"),
        (b"Der DET\nHund NOUN\n", None),
        (b"One two.\nThree four.\n", None),
        (b'[{"id": 3, "text": "a", "label": [{"start": 0, "end": 1, "labels": ["A"]}]}]', "label-studio"),
        (b'{"id": 5, "result": [], "task": {"data": {"text": "a"}}}', "label-studio"),
        (b'[{"id": 1, "text": "a", "label": [[0, 1, "A"]]}]', "doccano"),
        (b'{"%TYPES": {}, "%FEATURE_STRUCTURES": []}', "cas-json"),
        (b"#FORMAT=WebAnno TSV 3.3\n", "webanno-tsv"),
        (b"Plain text, no more.\n", None),
        (b"", None),
        (b"PK\x03\x04 damaged", None),
        (b"<html></html>", None),
        (b"\x89PNG\r\n", None),
    ],
)
def test_files_of_others(data, name):
    assert detect_format(io.BytesIO(data)) == name


def packed(**members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/").replace("_", "."), content)
    file.seek(0)
    return file


def test_archives_are_known_by_their_members():
    doccano = b'{"id": 1, "text": "a", "label": []}\n'
    assert detect_format(packed(ana_jsonl=doccano, ben_jsonl=doccano)) == "doccano"
    assert (
        detect_format(packed(config_xml="<View/>", tasks__1_json=b'[{"id": 1, "data": {"text": "a"}}]'))
        == "label-studio"
    )
    inner = packed(ana_json=b'{"%TYPES": {}}').getvalue()
    assert detect_format(packed(exportedproject_json=b"{}", annotation__a_txt__ana_zip=inner)) == "cas-json"
    assert detect_format(packed(a_ann="", a_txt="")) == "brat"
    assert detect_format(packed(a_txt="words")) is None
